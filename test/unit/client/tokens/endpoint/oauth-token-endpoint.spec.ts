import { describe, expect, it } from '@jest/globals';
import { EndpointResolver } from '../../../../../lib/authorization-servers/endpoint-resolver.js';
import { authenticatorOf } from '../../../../../lib/client-authentication/client-authenticators.js';
import { fingerprint } from '../../../../../lib/client-authentication/credential-callback.js';
import { OAuthTokenEndpoint } from '../../../../../lib/client/tokens/endpoint/oauth-token-endpoint.js';
import type { TokenRequestFailure } from '../../../../../lib/client/tokens/endpoint/token-request-failure.js';
import { clientCredentials } from '../../../../../lib/client/tokens/grants/client-credentials.grant.js';
import type { M2MNamedClientOptions } from '../../../../../lib/options/client-options.js';
import { TestClock } from '../../../../../lib/testing/test-clock.js';
import { asking } from '../../../../support/client-token-manager.js';
import { resolvedClient } from '../../../../support/resolved-client.js';
import { failureOf } from '../../../../support/scripted-token-endpoint.js';
import { granted, passing, refused, ScriptedUpstream, type Step } from '../../../../support/scripted-upstream.js';

const tokenEndpoint = 'https://id.example.com/token';
const authorizationServer = { issuer: 'https://id.example.com', tokenEndpoint };

function endpointOf(answer: Step, options: Partial<M2MNamedClientOptions> = {}) {
  const clock = new TestClock();
  const upstream = new ScriptedUpstream(clock, () => answer);
  const client = resolvedClient({ authorizationServer, clientSecret: 'secret', ...options });
  const endpoints = new EndpointResolver((request) => upstream.request(request), clock);
  const dependencies = { http: upstream, endpoints, clock };
  const endpoint = new OAuthTokenEndpoint(client, authenticatorOf(client.clientAuthentication), dependencies);
  const grant = clientCredentials(client.authorizationServer, asking({ audience: 'a' }));
  const request = (timeout = 1000) => endpoint.request(grant, { timeout });
  return { clock, upstream, endpoint, request };
}

describe('OAuthTokenEndpoint', () => {
  it('issues a token whose lifetime begins when the request is sent', async () => {
    const { clock, upstream, request } = endpointOf(
      { ...granted('t'), delay: 300 },
      { clientSecret: () => new Promise((resolve) => clock.after(200, () => resolve('secret'))) },
    );
    expect(await passing(clock, request())).toMatchObject({
      value: { value: 't', lifetime: 60_000, requestedAt: { monotonic: 200 } },
    });
    expect(Object.fromEntries(upstream.requests[0]?.body ?? [])).toEqual({
      grant_type: 'client_credentials',
      audience: 'a',
    });
  });

  it.each<[string, Step, Partial<TokenRequestFailure>]>([
    ['a refusal', refused(400, 'invalid_scope'), { failureClass: 'refused', retryAfter: undefined }],
    ['a refused secret', refused(401, 'invalid_client'), { failureClass: 'credentials' }],
    ['a 429', refused(429, 'slow_down', { 'retry-after': '3' }), { failureClass: 'throttled', retryAfter: 3 }],
    ['a broken connection', { broken: true }, { failureClass: 'transient' }],
    ['an answer without a token', { body: {} }, { failureClass: 'unclear' }],
    ['a refusal with status 200', { body: { error: 'invalid_scope' } }, { failureClass: 'refused' }],
  ])('classifies %s, which says that the request was sent, and with which secret', async (_name, answer, expected) => {
    const failure = await failureOf<TokenRequestFailure>(endpointOf(answer).request());
    expect(failure).toMatchObject({ ...expected, sent: true, credential: fingerprint('secret') });
  });

  it.each<[string, Partial<M2MNamedClientOptions>, number, Partial<TokenRequestFailure>]>([
    [
      'a secret that cannot be read',
      { clientSecret: () => Promise.reject(new Error('vault')) },
      1000,
      { failureClass: 'no-credential' },
    ],
    ['a secret that is none', { clientSecret: () => '' }, 1000, { failureClass: 'local' }],
    [
      'metadata that is none',
      { authorizationServer: { issuer: 'https://id.example.com' } },
      1000,
      { failureClass: 'refused' },
    ],
    ['a deadline that is over', {}, 0, { failureClass: 'no-credential' }],
  ])('says that no request was sent because of %s', async (_name, options, timeout, expected) => {
    const { request } = endpointOf(granted('t'), options);
    expect(await failureOf(request(timeout))).toMatchObject({ ...expected, sent: false });
  });

  it('has a new credential when its secret function returns another one', async () => {
    let secret = 'old';
    const { endpoint, request } = endpointOf(granted('t'), { clientSecret: () => secret });
    await request();
    secret = 'new';
    expect(endpoint.credential?.isCached).toBe(true);
    expect(await endpoint.credential?.changedSince(fingerprint('old'), 1000)).toBe(true);
  });

  it('keeps the quota that the server said last', async () => {
    const headers = { 'auth0-client-quota-limit': 'b=per_hour;q=10;r=7;t=3540' };
    const { endpoint, request } = endpointOf({ ...granted('t'), headers });
    expect(endpoint.quota).toEqual([]);
    await request();
    expect(endpoint.quota).toEqual([{ period: 'per_hour', limit: 10, remaining: 7, resetsIn: 3_540_000 }]);
  });
});
