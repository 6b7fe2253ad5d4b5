import { describe, expect, it } from '@jest/globals';
import { TestClock } from '../../../lib/testing/test-clock.js';
import { asking } from '../../support/client-token-manager.js';
import { json } from '../../support/http-server.js';
import { failureOf, ScriptedTokenEndpoint } from '../../support/scripted-token-endpoint.js';

const endpoint = new ScriptedTokenEndpoint();

describe('a secret that was rotated', () => {
  it.each<[string, number, object | undefined]>([
    [
      'Keycloak',
      401,
      { error: 'unauthorized_client', error_description: 'Invalid client or Invalid client credentials' },
    ],
    [
      'Keycloak with client_secret_jwt',
      400,
      {
        error: 'unauthorized_client',
        error_description: 'Client authentication with client secret signed JWT failed: Signature on JWT token failed',
      },
    ],
    ['Spring Authorization Server', 401, undefined],
    ['glewlwyd', 403, undefined],
    ['Auth0', 401, { error: 'access_denied', error_description: 'Unauthorized' }],
    ['Logto', 400, { error: 'invalid_request', error_description: 'client secret has expired' }],
  ])('is picked up with oidc(), as %s refuses the old one', async (_name, status, body) => {
    const clock = new TestClock();
    let secret = 'old';
    endpoint.answer = ({ headers }, response) => {
      if (headers.authorization === `Basic ${btoa('orders:new')}`) json(response, 200, { access_token: 'token' });
      else response.writeHead(status).end(body && JSON.stringify(body));
    };
    const { manager } = endpoint.manager({ clientSecret: () => secret }, clock);
    expect((await failureOf(manager.getAccessToken(asking()))).message).toContain('Check clientId, clientSecret');
    secret = 'new';
    // The function has just been called.
    await clock.advance(5000);
    expect(await manager.getAccessToken(asking())).toMatchObject({ value: 'token' });
  });

  it('is picked up if the old one is a word of the error', async () => {
    const clock = new TestClock();
    let secret = 'client';
    endpoint.answer = ({ headers }, response) => {
      if (headers.authorization === `Basic ${btoa('orders:new')}`) json(response, 200, { access_token: 'token' });
      else json(response, 400, { error: 'invalid_client', error_description: 'unknown client' });
    };
    const { manager } = endpoint.manager({ clientSecret: () => secret }, clock);
    expect(await failureOf(manager.getAccessToken(asking()))).toMatchObject({
      error: 'invalid_client',
      errorDescription: 'unknown [redacted]',
    });
    secret = 'new';
    // The function has just been called.
    await clock.advance(5000);
    expect(await manager.getAccessToken(asking())).toMatchObject({ value: 'token' });
  });
});

describe('the description of an error', () => {
  it('is shown in its own script, quoted', async () => {
    endpoint.answer = (_request, response) =>
      json(response, 400, { error: 'invalid_scope', error_description: 'Scope "читать" 无效\u202e\u2028!' });
    const error = await failureOf(endpoint.manager().manager.getAccessToken(asking()));
    expect(error).toMatchObject({ errorDescription: 'Scope читать 无效 !' });
    expect(error.message).toContain('invalid_scope: "Scope читать 无效 !".');
  });

  it('of half a megabyte is cut', async () => {
    endpoint.answer = (_request, response) =>
      json(response, 400, {
        error: 'invalid_scope',
        error_description: 'x%41'.repeat(120_000),
        message: 'y'.repeat(9),
      });
    const error = await failureOf(endpoint.manager().manager.getAccessToken(asking()));
    expect(error).toMatchObject({ errorDescription: `${'x%41'.repeat(125)}...`, details: undefined });
  });
});
