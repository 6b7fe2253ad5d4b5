import type { ServerResponse } from 'node:http';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from '@jest/globals';
import { KeysUnavailableError } from '../../../lib/errors/keys-unavailable.error.js';
import type { M2MResourceServerOptions } from '../../../lib/options/resource-server-options.js';
import type { M2MResourceServerEvent } from '../../../lib/resource-server/events/m2m-resource-server-event.js';
import { M2MTokenVerifier } from '../../../lib/resource-server/m2m-token-verifier.js';
import { TestClock } from '../../../lib/testing/test-clock.js';
import { json, TestHttpServer } from '../../support/http-server.js';
import { testAudience, testClientId, TestIssuer } from '../../support/issuer.js';
import { until } from '../../support/until.js';
import { fateOf, verificationApp } from './verification-app.js';

const MINUTE = 60_000;

/** An application, the issuer that it trusts, and the clock of both. */
class Scene implements AsyncDisposable {
  readonly events: M2MResourceServerEvent[] = [];

  private constructor(
    readonly clock: TestClock,
    readonly issuer: TestIssuer,
    readonly app: Awaited<ReturnType<typeof verificationApp>>,
  ) {
    this.verifier.events$.subscribe((event) => this.events.push(event));
  }

  static async set(options: Partial<M2MResourceServerOptions> = {}): Promise<Scene> {
    const clock = new TestClock();
    const issuer = await TestIssuer.start({ now: () => clock.wall() });
    const resourceServer = { audience: testAudience, ...options } as M2MResourceServerOptions;
    const app = await verificationApp({ authorizationServer: issuer.authorizationServer, resourceServer }, clock);
    return new Scene(clock, issuer, app);
  }

  get verifier(): M2MTokenVerifier {
    return this.app.get(M2MTokenVerifier);
  }

  mint(claims = {}, header = {}): Promise<string> {
    return this.issuer.mint({ exp: this.clock.wall() / 1000 + 86_400, ...claims }, header);
  }

  fate(token: string): Promise<string> {
    return fateOf(this.verifier, token);
  }

  /** Lets a fetch that was set off in the background come to its end. */
  async settle(fetches: number): Promise<void> {
    await until(() => this.events.filter(({ type }) => type.startsWith('key-set-')).length >= fetches);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.app.close();
    await this.issuer.stop();
  }
}

const unavailable = 'ERR_M2M_KEYS_UNAVAILABLE';

describe('a key set', () => {
  it('is discovered and fetched with the first token, however many come at once', async () => {
    await using scene = await Scene.set();
    expect(scene.issuer.http.requests).toEqual([]);
    const tokens = await Promise.all(Array.from({ length: 50 }, () => scene.mint()));
    expect(new Set(await Promise.all(tokens.map((token) => scene.fate(token))))).toEqual(new Set([testClientId]));
    expect(scene.issuer.http.requests.map(({ url }) => url)).toEqual(['/.well-known/openid-configuration', '/jwks']);
  });

  it('that has no key for a token makes it fail, remembered or not, once it is renewed (claim 3.8)', async () => {
    await using scene = await Scene.set({ cache: { ttl: 60 * MINUTE } });
    const token = await scene.mint();
    expect(await scene.fate(token)).toBe(testClientId);
    const old = await scene.issuer.key();
    const fresh = await scene.issuer.rotate();
    await scene.clock.advance(9 * MINUTE);
    expect(scene.verifier.remembered(token)).toBeDefined();
    await scene.settle(2);
    expect(scene.verifier.remembered(token)).toBeUndefined();
    expect(await scene.fate(token)).toBe('key');
    expect(await scene.fate(await scene.mint())).toBe(testClientId);
    expect(scene.events).toContainEqual({
      type: 'key-set-fetched',
      issuer: scene.issuer.issuer,
      keys: [fresh.kid],
      withdrawn: [old.kid],
    });
  });

  it('is asked for a key that was published since, at most twice a minute', async () => {
    await using scene = await Scene.set();
    expect(await scene.fate(await scene.mint())).toBe(testClientId);
    await scene.issuer.rotate();
    const token = await scene.mint();
    expect(await scene.fate(token)).toBe('key');
    await scene.clock.advance(MINUTE / 2);
    expect(await scene.fate(token)).toBe(testClientId);
    for (let index = 0; index < 600; index++) {
      await scene.clock.advance(200);
      expect(await scene.fate(await scene.mint({}, { kid: `random-${index}` }))).toBe('key');
    }
    expect(scene.issuer.keySetRequests).toBeLessThanOrEqual(2 + 2 * 2);
    expect(await scene.fate(await scene.mint())).toBe(testClientId);
  });

  it('that is down for ten minutes fails no token of a known key (claim 7.3)', async () => {
    await using scene = await Scene.set();
    const token = await scene.mint();
    expect(await scene.fate(token)).toBe(testClientId);
    scene.issuer.breakKeySet((response) => response.destroy());
    const fates = new Set<string>();
    for (let second = 0; second < 20 * 60; second += 10) {
      await scene.clock.advance(10_000);
      fates.add(await scene.fate(token)).add(await scene.fate(await scene.mint()));
    }
    expect(fates).toEqual(new Set([testClientId]));
    expect(await scene.fate(await scene.mint({}, { kid: 'unknown' }))).toBe(unavailable);
    expect(scene.events.some(({ type }) => type === 'key-set-failed')).toBe(true);
  });

  it('that stays down for more than an hour makes remembered tokens fail too', async () => {
    await using scene = await Scene.set({ cache: { ttl: 1000 * MINUTE }, keySet: { maxAge: MINUTE } });
    const token = await scene.mint();
    await scene.fate(token);
    scene.issuer.breakKeySet((response) => response.destroy());
    for (let minute = 0; minute < 60; minute++) {
      await scene.clock.advance(MINUTE);
      expect(await scene.fate(token)).toBe(testClientId);
    }
    await scene.clock.advance(MINUTE);
    expect(await scene.fate(token)).toBe(unavailable);
    scene.issuer.heal();
    await scene.clock.advance(MINUTE);
    expect(await scene.fate(token)).toBe(testClientId);
  });
});

type Breakage = readonly [what: string, (response: ServerResponse) => unknown];

const breakages: readonly Breakage[] = [
  ['an error', (response) => json(response, 500, { error: 'oops' })],
  ['HTML', (response) => response.writeHead(200, { 'content-type': 'text/html' }).end('<html></html>')],
  ['half a JSON', (response) => response.end('{"keys":[')],
  ['no keys', (response) => json(response, 200, { keys: [] })],
  ['keys of no use', (response) => json(response, 200, { keys: [{ kty: 'oct', k: 'a' }] })],
  ['a redirect', (response) => response.writeHead(302, { location: 'http://127.0.0.1:1/jwks' }).end()],
  ['ten megabytes', (response) => response.end(Buffer.alloc(10_000_000, 0x20))],
  [
    'ten megabytes, compressed',
    (response) => response.writeHead(200, { 'content-encoding': 'gzip' }).end(gzipSync(Buffer.alloc(10_000_000, 0x20))),
  ],
  [
    'a body that is cut',
    (response) => response.writeHead(200, { 'content-length': 99 }).write('{', () => response.destroy()),
  ],
  ['a broken connection', (response) => response.destroy()],
];

describe('a key set that is answered with', () => {
  it.each(breakages)('%s is not the fault of the token, and replaces no good one', async (_what, answer) => {
    await using scene = await Scene.set();
    scene.issuer.breakKeySet(answer);
    const token = await scene.mint();
    const error = await scene.verifier.verify(token).then(undefined, (refusal: unknown) => refusal);
    expect(error).toBeInstanceOf(KeysUnavailableError);
    expect(error).toMatchObject({ retryAfter: 1 });
    expect(scene.events.map(({ type }) => type)).toEqual(['key-set-failed', 'keys-unavailable']);

    scene.issuer.heal();
    await scene.clock.advance(1000);
    expect(await scene.fate(token)).toBe(testClientId);

    scene.issuer.breakKeySet(answer);
    await scene.clock.advance(9 * MINUTE);
    expect(await scene.fate(token)).toBe(testClientId);
    await scene.settle(3);
    expect(scene.events.at(-1)).toMatchObject({ type: 'key-set-failed' });
    await scene.clock.advance(9 * MINUTE);
    expect(await scene.fate(await scene.mint())).toBe(testClientId);
  });

  it.each([
    ['silence', (): void => undefined],
    ['a body that drips', (response: ServerResponse): unknown => response.writeHead(200).write(' ')],
  ])('%s is given up after five seconds', async (_what, answer) => {
    await using scene = await Scene.set();
    scene.issuer.breakKeySet(answer);
    const fate = scene.fate(await scene.mint());
    await until(() => scene.issuer.keySetRequests > 0);
    await scene.clock.advance(4999);
    expect(scene.events).toEqual([]);
    await scene.clock.advance(1);
    expect(await fate).toBe(unavailable);
    scene.issuer.heal();
    await scene.clock.advance(1000);
    expect(await scene.fate(await scene.mint())).toBe(testClientId);
  });

  it('silence after a slow discovery is given up after five seconds in all', async () => {
    const clock = new TestClock();
    const held: (() => void)[] = [];
    await using server = await TestHttpServer.start(({ url }, response) => {
      const metadata = { issuer: server.url, jwks_uri: `${server.url}/jwks` };
      if (url !== '/jwks') held.push(() => json(response, 200, metadata));
    });
    const authorizationServer = { name: 'slow', issuer: server.url };
    const resourceServer = { audience: testAudience };
    await using app = await verificationApp({ authorizationServer, resourceServer }, clock);
    await using issuer = await TestIssuer.start({ now: () => clock.wall() });
    const refusal = app
      .get(M2MTokenVerifier)
      .verify(await issuer.mint({ iss: server.url }))
      .then(undefined, (error: unknown) => error);
    await until(() => server.requests.length >= 1);
    await clock.advance(4000);
    held[0]?.();
    await until(() => server.requests.length >= 2);
    await clock.advance(1000);
    expect(await refusal).toBeInstanceOf(KeysUnavailableError);
  });

  it('nothing, because its server cannot be discovered, is not the fault of the token', async () => {
    await using scene = await Scene.set();
    const nowhere = { name: 'nowhere', issuer: 'http://127.0.0.1:1' };
    const resourceServer = { audience: testAudience };
    await using app = await verificationApp({ authorizationServer: nowhere, resourceServer }, scene.clock);
    const token = await scene.mint({ iss: nowhere.issuer });
    await expect(app.get(M2MTokenVerifier).verify(token)).rejects.toThrow(KeysUnavailableError);
  });
});
