import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { KeysUnavailableError, KeysUnavailableEvent } from '../../../lib/index.js';
import type { M2MModuleOptions } from '../../../lib/options/module-options.js';
import type { M2MResourceServerOptions, TrustedIssuer } from '../../../lib/options/resource-server-options.js';
import { M2MTokenVerifier } from '../../../lib/resource-server/m2m-token-verifier.js';
import { TestClock } from '../../../lib/testing/test-clock.js';
import { json, TestHttpServer } from '../../support/http-server.js';
import { testAudience, TestIssuer } from '../../support/issuer.js';
import { until } from '../../support/until.js';
import { verificationApp } from './verification-app.js';

const TENANT = 'https://idp.test/tenant-7';
const MINUTE = 60_000;

type Answer = TrustedIssuer | undefined;

let keys: TestIssuer;
let primary: TestIssuer;
beforeAll(async () => {
  [keys, primary] = await Promise.all([TestIssuer.start(), TestIssuer.start()]);
});
afterAll(() => Promise.all([keys.stop(), primary.stop()]));

/** What a function answers for a tenant. */
function tenant(issuer = TENANT, others: Partial<TrustedIssuer> = {}): TrustedIssuer {
  const authorizationServer = { issuer, jwksUri: keys.jwksUri };
  return {
    authorizationServer,
    audience: testAudience,
    scopes: ['read:products'],
    tenant: 'tenant-7',
    ...others,
  } as TrustedIssuer;
}

/** A verifier whose issuers are found by a function, on a clock of the test's. */
async function start(
  answer: (issuer: string) => unknown = (issuer) => (issuer === TENANT ? tenant() : undefined),
  {
    resourceServer,
    ...options
  }: Partial<M2MModuleOptions> & { resourceServer?: Partial<M2MResourceServerOptions> } = {},
) {
  const clock = new TestClock();
  const asked: string[] = [];
  const state = { answer };
  const resolve = (issuer: string) => {
    asked.push(issuer);
    return state.answer(issuer) as Answer;
  };
  const trust = [{ resolve, allowedHosts: ['127.0.0.1'] }];
  const app = await verificationApp({ ...options, resourceServer: { ...resourceServer, trust } }, clock);
  const verifier = app.get(M2MTokenVerifier);
  const mint = (claims = {}, header = {}): Promise<string> => {
    const now = Math.floor(clock.wall() / 1000);
    return keys.mint({ iss: TENANT, iat: now, exp: now + 3600, ...claims }, header);
  };
  const verify = async (claims = {}, header = {}) => verifier.verify(await mint(claims, header));
  return { verifier, clock, asked, state, mint, verify, [Symbol.asyncDispose]: () => app.close() };
}

describe('trust.resolve (claim 3.10)', () => {
  it('gives the issuer of a tenant, and its callers the tenant', async () => {
    await using api = await start();
    await expect(api.verify({ scope: 'admin read:products' })).resolves.toMatchObject({
      issuer: TENANT,
      tenant: 'tenant-7',
      scopes: ['read:products'],
    });
    await api.verify();
    expect(api.asked).toEqual([TENANT]);
  });

  it('gives an issuer by another of its names', async () => {
    const authorizationServer = { issuer: TENANT, acceptedIssuers: ['https://sts.test/7'], jwksUri: keys.jwksUri };
    await using api = await start(() => tenant(TENANT, { authorizationServer }));
    await expect(api.verify({ iss: 'https://sts.test/7' })).resolves.toMatchObject({ issuer: TENANT });
    expect(api.asked).toEqual(['https://sts.test/7']);
  });

  it('is asked once for 1,000 new tokens of one new tenant, whose keys are fetched once', async () => {
    await using api = await start(async () => {
      await new Promise((resolve) => setImmediate(resolve));
      return tenant();
    });
    const before = keys.keySetRequests;
    const tokens = await Promise.all(Array.from({ length: 1000 }, () => api.mint()));
    const callers = await Promise.all(tokens.map((token) => api.verifier.verify(token)));
    expect(callers.every((caller) => caller.tenant === 'tenant-7')).toBe(true);
    expect([api.asked, keys.keySetRequests - before]).toEqual([[TENANT], 1]);
  });

  it('is not asked for an issuer of the options', async () => {
    await using api = await start(() => tenant(primary.issuer), {
      authorizationServer: primary.authorizationServer,
      resourceServer: { audience: testAudience },
    });
    const now = Math.floor(api.clock.wall() / 1000);
    const token = await primary.mint({ iat: now, exp: now + 60 });
    await expect(api.verifier.verify(token)).resolves.toMatchObject({ issuer: primary.issuer, tenant: undefined });
    expect(api.asked).toEqual([]);
  });

  it('is said to have been asked, or not', async () => {
    await using api = await start(() => undefined);
    await expect(api.verify()).rejects.toThrow('; trust.resolve does not know it');
    await expect(api.verify({ iss: 'http://127.0.0.1:1/shop' })).rejects.toThrow(
      'trust.resolve was not asked: it is for HTTPS URLs in normal form',
    );
  });

  it.each([
    ['plain HTTP', { iss: 'http://idp.test/tenant-7' }, 'issuer'],
    ['no normal form', { iss: 'https://IDP.test/tenant-7' }, 'issuer'],
    ['user information', { iss: 'https://x@idp.test/tenant-7' }, 'issuer'],
    ['no issuer', { iss: undefined }, 'issuer'],
    ['an expired token', { exp: 1 }, 'expired'],
    ['a token of the future', { nbf: 9_999_999_999 }, 'not-yet-valid'],
    ['an ID token', { nonce: 'n' }, 'not-an-access-token'],
    ['a token that is too old', { iat: 1 }, 'too-old'],
    ['a token for others', { aud: 'https://other.test' }, 'audience'],
  ])('is not asked for %s', async (_what, claims, reason) => {
    await using api = await start(undefined, { resourceServer: { audience: testAudience, maxTokenAge: MINUTE } });
    await expect(api.verify(claims)).rejects.toMatchObject({ reason });
    expect(api.asked).toEqual([]);
    await expect(api.verify()).resolves.toMatchObject({ tenant: 'tenant-7' });
  });

  it.each([
    ['its algorithm', { alg: 'HS256' }, 'algorithm'],
    ['its type', { typ: 'logout+jwt' }, 'type'],
    ['a critical header', { crit: ['x'] }, 'critical-header'],
  ])('is not asked for a token that is refused for %s', async (_what, header, reason) => {
    await using api = await start();
    await expect(api.verify({}, header)).rejects.toMatchObject({ reason });
    expect(api.asked).toEqual([]);
  });

  it.each([
    [
      'throws',
      () => {
        throw new RangeError('s3cret');
      },
      'failed with RangeError',
    ],
    ['rejects', () => Promise.reject(new TypeError('s3cret')), 'failed with TypeError'],
    [
      'answers another issuer',
      () => tenant('https://idp.test/tenant-8'),
      'returned ["https://idp.test/tenant-8"], another issuer than it was asked for',
    ],
    ['answers the issuer with a slash', () => tenant(`${TENANT}/`), `returned ["${TENANT}/"], another issuer than`],
    [
      'answers an issuer of the options',
      () =>
        tenant(TENANT, {
          authorizationServer: { issuer: TENANT, acceptedIssuers: [TENANT, primary.issuer], jwksUri: keys.jwksUri },
        }),
      'returned an issuer that stands in the options',
    ],
    ['answers half an issuer', () => ({ ...tenant(), audience: undefined }), 'trust.resolve().audience is missing'],
    ['answers a text', () => TENANT, 'trust.resolve() is a string'],
    [
      'answers further headers',
      () => tenant(TENANT, { authorizationServer: { issuer: TENANT, requestHeaders: () => ({ a: 's3cret' }) } }),
      'gets no further headers',
    ],
    [
      'answers with a getter that throws',
      () => ({
        ...tenant(),
        get tenant() {
          throw new RangeError('s3cret');
        },
      }),
      'failed with RangeError',
    ],
  ])('that %s is a failure, and no miss', async (_what, answer, message) => {
    await using api = await start(answer, {
      authorizationServer: primary.authorizationServer,
      resourceServer: { audience: testAudience },
    });
    const events: KeysUnavailableEvent[] = [];
    api.verifier.events$.subscribe((event) => event.type === 'keys-unavailable' && events.push(event));
    const error: unknown = await api.verify().catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({
      code: 'ERR_M2M_KEYS_UNAVAILABLE',
      retryAfter: 1,
      cause: { code: 'ERR_M2M_CALLBACK' },
    });
    expect((error as Error).message).toContain(message);
    expect(JSON.stringify([error, String(error), String((error as Error).cause)])).not.toContain('s3cret');
    expect(events).toEqual([{ type: 'keys-unavailable', error }]);
    api.state.answer = () => tenant();
    await expect(api.verify()).resolves.toMatchObject({ tenant: 'tenant-7' });
  });

  it('that hangs is a failure after two seconds, and its late answer counts for nothing', async () => {
    const answers: ((answer: Answer) => void)[] = [];
    await using api = await start(() => new Promise<Answer>((resolve) => answers.push(resolve)));
    const hanging = api.verify().catch((error: unknown) => error);
    await until(() => api.asked.length === 1);
    await api.clock.advance(2000);
    expect(await hanging).toMatchObject({ cause: { message: expect.stringContaining('did not answer in 2000 ms') } });
    api.state.answer = () => undefined;
    await expect(api.verify()).rejects.toMatchObject({ reason: 'issuer' });
    answers[0]?.(tenant());
    await api.clock.advance(1000);
    await expect(api.verify()).rejects.toMatchObject({ reason: 'issuer' });
    expect(api.asked).toHaveLength(2);
  });

  it('is asked again for a miss after 30 s', async () => {
    await using api = await start(() => undefined);
    await expect(api.verify()).rejects.toMatchObject({ reason: 'issuer' });
    api.state.answer = () => tenant();
    await api.clock.advance(29_999);
    await expect(api.verify()).rejects.toMatchObject({ reason: 'issuer' });
    await api.clock.advance(1);
    await expect(api.verify()).resolves.toMatchObject({ tenant: 'tenant-7' });
  });

  it('is asked again after a minute, while the old answer counts', async () => {
    await using api = await start();
    await api.verify();
    const answers: ((answer: Answer) => void)[] = [];
    api.state.answer = () => new Promise<Answer>((resolve) => answers.push(resolve));
    await api.clock.advance(MINUTE);
    await expect(api.verify()).resolves.toMatchObject({ tenant: 'tenant-7' });
    expect(api.asked).toHaveLength(2);
    answers[0]?.(tenant(TENANT, { tenant: 'renamed' }));
    await api.clock.advance(0);
    await expect(api.verify()).resolves.toMatchObject({ tenant: 'renamed' });
  });

  it('that says no after yes ends the tokens that passed before, and a token that is being verified', async () => {
    await using api = await start();
    const token = await api.mint();
    await api.verifier.verify(token);
    api.state.answer = () => undefined;
    await api.clock.advance(MINUTE);
    // The old answer counts once more, and has the function asked.
    await expect(api.verifier.verify(token)).resolves.toMatchObject({ tenant: 'tenant-7' });
    await api.clock.advance(0);
    await expect(api.verifier.verify(token)).rejects.toMatchObject({ reason: 'issuer' });
    expect(() => api.verifier.remembered(token)).not.toThrow();
    expect(api.verifier.remembered(token)).toBeUndefined();
  });

  it('that says no while the keys of its issuer are fetched lets nobody in', async () => {
    await using api = await start();
    const held: (() => void)[] = [];
    const keySet = { keys: [(await keys.key()).jwk] };
    keys.breakKeySet((response) => void held.push(() => json(response, 200, keySet)));
    const pending = api.verify().catch((error: unknown) => error);
    await until(() => held.length === 1);
    api.state.answer = () => undefined;
    api.verifier.forgetIssuer(TENANT);
    held[0]?.();
    keys.heal();
    expect(await pending).toMatchObject({ reason: 'issuer' });
  });

  it('is asked first after two minutes without a token, and the answer before counts only if that fails', async () => {
    await using api = await start();
    const token = await api.mint();
    await api.verifier.verify(token);
    api.state.answer = () => undefined;
    await api.clock.advance(2 * MINUTE);
    await expect(api.verifier.verify(token)).rejects.toMatchObject({ reason: 'issuer' });
    api.state.answer = () => tenant();
    api.verifier.forgetIssuer(TENANT);
    await api.verifier.verify(token);
    api.state.answer = () => Promise.reject(new Error('down'));
    await api.clock.advance(2 * MINUTE);
    await expect(api.verifier.verify(token)).resolves.toMatchObject({ tenant: 'tenant-7' });
    await api.clock.advance(3 * MINUTE);
    await expect(api.verifier.verify(token)).rejects.toMatchObject({ code: 'ERR_M2M_KEYS_UNAVAILABLE' });
  });

  it('that says no for one name of an issuer ends the tokens of its other names', async () => {
    const other = 'https://sts.test/7';
    const authorizationServer = { issuer: TENANT, acceptedIssuers: [other], jwksUri: keys.jwksUri };
    await using api = await start(() => tenant(TENANT, { authorizationServer }));
    const token = await api.mint();
    await api.verifier.verify(token);
    await api.clock.advance(MINUTE / 2);
    await api.verify({ iss: other });
    api.state.answer = () => undefined;
    await api.clock.advance(MINUTE / 2);
    await api.verifier.verify(token);
    await api.clock.advance(0);
    await expect(api.verify({ iss: other })).rejects.toMatchObject({ reason: 'issuer' });
  });

  it('makes what it answers count at once, also for tokens that passed before', async () => {
    await using api = await start();
    const token = await api.mint({ scope: 'read:products' });
    await api.verifier.verify(token);
    api.state.answer = () => tenant(TENANT, { scopes: [] });
    const before = keys.keySetRequests;
    await api.clock.advance(MINUTE);
    await api.verifier.verify(token);
    await api.clock.advance(0);
    await expect(api.verifier.verify(token)).resolves.toMatchObject({ scopes: [] });
    expect(keys.keySetRequests).toBe(before);
  });

  it('answers keys as a function, and the last one is asked', async () => {
    const jwk = (await keys.key()).jwk as { kty: string };
    const calls: number[] = [];
    const keysOf = (number: number) => () => {
      calls.push(number);
      return { keys: [jwk] };
    };
    const answer = (number: number) => () =>
      tenant(TENANT, { authorizationServer: { issuer: TENANT, jwks: keysOf(number) } });
    await using api = await start(answer(1));
    await api.verify();
    api.state.answer = answer(2);
    await api.clock.advance(MINUTE);
    await api.verify();
    await api.clock.advance(0);
    await api.verify();
    expect(calls).toEqual([1]);
    await api.verifier.refreshKeys(TENANT);
    expect(calls).toEqual([1, 2]);
  });

  it('may fail for five minutes, and then its issuers are unavailable until it is over', async () => {
    await using api = await start();
    const failures: string[] = [];
    api.verifier.events$.subscribe((event) => event.type === 'issuer-lookup-failed' && failures.push(event.issuer));
    const token = await api.mint();
    await api.verifier.verify(token);
    api.state.answer = () => Promise.reject(new Error('down'));
    for (let minute = 1; minute < 5; minute += 1) {
      await api.clock.advance(MINUTE);
      await expect(api.verifier.verify(token)).resolves.toMatchObject({ tenant: 'tenant-7' });
      await api.clock.advance(0);
    }
    expect(failures).toEqual([TENANT]);
    await api.clock.advance(MINUTE);
    await expect(api.verifier.verify(token)).rejects.toMatchObject({ code: 'ERR_M2M_KEYS_UNAVAILABLE' });
    const calls = api.asked.length;
    await expect(api.verifier.verify(token)).rejects.toMatchObject({ code: 'ERR_M2M_KEYS_UNAVAILABLE' });
    expect(api.asked).toHaveLength(calls);
    api.state.answer = () => tenant();
    await api.clock.advance(1000);
    await expect(api.verifier.verify(token)).resolves.toMatchObject({ tenant: 'tenant-7' });
  });

  it('finds servers whose keys are on no private address, unless that is allowed', async () => {
    await using api = await start(() =>
      tenant(TENANT, { authorizationServer: { issuer: TENANT, jwksUri: 'https://10.0.0.1/jwks' } }),
    );
    await expect(api.verify()).rejects.toThrow('has an address that is not public');
  });

  it('finds servers whose metadata is asked for at no private address', async () => {
    const issuer = 'https://localhost:1/tenant';
    await using api = await start(() => tenant(issuer, { authorizationServer: { issuer } }));
    await expect(api.verify({ iss: issuer })).rejects.toThrow('leads to an address that is not public');
  });

  it('finds servers whose metadata names a URL that no message shows as a whole', async () => {
    const metadata = { issuer: TENANT, jwks_uri: `https://10.0.0.1/${'a'.repeat(400_000)}` };
    await using server = await TestHttpServer.start((_request, response) => json(response, 200, metadata));
    const authorizationServer = { issuer: TENANT, metadataUrl: `${server.url}/metadata` };
    await using api = await start(() => tenant(TENANT, { authorizationServer }));
    const error = (await api.verify().catch((thrown: unknown) => thrown)) as KeysUnavailableError;
    expect(error.message).toContain('has an address that is not public');
    expect((error.cause as Error).message.length).toBeLessThan(1000);
  });

  it('is no reason to let tokens of one tenant pass for those of another', async () => {
    const other = 'https://idp.test/tenant-8';
    await using api = await start((issuer) =>
      issuer === TENANT
        ? tenant()
        : tenant(other, { tenant: 'tenant-8', authorizationServer: { issuer: other, jwksUri: primary.jwksUri } }),
    );
    await expect(api.verify()).resolves.toMatchObject({ tenant: 'tenant-7' });
    await expect(api.verify({ iss: other })).rejects.toMatchObject({
      reason: expect.stringMatching(/^(?:key|signature)$/),
    });
  });
});

describe('M2MTokenVerifier.forgetIssuer (claim 3.10)', () => {
  it('has the function asked again at once, and drops keys and tokens', async () => {
    await using api = await start();
    const token = await api.mint();
    await api.verifier.verify(token);
    const before = keys.keySetRequests;
    api.verifier.forgetIssuer(TENANT);
    await api.verifier.verify(token);
    expect([api.asked.length, keys.keySetRequests - before]).toEqual([2, 1]);
  });

  it('ends a miss', async () => {
    await using api = await start(() => undefined);
    await expect(api.verify()).rejects.toMatchObject({ reason: 'issuer' });
    api.state.answer = () => tenant();
    api.verifier.forgetIssuer(TENANT);
    await expect(api.verify()).resolves.toMatchObject({ tenant: 'tenant-7' });
  });

  it('keeps an answer that is on its way from counting', async () => {
    const answers: ((answer: Answer) => void)[] = [];
    await using api = await start(() => new Promise<Answer>((resolve) => answers.push(resolve)));
    const first = api.verify();
    await until(() => answers.length === 1);
    api.verifier.forgetIssuer(TENANT);
    const second = api.verify();
    await until(() => answers.length === 2);
    answers[1]?.(tenant(TENANT, { tenant: 'newer' }));
    await expect(second).resolves.toMatchObject({ tenant: 'newer' });
    answers[0]?.(tenant(TENANT, { tenant: 'older' }));
    await expect(first).resolves.toMatchObject({ tenant: 'newer' });
    await expect(api.verify()).resolves.toMatchObject({ tenant: 'newer' });
  });

  it('keeps an answer that is on its way from counting by another of its names', async () => {
    const other = 'https://sts.test/7';
    const answers: ((answer: Answer) => void)[] = [];
    await using api = await start(() => new Promise<Answer>((resolve) => answers.push(resolve)));
    const pending = api.verify({ iss: other }).catch((error: unknown) => error);
    await until(() => answers.length === 1);
    api.verifier.forgetIssuer(TENANT);
    api.state.answer = () => undefined;
    answers[0]?.(
      tenant(TENANT, { authorizationServer: { issuer: TENANT, acceptedIssuers: [other], jwks: undefined } }),
    );
    expect(await pending).toMatchObject({ reason: 'issuer' });
    expect(api.asked).toEqual([other, other]);
  });

  it('has no keys fetched for the tokens that passed before', async () => {
    await using api = await start(undefined, {
      resourceServer: { audience: testAudience, keySet: { maxAge: 10_000 } },
    });
    const token = await api.mint();
    await api.verifier.verify(token);
    const before = keys.keySetRequests;
    api.verifier.forgetIssuer(TENANT);
    // So long that they would be renewed.
    await api.clock.advance(9000);
    expect(api.verifier.remembered(token)).toBeUndefined();
    await api.clock.advance(0);
    expect(keys.keySetRequests).toBe(before);
  });

  it('forgets an issuer by any of its names', async () => {
    const authorizationServer = { issuer: TENANT, acceptedIssuers: ['https://sts.test/7'], jwksUri: keys.jwksUri };
    await using api = await start(() => tenant(TENANT, { authorizationServer }));
    await api.verify({ iss: 'https://sts.test/7' });
    api.verifier.forgetIssuer(TENANT);
    await api.verify({ iss: 'https://sts.test/7' });
    expect(api.asked).toHaveLength(2);
  });
});

describe('M2MTokenVerifier.refreshKeys', () => {
  const both = {
    resourceServer: { audience: testAudience },
    get authorizationServer() {
      return primary.authorizationServer;
    },
  };

  it('fetches the keys of one issuer, or of all', async () => {
    await using api = await start(undefined, both);
    await api.verify();
    await api.verifier.refreshKeys(primary.issuer);
    const before = [keys.keySetRequests, primary.keySetRequests];
    await api.verifier.refreshKeys(TENANT);
    expect([keys.keySetRequests, primary.keySetRequests]).toEqual([before[0]! + 1, before[1]]);
    await api.verifier.refreshKeys();
    expect([keys.keySetRequests, primary.keySetRequests]).toEqual([before[0]! + 2, before[1]! + 1]);
    await api.verifier.refreshKeys('https://stranger.test/');
    expect(api.asked).toEqual([TENANT]);
  });

  it('has the function asked for no issuer', async () => {
    await using api = await start();
    await api.verify();
    await api.clock.advance(MINUTE);
    await api.verifier.refreshKeys();
    expect(api.asked).toEqual([TENANT]);
  });

  it('ends the tokens of a key that was withdrawn', async () => {
    await using api = await start();
    const key = await keys.addKey('ES256');
    const now = Math.floor(api.clock.wall() / 1000);
    const token = keys.mintWith(key, { iss: TENANT, iat: now, exp: now + 60 });
    await api.verifier.verify(token);
    keys.withdraw(key);
    await api.verifier.refreshKeys(TENANT);
    await expect(api.verifier.verify(token)).rejects.toMatchObject({ reason: 'key' });
  });

  it('leaves no key of an issuer that is not accepted just now', async () => {
    await using api = await start();
    const key = await keys.addKey('ES256');
    const now = Math.floor(api.clock.wall() / 1000);
    const token = keys.mintWith(key, { iss: TENANT, iat: now, exp: now + 3600 });
    await api.verifier.verify(token);
    await api.clock.advance(6 * MINUTE);
    keys.withdraw(key);
    await api.verifier.refreshKeys();
    await expect(api.verifier.verify(token)).rejects.toMatchObject({ reason: 'key' });
  });

  it('fetches the keys of an issuer by any of its names', async () => {
    const other = 'https://sts.test/7';
    const authorizationServer = { issuer: TENANT, acceptedIssuers: [other], jwksUri: keys.jwksUri };
    await using api = await start(() => tenant(TENANT, { authorizationServer }));
    await api.verify({ iss: other });
    const before = keys.keySetRequests;
    await api.verifier.refreshKeys(TENANT);
    expect(keys.keySetRequests - before).toBe(1);
  });

  it('fails if a key set cannot be had, and keeps the keys', async () => {
    await using api = await start(undefined, both);
    await api.verify();
    keys.breakKeySet((response) => response.writeHead(500).end());
    await expect(api.verifier.refreshKeys()).rejects.toMatchObject({ code: 'ERR_M2M_KEYS_UNAVAILABLE' });
    await expect(api.verify()).resolves.toMatchObject({ tenant: 'tenant-7' });
    keys.heal();
    await expect(api.verifier.refreshKeys()).resolves.toBeUndefined();
  });
});
