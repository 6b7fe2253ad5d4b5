import { describe, expect, it } from '@jest/globals';
import { asking } from '../../../../support/client-token-manager.js';
import { json } from '../../../../support/http-server.js';
import { failureOf, ScriptedTokenEndpoint } from '../../../../support/scripted-token-endpoint.js';

const endpoint = new ScriptedTokenEndpoint();

describe('a refusal', () => {
  it.each([
    [
      'an OAuth error',
      400,
      { error: 'invalid_scope', error_description: 'no such scope' },
      { error: 'invalid_scope', errorDescription: 'no such scope' },
    ],
    [
      'an OAuth error with status 200',
      200,
      { error: 'invalid_client' },
      { error: 'invalid_client', errorDescription: undefined },
    ],
    ['an OAuth error with status 503', 503, { error: 'temporarily_unavailable' }, { error: 'temporarily_unavailable' }],
    [
      'a vendor’s shape',
      429,
      { code: 'quota', message: 'too many' },
      { error: 'http_429', errorDescription: 'too many', details: { code: 'quota', message: 'too many' } },
    ],
    [
      'a vendor’s extras',
      400,
      { error: 'invalid_request', error_codes: [7, 'x'], trace_id: 't', secret: 'x', code: 5 },
      { details: { error_codes: [7], trace_id: 't', code: 5 } },
    ],
    ['an error that is empty without its quotes', 400, { error: '""' }, { error: 'http_400' }],
    ['HTML', 502, '<html>', { error: 'http_502' }],
    ['a list', 400, [], { error: 'http_400' }],
    ['nothing', 403, undefined, { error: 'http_403' }],
  ])('is read from %s', async (_name, status, body, expected) => {
    endpoint.answer = (_request, response) =>
      response
        .writeHead(status, { 'content-type': 'text/plain', 'www-authenticate': 'Basic realm="x"' })
        .end(typeof body === 'string' ? body : JSON.stringify(body));
    const error = await failureOf(endpoint.manager().manager.getAccessToken(asking()));
    expect(error).toMatchObject({ code: 'ERR_M2M_TOKEN_REQUEST', upstreamStatus: status, ...expected });
  });

  it('says who asked whom for what, and what to look at', async () => {
    endpoint.answer = (_request, response) =>
      json(response, 401, { error: 'invalid_client', error_description: 'bad secret' });
    const error = await failureOf(
      endpoint.manager().manager.getAccessToken(asking({ audience: 'https://shop', scope: 'a b' })),
    );
    expect(error.message).toBe(
      'OpenID Connect (https://id.example.com) refused a token for audience https://shop, scope a b with status 401, ' +
        'invalid_client: "bad secret". The client "orders" authenticated with client_secret_basic. ' +
        'Check clientId, clientSecret and clientAuthentication.',
    );
  });

  it('adds no advice to an error that it does not know, whatever its name is', async () => {
    endpoint.answer = (_request, response) => json(response, 400, { error: 'constructor' });
    const { message } = await failureOf(endpoint.manager().manager.getAccessToken(asking()));
    expect(message).toMatch(/constructor\. The client "orders" authenticated with client_secret_basic\.$/);
  });

  it('carries Retry-After in seconds', async () => {
    endpoint.answer = (_request, response) => json(response, 429, {}, { 'retry-after': '30' });
    expect(await failureOf(endpoint.manager().manager.getAccessToken(asking()))).toHaveProperty('retryAfter', 30);
  });

  it('keeps few of many codes', async () => {
    const codes = Array.from({ length: 10_000 }, (_item, index) => index);
    endpoint.answer = (_request, response) => json(response, 400, { error: 'invalid_request', error_codes: codes });
    expect(await failureOf(endpoint.manager().manager.getAccessToken(asking()))).toMatchObject({
      details: { error_codes: codes.slice(0, 10) },
    });
  });

  it('reaches all who wait, and is not kept', async () => {
    endpoint.answer = (_request, response) => json(response, 400, { error: 'invalid_request' });
    const { manager, events } = endpoint.manager();
    const results = await Promise.allSettled(Array.from({ length: 10 }, () => manager.getAccessToken(asking())));
    expect(results.every(({ status }) => status === 'rejected')).toBe(true);
    expect(endpoint.count).toBe(1);
    expect(events).toMatchObject([{ type: 'request-failed', error: { error: 'invalid_request' } }]);
  });
});
