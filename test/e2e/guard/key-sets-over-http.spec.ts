import type { ServerResponse } from 'node:http';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Controller, Get, UseGuards, type INestApplication } from '@nestjs/common';
import { ExpressAdapter } from '@nestjs/platform-express';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import { Test } from '@nestjs/testing';
import { systemClock, type Clock } from '../../../lib/time/clock.js';
import { M2MModule } from '../../../lib/m2m.module.js';
import { M2M_CLOCK } from '../../../lib/options/injection-tokens.js';
import type { M2MKeySetOptions } from '../../../lib/options/resource-server-options.js';
import { M2MGuard } from '../../../lib/resource-server/m2m.guard.js';
import { TestClock } from '../../../lib/testing/test-clock.js';
import { platforms, type Platform } from '../../support/guarded-app.js';
import { json, TestHttpServer } from '../../support/http-server.js';
import { testAudience, TestIssuer, type TestKey } from '../../support/issuer.js';
import { getPipelined } from '../../support/raw-request.js';
import { until } from '../../support/until.js';

const MINUTE = 60_000;

@UseGuards(M2MGuard)
@Controller('products')
class ProductsController {
  @Get()
  list(): string {
    return 'products';
  }
}

let issuer: TestIssuer;
let key: TestKey;
/** The issuer's key set, and another server that answers with the same. */
let keySet: string;
let copy: TestHttpServer;
beforeAll(async () => {
  issuer = await TestIssuer.start();
  key = await issuer.key('EdDSA');
  keySet = JSON.stringify({ keys: [key.jwk] });
  copy = await TestHttpServer.start((_request, response) => response.end(keySet));
});
afterAll(async () => {
  await Promise.all([issuer.stop(), copy.stop()]);
});

/** A guarded application on a clock of the test's. */
class GuardedApi implements AsyncDisposable {
  private constructor(
    private readonly app: INestApplication,
    readonly url: string,
    private readonly clock: Clock,
  ) {}

  static async start(platform: Platform, clock: Clock, keySetOptions: M2MKeySetOptions = {}): Promise<GuardedApi> {
    const { authorizationServer } = issuer;
    const resourceServer = { audience: testAudience, keySet: keySetOptions };
    const module = await Test.createTestingModule({
      imports: [M2MModule.forRoot({ authorizationServer, resourceServer })],
      controllers: [ProductsController],
    })
      .overrideProvider(M2M_CLOCK)
      .useValue(clock)
      .compile();
    const adapter = platform === 'fastify' ? new FastifyAdapter() : new ExpressAdapter();
    const app = module.createNestApplication(adapter, { logger: false });
    await app.listen(0, '127.0.0.1');
    return new GuardedApi(app, await app.getUrl(), clock);
  }

  mint(header = {}): string {
    const now = this.clock.wall() / 1000;
    return issuer.mintWith(key, { iat: now, exp: now + 300 }, header);
  }

  async ask(token: string): Promise<{ status: number; retryAfter: string | null }> {
    const { status, headers } = await fetch(`${this.url}/products`, { headers: { authorization: `Bearer ${token}` } });
    return { status, retryAfter: headers.get('retry-after') };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.app.close();
    issuer.heal();
  }
}

type Answer = (response: ServerResponse) => unknown;

const padded = (): string => `${keySet.slice(0, -1)},"padding":"${' '.repeat(10_000_000)}"}`;

/** What would do for a key set if one rule were not kept. */
const breakages: readonly (readonly [what: string, answer: Answer])[] = [
  ['an error', (response) => response.writeHead(500).end(keySet)],
  ['nothing', (response) => response.end()],
  ['HTML', (response) => response.writeHead(200, { 'content-type': 'text/html' }).end(`<html>${keySet}</html>`)],
  ['half a JSON', (response) => response.end(keySet.slice(0, keySet.length / 2))],
  ['all of a JSON but its end', (response) => response.end(keySet.slice(0, -1))],
  ['a key for encryption', (response) => json(response, 200, { keys: [{ ...key.jwk, use: 'enc' }] })],
  ['a redirect to its key set', (response) => response.writeHead(302, { location: copy.url }).end()],
  ['a key set of ten megabytes', (response) => response.end(padded())],
  [
    'a key set of ten megabytes in some kilobytes of gzip',
    (response) => response.writeHead(200, { 'content-encoding': 'gzip' }).end(gzipSync(padded())),
  ],
  [
    'a key set that is cut',
    (response) =>
      response.writeHead(200, { 'content-length': keySet.length + 1 }).write(keySet, () => response.destroy()),
  ],
];

/** An answer of which a little more comes for as long as the other side listens. */
class Drip {
  /** How often more has come. */
  drops = 0;

  constructor(
    private readonly start: string,
    private readonly next: string,
  ) {}

  answer({ socket }: ServerResponse): void {
    socket?.write(this.start);
    const timer = setInterval(() => socket?.write(this.next, () => (this.drops += 1)), 1);
    socket?.once('close', () => clearInterval(timer));
  }
}

const drips: readonly (readonly [what: string, make: () => Drip])[] = [
  ['a body', () => new Drip('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n', '1\r\n \r\n')],
  ['a head', () => new Drip('HTTP/1.1 200 OK\r\n', 'X: \r\n')],
];

describe.each(platforms)('on %s', (platform) => {
  it('10,000 random kids cost two fetches of its key set a minute, and keep no good token out (claim 7.1)', async () => {
    const clock = new TestClock();
    await using api = await GuardedApi.start(platform, clock);
    const fetches: number[] = [];
    issuer.breakKeySet((response) => {
      fetches.push(clock.monotonic());
      response.end(keySet);
    });
    const known = api.mint();
    for (let wave = 0; wave < 10; wave++) {
      // One in twenty is good: remembered, or never seen before.
      const requests = Array.from({ length: 1050 }, (_, index) =>
        index % 21 > 0
          ? { token: api.mint({ kid: crypto.randomUUID() }), status: 401 }
          : { token: index % 2 === 0 ? known : api.mint(), status: 200 },
      );
      const shares = [0, 1, 2, 3].map((share) => requests.filter((_, index) => index % 4 === share));
      const statuses = shares.map((share) =>
        getPipelined(
          api.url,
          share.map(({ token }) => token),
        ),
      );
      expect(await Promise.all(statuses)).toEqual(shares.map((share) => share.map(({ status }) => status)));
      await clock.advance(12_000);
    }
    expect(fetches.length).toBeGreaterThan(2);
    expect(fetches.filter((at, index) => at < (fetches[index - 2] ?? -Infinity) + MINUTE)).toEqual([]);
  }, 120_000);

  it.each(breakages)('%s in place of its key set is a 503, until it is over', async (_what, answer) => {
    const clock = new TestClock();
    await using api = await GuardedApi.start(platform, clock);
    const token = api.mint();
    issuer.breakKeySet(answer);
    expect(await api.ask(token)).toEqual({ status: 503, retryAfter: '1' });
    issuer.heal();
    await clock.advance(1000);
    expect(await api.ask(token)).toEqual({ status: 200, retryAfter: null });
  });

  it.each(drips)('%s that drips is a 503 after five seconds, until it is over', async (_what, make) => {
    const clock = new TestClock();
    await using api = await GuardedApi.start(platform, clock);
    const token = api.mint();
    const drip = make();
    issuer.breakKeySet((response) => drip.answer(response));
    let isAnswered = false;
    const answer = api.ask(token).finally(() => (isAnswered = true));
    await until(() => drip.drops > 5);
    await clock.advance(4999);
    const before = drip.drops;
    await until(() => drip.drops > before + 5);
    expect(isAnswered).toBe(false);
    await clock.advance(1);
    expect(await answer).toEqual({ status: 503, retryAfter: '1' });
    issuer.heal();
    await clock.advance(1000);
    expect(await api.ask(token)).toEqual({ status: 200, retryAfter: null });
  });

  it.each(drips)('%s that drips is given up by the clock of the machine too', async (_what, make) => {
    await using api = await GuardedApi.start(platform, systemClock, { timeout: 100, cooldown: 1 });
    const token = api.mint();
    issuer.breakKeySet((response) => make().answer(response));
    expect(await api.ask(token)).toEqual({ status: 503, retryAfter: '1' });
    issuer.heal();
    await until(async () => (await api.ask(token)).status === 200);
  });
});
