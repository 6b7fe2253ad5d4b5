import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from '@jest/globals';
import { M2MClientService } from '../../../lib/client/m2m-client.service.js';
import { redisTokenStore } from '../../../lib/redis/index.js';
import { TestAuthorizationServer } from '../../../lib/testing/index.js';
import { TestClock } from '../../../lib/testing/test-clock.js';
import { clientService } from '../../support/calling-service.js';
import { page } from '../../support/documentation.js';
import { startGuardedApp, type GuardedApp } from '../../support/guarded-app.js';
import { answersOf, json, TestHttpServer } from '../../support/http-server.js';
import { TestIssuer, testAudience } from '../../support/issuer.js';
import { describeWithRedis, TestRedisServer } from '../../support/redis-server.js';
import { until } from '../../support/until.js';
import { HealthModule } from '../terminus/recipes/health.module.js';
import { OrdersController } from './orders.controller.js';

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const UNITS = { ms: 1, s: SECOND, min: MINUTE, hour: 60 * MINUTE };
const [TENANT, OTHER] = ['https://id.acme.example/shop', 'https://id.other.example/shop'];
const rows = page('docs/runbook.md').table('## What happens when');

/** The durations that a row of the table names, in milliseconds. */
function durationsOf(dependency: string): number[] {
  const row = rows.find(([what]) => what === dependency)?.join(' ') ?? '';
  return [...row.matchAll(/(\d+|another) (ms|s|min|hour)\b/g)].map(
    ([, count, unit]) => (count === 'another' ? 1 : Number(count)) * UNITS[unit as keyof typeof UNITS],
  );
}

/** An application that depends on everything that the table names, each on a server of its own. */
class Scene implements AsyncDisposable {
  readonly clock = new TestClock();
  readonly folder = mkdtempSync(join(tmpdir(), 'm2m-'));
  readonly secret = join(this.folder, 'secret');
  server!: TestAuthorizationServer;
  tokenEndpoint!: TestHttpServer;
  keySet!: TestHttpServer;
  introspection!: TestHttpServer;
  /** The database of tenants: it has the client `acme` and the issuer `TENANT`. */
  tenants!: TestHttpServer;
  tenantIssuer!: TestIssuer;
  shop!: TestHttpServer;
  redis!: TestRedisServer;
  app!: GuardedApp;

  async start(): Promise<void> {
    const { clock, secret } = this;
    writeFileSync(secret, 's3cret');
    this.server = await TestAuthorizationServer.start({
      clock,
      clients: { orders: 's3cret', acme: 'acme-s3cret', caller: 'callers', api: 'apis' },
      resources: { [testAudience]: [] },
    });
    const own = this.server.authorizationServer;
    this.tokenEndpoint = await TestHttpServer.start(answersOf(this.server.tokenEndpoint));
    this.keySet = await TestHttpServer.start(answersOf(this.server.jwksUri));
    this.introspection = await TestHttpServer.start(answersOf(own.introspectionEndpoint ?? ''));
    this.tenants = await TestHttpServer.start(({ url }, response) =>
      json(response, url.endsWith('acme') ? 200 : 404, {}),
    );
    this.tenantIssuer = await TestIssuer.start({ now: () => clock.wall() });
    this.shop = await TestHttpServer.start((_request, response) => response.end('bought'));
    this.redis = await TestRedisServer.start();
    const authorizationServer = {
      ...own,
      tokenEndpoint: this.tokenEndpoint.url,
      jwksUri: this.keySet.url,
      introspectionEndpoint: this.introspection.url,
    };
    const found = { name: 'tenant', issuer: TENANT, jwksUri: this.tenantIssuer.jwksUri };
    const resolve = async (issuer: string) =>
      (await this.isTenant(issuer === TENANT ? 'acme' : 'other'))
        ? { authorizationServer: found, audience: testAudience, scopes: [] }
        : undefined;
    const clients = async (name: string) =>
      (await this.isTenant(name)) ? { clientId: name, clientSecret: `${name}-s3cret` } : undefined;
    this.app = await startGuardedApp({
      clock,
      controllers: [OrdersController],
      imports: [HealthModule],
      options: {
        authorizationServer,
        client: {
          clientId: 'orders',
          clientSecret: () => readFile(secret, 'utf8'),
          retry: { attempts: 1 },
          targets: { shop: { url: this.shop.url } },
          clients,
        },
        resourceServer: {
          audience: testAudience,
          introspection: { clientId: 'api', clientSecret: 'apis' },
          trust: [{ resolve, allowedHosts: ['127.0.0.1'] }],
        },
      },
    });
  }

  get m2m(): M2MClientService {
    return this.app.app.get(M2MClientService);
  }

  /** A call to the shop. */
  async buy(): Promise<unknown> {
    return (await this.m2m.for('shop').axiosRef.get('/')).data;
  }

  mint(format: 'jwt' | 'opaque' = 'jwt'): Promise<string> {
    return this.server.mint({ clientId: 'caller', audience: testAudience, format });
  }

  /** How a caller is answered: the status, and whether it knows when to come again. */
  async answer(token: string): Promise<readonly [status: number, retries: boolean]> {
    const { status, headers } = await fetch(`${this.app.url}/orders`, {
      headers: { authorization: `Bearer ${token}` },
    });
    return [status, Number(headers.get('retry-after')) > 0];
  }

  /** What the indicator says of both halves, and the status that readiness is answered with. */
  async ready(): Promise<readonly [client: string, resourceServer: string, status: number]> {
    const answer = await fetch(`${this.app.url}/health/ready`);
    const { details } = (await answer.json()) as { details: { m2m: Record<string, string> } };
    return [details.m2m['client'] ?? '', details.m2m['resourceServer'] ?? '', answer.status];
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.app[Symbol.asyncDispose]();
    await Promise.all(
      [this.tokenEndpoint, this.keySet, this.introspection, this.tenants, this.shop].map((each) => each.stop()),
    );
    await Promise.all([this.server.stop(), this.tenantIssuer.stop(), this.redis[Symbol.asyncDispose]()]);
    rmSync(this.folder, { recursive: true });
  }

  private async isTenant(name: string): Promise<boolean> {
    return (await fetch(`${this.tenants.url}/${name}`)).ok;
  }
}

const UP = ['up', 'up', 200];
const ACCEPTED = [200, false];
const UNAVAILABLE = [503, true];

type Outage = (scene: Scene, ...durations: readonly number[]) => Promise<void>;

const OUTAGES: Readonly<Record<string, Outage>> = {
  'the token endpoint of the authorization server': async (scene, longestPause = 0) => {
    const { clock } = scene;
    expect(await scene.buy()).toBe('bought');
    const { expiresAt } = await scene.m2m.getAccessToken({ target: 'shop' });
    await scene.tokenEndpoint.stop();
    await clock.advance(expiresAt.getTime() - clock.wall() - 30 * SECOND);
    expect(await scene.buy()).toBe('bought');
    await until(async () => (await scene.ready())[0] === 'degraded');
    await clock.advance(30 * SECOND);
    const sent = scene.shop.requests.length;
    for (let pause = 0; pause < 10; pause++) {
      await expect(scene.buy()).rejects.toMatchObject({ name: 'TokenEndpointError' });
      expect(await scene.ready()).toEqual(['down', 'up', 200]);
      await clock.advance(MINUTE);
      expect(await scene.ready()).toEqual(['degraded', 'up', 200]);
    }
    expect(scene.shop.requests).toHaveLength(sent);
    await expect(scene.buy()).rejects.toMatchObject({ name: 'TokenEndpointError' });
    const undiscovered = { name: 'test', issuer: scene.tokenEndpoint.url };
    const client = { clientId: 'orders', clientSecret: 's3cret', retry: { attempts: 1 } };
    const { m2m } = clientService({ authorizationServer: undiscovered, client }, clock);
    await expect(m2m.getToken()).rejects.toMatchObject({ name: 'DiscoveryError' });
    await scene.tokenEndpoint.run();
    await clock.advance(longestPause);
    expect(await scene.buy()).toBe('bought');
    expect(await scene.ready()).toEqual(UP);
  },

  'its key set': async (scene, maxAge = 0, staleIfError = 0) => {
    const { clock } = scene;
    expect(await scene.answer(await scene.mint())).toEqual(ACCEPTED);
    await scene.keySet.stop();
    await clock.advance(maxAge);
    expect(await scene.answer(await scene.mint())).toEqual(ACCEPTED);
    await until(async () => (await scene.ready())[1] === 'degraded');
    await clock.advance(staleIfError - SECOND);
    expect(await scene.answer(await scene.mint())).toEqual(ACCEPTED);
    await clock.advance(SECOND);
    expect(await scene.answer(await scene.mint())).toEqual(UNAVAILABLE);
    expect(await scene.ready()).toEqual(['up', 'down', 200]);
    await scene.keySet.run();
    await clock.advance(MINUTE);
    expect(await scene.answer(await scene.mint())).toEqual(ACCEPTED);
    expect(await scene.ready()).toEqual(UP);
  },

  'its introspection endpoint': async (scene, ttl = 0) => {
    const { clock } = scene;
    const [passed, other] = [await scene.mint('opaque'), await scene.mint('opaque')];
    expect(await scene.answer(passed)).toEqual(ACCEPTED);
    await scene.introspection.stop();
    await clock.advance(ttl - SECOND);
    expect([await scene.answer(passed), await scene.answer(other)]).toEqual([ACCEPTED, UNAVAILABLE]);
    await clock.advance(SECOND);
    expect(await scene.answer(passed)).toEqual(UNAVAILABLE);
    expect(await scene.ready()).toEqual(UP);
    await scene.introspection.run();
    await clock.advance(MINUTE);
    expect(await scene.answer(await scene.mint('opaque'))).toEqual(ACCEPTED);
  },

  'the Redis of `tokenStore`': async (scene, longestWait = 0, pause = 0) => {
    const { clock } = scene;
    const client = scene.redis.connect();
    const options = {
      authorizationServer: { ...scene.server.authorizationServer, tokenEndpoint: scene.tokenEndpoint.url },
      client: {
        clientId: 'orders',
        clientSecret: 's3cret',
        tokenStore: redisTokenStore({ client, encryptionKey: randomBytes(32) }),
      },
    };
    const instances = [clientService(options, clock).m2m, clientService(options, clock).m2m];
    // The token is there, and the lease of the request is not any more.
    const isShared = () => until(async () => (await scene.redis.own.keys('*')).length === 1);
    const shared = await instances[0]?.getToken();
    await isShared();
    expect(await instances[1]?.getToken()).toBe(shared);
    await scene.redis.stop();
    await until(() => client.status === 'reconnecting');
    const renewals = instances.map((instance) => instance.getToken({ forceRenewal: true }));
    await clock.advance(0);
    await clock.advance(longestWait);
    const [one, other] = await Promise.all(renewals);
    expect(new Set([shared, one, other]).size).toBe(3);
    await scene.redis.run();
    await until(() => client.status === 'ready');
    await clock.advance(pause);
    const before = scene.tokenEndpoint.requests.length;
    await instances[0]?.getToken({ forceRenewal: true });
    await isShared();
    await clientService(options, clock).m2m.getToken();
    expect(scene.tokenEndpoint.requests).toHaveLength(before + 1);
    expect(await scene.ready()).toEqual(UP);
  },

  "the function `clients` (the tenants' database)": async (scene, kept = 0) => {
    const { clock, m2m } = scene;
    await m2m.client('acme').getToken();
    await scene.tenants.stop();
    await clock.advance(kept - SECOND);
    await m2m.client('acme').getToken({ forceRenewal: true });
    await expect(m2m.client('other').getToken()).rejects.toMatchObject({ name: 'CallbackError' });
    await clock.advance(SECOND);
    await expect(m2m.client('acme').getToken()).rejects.toMatchObject({ name: 'CallbackError' });
    expect(await scene.ready()).toEqual(UP);
    await scene.tenants.run();
    await clock.advance(MINUTE);
    await m2m.client('acme').getToken();
  },

  "the function `trust.resolve` (the tenants' database)": async (scene, kept = 0) => {
    const { clock } = scene;
    const of = async (iss: string) => scene.answer(await scene.tenantIssuer.mint({ iss }));
    expect(await of(TENANT)).toEqual(ACCEPTED);
    await scene.tenants.stop();
    await clock.advance(kept - SECOND);
    expect([await of(TENANT), await of(OTHER)]).toEqual([ACCEPTED, UNAVAILABLE]);
    await clock.advance(SECOND);
    expect(await of(TENANT)).toEqual(UNAVAILABLE);
    expect(await scene.ready()).toEqual(UP);
    await scene.tenants.run();
    await clock.advance(MINUTE);
    expect(await of(TENANT)).toEqual(ACCEPTED);
  },

  'a function or file with a secret, key or certificate': async (scene) => {
    const { clock, m2m } = scene;
    await m2m.getToken();
    rmSync(scene.secret);
    await clock.advance(15 * MINUTE);
    const renewed = await m2m.getToken({ forceRenewal: true });
    expect(await scene.ready()).toEqual(UP);
    scene.server.register('orders', 'another-s3cret');
    await expect(m2m.getToken({ forceRenewal: true })).rejects.toMatchObject({ name: 'TokenRequestError' });
    expect(await m2m.getToken()).toBe(renewed);
    expect(await scene.ready()).toEqual(['degraded', 'up', 200]);
    writeFileSync(scene.secret, 'another-s3cret');
    await clock.advance(MINUTE);
    await m2m.getToken({ forceRenewal: true });
    expect(await scene.ready()).toEqual(UP);
  },
};

describeWithRedis('docs/runbook.md', () => {
  let scene: Scene;
  beforeEach(async () => {
    scene = new Scene();
    await scene.start();
  });
  afterEach(() => scene[Symbol.asyncDispose]());

  it('says nothing about a dependency that is not tried', () => {
    expect(rows.map(([what]) => what)).toEqual(Object.keys(OUTAGES));
  });

  it.each(Object.entries(OUTAGES))('says truly what happens without %s', async (dependency, outage) => {
    await expect(outage(scene, ...durationsOf(dependency))).resolves.toBeUndefined();
  });
});
