import { inspect } from 'node:util';
import { describe, expect, it } from '@jest/globals';
import type { AuthorizationServer } from '../../../lib/authorization-servers/authorization-server.js';
import type { CallbackError } from '../../../lib/errors/callback.error.js';
import { KeysUnavailableError } from '../../../lib/errors/keys-unavailable.error.js';
import type { JsonWebKeySet } from '../../../lib/json-web-keys/json-web-key-set.js';
import type { M2MResourceServerOptions } from '../../../lib/options/resource-server-options.js';
import type { M2MResourceServerEvent } from '../../../lib/resource-server/events/m2m-resource-server-event.js';
import { M2MTokenVerifier } from '../../../lib/resource-server/m2m-token-verifier.js';
import { TestClock } from '../../../lib/testing/test-clock.js';
import { fateOf, verificationApp } from '../../e2e/verification/verification-app.js';
import { testAudience, testClientId, TestIssuer, type TestKey } from '../../support/issuer.js';
import { until } from '../../support/until.js';

const SECOND = 1000;
const MINUTE = 60 * SECOND;

const keySetOf = (...keys: TestKey[]): JsonWebKeySet => ({ keys: keys.map(({ jwk }) => jwk) });

/** A verifier that is given the keys of its issuer. */
class Scene implements AsyncDisposable {
  readonly events: M2MResourceServerEvent[] = [];

  private constructor(
    readonly clock: TestClock,
    readonly issuer: TestIssuer,
    private readonly app: Awaited<ReturnType<typeof verificationApp>>,
  ) {
    this.verifier.events$.subscribe((event) => this.events.push(event));
  }

  static async set(
    jwksOf: (issuer: TestIssuer) => Promise<AuthorizationServer['jwks']> | AuthorizationServer['jwks'],
    options: Partial<M2MResourceServerOptions> = {},
  ): Promise<Scene> {
    const clock = new TestClock();
    const issuer = await TestIssuer.start({ now: () => clock.wall() });
    const authorizationServer = { ...issuer.authorizationServer, jwks: await jwksOf(issuer) };
    const resourceServer = { audience: testAudience, ...options } as M2MResourceServerOptions;
    return new Scene(clock, issuer, await verificationApp({ authorizationServer, resourceServer }, clock));
  }

  get verifier(): M2MTokenVerifier {
    return this.app.get(M2MTokenVerifier);
  }

  failureOf(token: string): Promise<unknown> {
    return this.verifier.verify(token).then(undefined, (error: unknown) => error);
  }

  fate(token: string): Promise<string> {
    return fateOf(this.verifier, token);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.app.close();
    await this.issuer.stop();
  }
}

describe('jwks as a value', () => {
  it('verifies tokens without a request to anybody, for as long as the process runs', async () => {
    await using scene = await Scene.set(async (issuer) => keySetOf(await issuer.key(), await issuer.key('ES256')), {
      warmup: 'required',
    });
    const stranger = await scene.issuer.addKey('RS256', { kid: 'stranger' });
    for (let day = 0; day < 3; day++) {
      expect(await scene.fate(await scene.issuer.mint({}, {}, 'ES256'))).toBe(testClientId);
      expect(await scene.fate(scene.issuer.mintWith(stranger))).toBe('key');
      expect(await scene.fate(scene.issuer.mintWith(stranger, {}, { kid: 'RS256-1' }))).toBe('signature');
      await scene.clock.advance(24 * 60 * MINUTE);
    }
    expect(scene.issuer.http.requests).toEqual([]);
    expect(scene.events.filter(({ type }) => type.startsWith('key-set'))).toEqual([]);
  });
});

describe('jwks as a function (claim 7.10)', () => {
  it('is asked once for all tokens, as often as a key set is fetched, and nobody else is', async () => {
    let [calls, published] = [0, [] as TestKey[]];
    await using scene = await Scene.set(() => () => {
      calls += 1;
      return Promise.resolve(keySetOf(...published));
    });
    const [old, fresh] = [await scene.issuer.key(), await scene.issuer.addKey('RS256', { kid: 'fresh' })];
    published = [old];
    const tokens = Array.from({ length: 50 }, () => scene.issuer.mintWith(old));
    expect(new Set(await Promise.all(tokens.map((token) => scene.fate(token))))).toEqual(new Set([testClientId]));
    expect(calls).toBe(1);
    published = [old, fresh];
    expect(await scene.fate(scene.issuer.mintWith(fresh))).toBe('key');
    expect(calls).toBe(1);
    await scene.clock.advance(30 * SECOND);
    expect(await scene.fate(scene.issuer.mintWith(fresh))).toBe(testClientId);
    expect(calls).toBe(2);
    published = [fresh];
    await scene.clock.advance(8 * MINUTE);
    await scene.fate(scene.issuer.mintWith(fresh));
    await until(() => scene.events.filter(({ type }) => type === 'key-set-fetched').length >= 3);
    expect(calls).toBe(3);
    expect(await scene.fate(scene.issuer.mintWith(old))).toBe('key');
    expect(scene.issuer.http.requests).toEqual([]);
  });

  it('is asked again for a bad signature, once per cooldown', async () => {
    let [calls, published] = [0, [] as TestKey[]];
    await using scene = await Scene.set(() => () => {
      calls += 1;
      return keySetOf(...published);
    });
    const old = await scene.issuer.key();
    published = [old];
    expect(await scene.fate(scene.issuer.mintWith(old))).toBe(testClientId);
    const fresh = await scene.issuer.addKey('RS256', { kid: old.kid });
    published = [fresh];
    await scene.clock.advance(30 * SECOND);
    for (let time = 0; time < 10; time++) {
      expect(await scene.fate(scene.issuer.mintWith(fresh))).toBe(testClientId);
      expect(await scene.fate(scene.issuer.mintWith(old))).toBe('signature');
    }
    expect(calls).toBe(2);
  });

  it.each<[string, () => unknown, string]>([
    [
      'throws',
      () => {
        throw new RangeError('s3cret');
      },
      'failed with RangeError',
    ],
    ['rejects', () => Promise.reject(new RangeError('s3cret')), 'failed with RangeError'],
    [
      'returns what throws',
      () => ({
        get keys(): never {
          throw new RangeError('s3cret');
        },
      }),
      'failed with RangeError',
    ],
    ['returns nothing', () => undefined, 'returned no usable key set: the document has no "keys"'],
    ['returns a text', () => '{"keys":["s3cret"]}', 'returned no usable key set: the document has no "keys"'],
    [
      'returns no keys',
      () => ({ keys: [] }),
      'returned no usable key set: it holds no key that can verify a signature',
    ],
    [
      'returns secret keys alone',
      () => ({ keys: [{ kty: 'oct', k: 's3cret' }] }),
      'returned no usable key set: it holds no key that can verify a signature',
    ],
    [
      'returns too many keys',
      () => ({ keys: Array.from({ length: 501 }, () => ({ kty: 'EC' })) }),
      'returned no usable key set: the document has 501 keys, more than 500',
    ],
  ])('that %s is not the fault of the token, and shows nothing', async (_what, fail, message) => {
    let answer: (() => unknown) | undefined = fail;
    let good: JsonWebKeySet | undefined;
    await using scene = await Scene.set(() => () => (answer ? answer() : good) as JsonWebKeySet);
    good = keySetOf(await scene.issuer.key());
    const token = await scene.issuer.mint();
    const error = await scene.failureOf(token);
    expect(error).toBeInstanceOf(KeysUnavailableError);
    expect(error).toMatchObject({ retryAfter: 1, cause: { code: 'ERR_M2M_CALLBACK' } });
    const { cause } = error as { cause: CallbackError };
    expect(cause.message).toBe(`the function authorizationServer.jwks ${message}`);
    expect(inspect([error, scene.events], { depth: 9, showHidden: true })).not.toContain('s3cret');
    expect(scene.events.map(({ type }) => type)).toEqual(['key-set-failed', 'keys-unavailable']);

    answer = undefined;
    await scene.clock.advance(SECOND);
    expect(await scene.fate(token)).toBe(testClientId);

    // A failure is no key set without keys: known keys stay, and unknown ones are not refused.
    answer = fail;
    await scene.clock.advance(9 * MINUTE);
    expect(await scene.fate(await scene.issuer.mint())).toBe(testClientId);
    await until(() => scene.events.filter(({ type }) => type === 'key-set-failed').length >= 2);
    expect(await scene.fate(await scene.issuer.mint({}, { kid: 'unknown' }))).toBe('ERR_M2M_KEYS_UNAVAILABLE');
    expect(scene.issuer.http.requests).toEqual([]);
  });

  it('that does not answer is given up after keySet.timeout, and asked once meanwhile', async () => {
    const calls: number[] = [];
    await using scene = await Scene.set(
      () => () => {
        calls.push(1);
        return new Promise<JsonWebKeySet>(() => undefined);
      },
      { keySet: { timeout: 2 * SECOND } },
    );
    const failures = [scene.failureOf(await scene.issuer.mint()), scene.failureOf(await scene.issuer.mint())];
    await until(() => calls.length > 0);
    await scene.clock.advance(2 * SECOND - 1);
    expect(scene.events).toEqual([]);
    await scene.clock.advance(1);
    for (const failure of failures) {
      expect(await failure).toMatchObject({
        code: 'ERR_M2M_KEYS_UNAVAILABLE',
        cause: { message: 'the function authorizationServer.jwks did not answer in 2000 ms' },
      });
    }
    expect(calls).toHaveLength(1);
  });
});
