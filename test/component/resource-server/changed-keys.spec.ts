import { describe, expect, it } from '@jest/globals';
import { M2MTokenVerifier } from '../../../lib/resource-server/m2m-token-verifier.js';
import { TestClock } from '../../../lib/testing/test-clock.js';
import { fateOf, verificationApp } from '../../e2e/verification/verification-app.js';
import { testAudience, testClientId, TestIssuer, type NewKeyOptions, type TestKey } from '../../support/issuer.js';
import { until } from '../../support/until.js';

const COOLDOWN = 30_000;

/** A verifier, its issuer, and the clock of both. */
class Scene implements AsyncDisposable {
  private constructor(
    readonly clock: TestClock,
    readonly issuer: TestIssuer,
    private readonly app: Awaited<ReturnType<typeof verificationApp>>,
  ) {}

  static async set(): Promise<Scene> {
    const clock = new TestClock();
    const issuer = await TestIssuer.start({ now: () => clock.wall() });
    const { authorizationServer } = issuer;
    const app = await verificationApp({ authorizationServer, resourceServer: { audience: testAudience } }, clock);
    return new Scene(clock, issuer, app);
  }

  get verifier(): M2MTokenVerifier {
    return this.app.get(M2MTokenVerifier);
  }

  /** In the order in which they are published. */
  async keys(count: number, alg: string, options: NewKeyOptions): Promise<TestKey[]> {
    const keys: TestKey[] = [];
    while (keys.length < count) keys.push(await this.issuer.addKey(alg, options));
    return keys;
  }

  fate(token: string): Promise<string> {
    return fateOf(this.verifier, token);
  }

  fates(tokens: readonly string[]): Promise<string[]> {
    return Promise.all(tokens.map((token) => this.fate(token)));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.app.close();
    await this.issuer.stop();
  }
}

describe('a token that several keys of its issuer fit (claim 3.3) (claim 7.9)', () => {
  it.each([
    ['without kid', { members: { kid: undefined } }, { kid: undefined }],
    ['without kid, of keys that have one', {}, { kid: undefined }],
    ['of one kid', { kid: 'twin' }, {}],
  ] as [string, NewKeyOptions, object][])('%s is verified with four of them', async (_what, options, header) => {
    await using scene = await Scene.set();
    const keys = await scene.keys(5, 'ES256', options);
    const tokens = keys.map((key) => scene.issuer.mintWith(key, {}, { ...header }));
    expect(await scene.fates(tokens)).toEqual([...Array.from({ length: 4 }, () => testClientId), 'signature']);
  });

  it('and that none of them has signed causes no fetch at all soon after one, and one in 30 s', async () => {
    await using scene = await Scene.set();
    await scene.keys(3, 'RS256', { members: { kid: undefined } });
    const stranger = await scene.issuer.addKey('RS256', { published: false });
    const garbage = (): string[] =>
      Array.from({ length: 50 }, () => scene.issuer.mintWith(stranger, {}, { kid: undefined }));
    expect(new Set(await scene.fates(garbage()))).toEqual(new Set(['signature']));
    expect(scene.issuer.keySetRequests).toBe(1);
    await scene.clock.advance(COOLDOWN);
    for (let time = 0; time < 3; time++) await scene.fates(garbage());
    expect(scene.issuer.keySetRequests).toBe(2);
  });
});

describe('a new key under an old kid', () => {
  it('is found with the first token that it signed, and the tokens of the old key are refused, remembered or not', async () => {
    await using scene = await Scene.set();
    const old = await scene.issuer.key();
    const [remembered, another] = [scene.issuer.mintWith(old), scene.issuer.mintWith(old)];
    expect(await scene.fate(remembered)).toBe(testClientId);
    await scene.clock.advance(COOLDOWN);
    const fresh = await scene.issuer.addKey('RS256', { kid: old.kid });
    scene.issuer.withdraw(old);
    expect(scene.verifier.remembered(remembered)).toBeDefined();
    const tokens = Array.from({ length: 20 }, () => scene.issuer.mintWith(fresh));
    expect(new Set(await scene.fates(tokens))).toEqual(new Set([testClientId]));
    expect(scene.issuer.keySetRequests).toBe(2);
    expect(scene.verifier.remembered(remembered)).toBeUndefined();
    expect(await scene.fates([remembered, another])).toEqual(['signature', 'signature']);
    expect(scene.issuer.keySetRequests).toBe(2);
  });

  it('is found if it is for another algorithm, too', async () => {
    await using scene = await Scene.set();
    const old = await scene.issuer.key();
    expect(await scene.fate(scene.issuer.mintWith(old))).toBe(testClientId);
    await scene.clock.advance(COOLDOWN);
    const fresh = await scene.issuer.addKey('ES256', { kid: old.kid });
    scene.issuer.withdraw(old);
    expect(await scene.fate(scene.issuer.mintWith(fresh))).toBe(testClientId);
  });
});

describe('a flood of bad signatures under a known kid (claim 7.8)', () => {
  it('costs one fetch, which no good token waits for, and no new kid', async () => {
    await using scene = await Scene.set();
    const good = await scene.issuer.key();
    const stranger = await scene.issuer.addKey('RS256', { published: false });
    const bad = Array.from({ length: 200 }, () => scene.issuer.mintWith(stranger, {}, { kid: good.kid }));
    const remembered = scene.issuer.mintWith(good);
    expect(await scene.fate(remembered)).toBe(testClientId);
    await scene.clock.advance(COOLDOWN);
    scene.issuer.breakKeySet(() => undefined);
    const fates = scene.fates(bad);
    await until(() => scene.issuer.keySetRequests >= 2);
    expect(await scene.fates([remembered, scene.issuer.mintWith(good)])).toEqual([testClientId, testClientId]);
    scene.issuer.heal();
    const fresh = await scene.issuer.rotate();
    expect(await scene.fate(scene.issuer.mintWith(fresh))).toBe(testClientId);
    expect(scene.issuer.keySetRequests).toBe(3);
    await scene.clock.advance(5000);
    expect(new Set(await fates)).toEqual(new Set(['signature']));
    expect(scene.issuer.keySetRequests).toBe(3);
  });

  it('costs no fetch if the tokens are for another API', async () => {
    await using scene = await Scene.set();
    const good = await scene.issuer.key();
    const stranger = await scene.issuer.addKey('RS256', { published: false });
    await scene.fate(scene.issuer.mintWith(good));
    await scene.clock.advance(COOLDOWN);
    const bad = scene.issuer.mintWith(stranger, { aud: 'https://other.test' }, { kid: good.kid });
    expect(await scene.fate(bad)).toBe('signature');
    expect(scene.issuer.keySetRequests).toBe(1);
  });
});
