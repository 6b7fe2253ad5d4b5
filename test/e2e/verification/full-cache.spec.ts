import { describe, expect, it } from '@jest/globals';
import { EndpointResolver } from '../../../lib/authorization-servers/endpoint-resolver.js';
import { AuthorizationServerHttp } from '../../../lib/http/authorization-server-http.js';
import { resolveOptions } from '../../../lib/options/resolve-options.js';
import { systemClock } from '../../../lib/time/clock.js';
import type { M2MTokenCacheOptions } from '../../../lib/options/resource-server-options.js';
import type {
  AccessTokenAuthenticator,
  AuthenticatedToken,
} from '../../../lib/resource-server/authentication/access-token-authenticator.js';
import { M2MTokenVerifier } from '../../../lib/resource-server/m2m-token-verifier.js';
import { VerifiedCaller } from '../../../lib/caller/verified-caller.js';
import { testAudience, testClientId, TestIssuer } from '../../support/issuer.js';
import { verificationApp } from './verification-app.js';

const optionsOf = (issuer: TestIssuer, cache: M2MTokenCacheOptions) => ({
  authorizationServer: issuer.authorizationServer,
  resourceServer: { audience: testAudience, cache },
});

describe('a full cache', () => {
  it('keeps its tokens when 2,000 are refused, and gives up the oldest for one that passes (claim 7.2)', async () => {
    await using issuer = await TestIssuer.start();
    await using app = await verificationApp(optionsOf(issuer, { maxTokens: 10 }));
    const verifier = app.get(M2MTokenVerifier);
    const key = await issuer.key('ES256');
    const good = Array.from({ length: 11 }, () => issuer.mintWith(key));
    const [eleventh = '', ...ten] = good;
    const callers = await Promise.all(ten.map((token) => verifier.verify(token)));

    const stranger = { ...(await issuer.addKey('ES256', { published: false })), kid: key.kid };
    const [header, payload] = ten[0]?.split('.') ?? [];
    const refusals = [
      (index: number) => `${header}.${payload}.${index.toString().padStart(86, '0')}`,
      () => issuer.mintWith(stranger),
      (index: number) => issuer.mintWith(key, {}, { kid: `unknown-${index}` }),
      () => issuer.mintWith(key, {}, { alg: 'none' }),
      () => issuer.mintWith(key, { exp: 1 }),
      () => issuer.mintWith(key, { aud: 'https://other.test' }),
      () => issuer.mintWith(key, { iss: 'https://other.test' }),
      () => issuer.mintWith(key, { nonce: 'n' }),
      () => issuer.mintWith(key, { sub: 'alice' }),
      (index: number) => `opaque-${index}`,
    ];
    const refused = Array.from({ length: 200 }, (_, index) => refusals.map((make) => make(index))).flat();
    expect(new Set(refused).size).toBe(2000);
    const outcomes = await Promise.allSettled(refused.map((token) => verifier.verify(token)));
    expect(outcomes.filter(({ status }) => status === 'fulfilled')).toEqual([]);

    expect(ten.filter((token, index) => verifier.remembered(token) !== callers[index])).toEqual([]);
    await verifier.verify(eleventh);
    expect(good.filter((token) => !verifier.remembered(token))).toEqual([ten[0]]);
  });

  it.each([
    ['10,000 short tokens unless it is told otherwise', 500, {}, 10_000],
    ['as many long tokens as have room', 15_000, { maxTokens: 1000 }, Math.floor((1000 * 2048) / (15_000 + 400))],
  ])('holds %s, however many of 100,000 pass', async (_what, payloadBytes, cache, held) => {
    await using issuer = await TestIssuer.start();
    const verifier = verifierOf(issuer, cache, acceptEverything('x'.repeat(payloadBytes)));

    const { maxTokens = 10_000 } = cache as M2MTokenCacheOptions;
    const most = { entries: 0, bytes: 0 };
    for (let index = 0; index < 100_000; index++) {
      await verifier.verify(`token-${index}`);
      const { entries, bytes } = contentsOf(verifier);
      most.entries = Math.max(most.entries, entries);
      most.bytes = Math.max(most.bytes, bytes);
    }
    expect(most.entries).toBe(held);
    expect(most.bytes).toBeLessThanOrEqual(maxTokens * 2048);
    expect(most.bytes).toBeGreaterThan(held * payloadBytes);
    expect(verifier.remembered(`token-${100_000 - held - 1}`)).toBeUndefined();
    expect(verifier.remembered(`token-${100_000 - held}`)).toBeDefined();
  });
});

/** Takes whatever comes for a token that passes: a hundred thousand signatures would take a minute. */
function acceptEverything(payload: string): AccessTokenAuthenticator {
  const read = { clientId: testClientId, scopes: [], audience: [], kind: 'machine' } as const;
  const rest = { acceptedUntil: Infinity, confirmation: undefined, jti: undefined, issuedAt: undefined };
  const authenticate = (): Promise<AuthenticatedToken> => {
    const caller = new VerifiedCaller('https://as.test', read, undefined, 0, payload);
    return Promise.resolve({ caller, ...rest, isStillValid: () => true });
  };
  return { accepts: () => true, authenticate, ready: () => Promise.resolve() };
}

function verifierOf(
  issuer: TestIssuer,
  cache: M2MTokenCacheOptions,
  authenticator: AccessTokenAuthenticator,
): M2MTokenVerifier {
  const http = new AuthorizationServerHttp({}, systemClock);
  const endpoints = new EndpointResolver((request) => http.request(request), systemClock);
  return new M2MTokenVerifier(resolveOptions(optionsOf(issuer, cache)), http, endpoints, systemClock, [authenticator]);
}

/** What the cache holds, as it counts it itself. */
function contentsOf(verifier: M2MTokenVerifier): { entries: number; bytes: number } {
  const { size, calculatedSize } = verifier['cache']?.['tokens'] ?? { size: NaN, calculatedSize: NaN };
  return { entries: size, bytes: calculatedSize };
}
