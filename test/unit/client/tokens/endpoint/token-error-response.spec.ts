import { describe, expect, it } from '@jest/globals';
import type { TokenRequestError } from '../../../../../lib/errors/token-request.error.js';
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
        'invalid_client: bad secret. The client "orders" authenticated with client_secret_basic. ' +
        'Check clientId, clientSecret and clientAuthentication.',
    );
  });

  it.each([
    ['30', 30],
    ['0', 0],
    ['9'.repeat(400), 2 ** 31],
    ['Sat, 21 Nov 2026 10:01:30 GMT', 90],
    ['Saturday, 21-Nov-26 10:01:30 GMT', 90],
    ['Sat Nov 21 10:01:30 2026', 90],
    ['Sat, 21 Nov 2026 09:00:00 GMT', 0],
    ['Fri, 31 Dec 9999 23:59:59 GMT', 2 ** 31],
    ['Sat, 77 Nov 2026 10:01:30 GMT', undefined],
    ['2026-11-21T10:01:30Z', undefined],
    ['-1', undefined],
    ['1e9', undefined],
    ['1.5', undefined],
    ['30, 60', undefined],
  ])('carries Retry-After: %s', async (retryAfter, seconds) => {
    for (const name of ['retry-after', 'x-retry-after']) {
      endpoint.answer = (_request, response) =>
        json(response, 429, {}, { date: 'Sat, 21 Nov 2026 10:00:00 GMT', [name]: retryAfter });
      expect(await failureOf(endpoint.manager().manager.getAccessToken(asking()))).toHaveProperty(
        'retryAfter',
        seconds,
      );
    }
  });

  it('carries a date in Retry-After as seconds from now where the server does not say what time it is', async () => {
    endpoint.answer = (_request, response) => {
      response.sendDate = false;
      json(response, 503, {}, { 'retry-after': new Date(Date.now() + 3_600_000).toUTCString() });
    };
    const { retryAfter } = await failureOf<TokenRequestError>(endpoint.manager().manager.getAccessToken(asking()));
    expect(retryAfter).toBeGreaterThan(3500);
    expect(retryAfter).toBeLessThanOrEqual(3600);
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
