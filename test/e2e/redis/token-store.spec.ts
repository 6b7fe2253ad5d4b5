import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, expect, it } from '@jest/globals';
import { Logger } from '@nestjs/common';
import { Cluster, Redis } from 'ioredis';
import { Redis as Redis5 } from 'ioredis-5';
import type { TokenStore } from '../../../lib/options/token-store.js';
import { runScript } from '../../../lib/redis/redis-client.js';
import {
  redisTokenStore,
  type IoredisClient,
  type RedisTokenStoreClient,
  type M2MRedisTokenStoreOptions,
} from '../../../lib/redis/index.js';
import { ACQUIRE, READ } from '../../../lib/redis/scripts.js';
import { redis4, redis5, redis6, type TestNodeRedisClient } from '../../support/node-redis.js';
import { TestRedisCluster } from '../../support/redis-cluster.js';
import { describeWithRedis, TestRedisServer } from '../../support/redis-server.js';
import { until } from '../../support/until.js';

const TOKEN = 'eyJ0b2tlbg';
const VALUE = 'nestjs-m2m:value:k';
const LEASE = 'nestjs-m2m:lease:k';
const encryptionKey = randomBytes(32);
const unusable = (message: string) => ({ code: 'ERR_M2M_TOKEN_STORE', message: expect.stringContaining(message) });

Logger.overrideLogger(false);

type Acquiring = TokenStore & Required<Pick<TokenStore, 'acquire' | 'renew'>>;

const host = '127.0.0.1';
const socket = (port: number) => ({ socket: { host, port } });
const rootNodes = (port: number) => ({ rootNodes: [socket(port)] });
const clients: Record<string, (port: number) => Redis | Redis5 | Cluster | TestNodeRedisClient> = {
  'ioredis 6': (port) => new Redis({ host, port }),
  'ioredis 5': (port) => new Redis5({ host, port }),
  'ioredis 6 with automatic pipelines': (port) => new Redis({ host, port, enableAutoPipelining: true }),
  'a cluster of ioredis 6': (port) => new Cluster([{ host, port }]),
  'redis 6': (port) => redis6.createClient(socket(port)),
  'redis 6 with RESP2': (port) => redis6.createClient({ ...socket(port), RESP: 2 }),
  'a pool of redis 6': (port) => redis6.createClientPool(socket(port)),
  'a cluster of redis 6': (port) => redis6.createCluster(rootNodes(port)),
  'redis 5': (port) => redis5.createClient(socket(port)),
  'redis 5 with RESP3': (port) => redis5.createClient({ ...socket(port), RESP: 3 }),
  'redis 4': (port) => redis4.createClient(socket(port)),
  'a pool of redis 5': (port) => redis5.createClientPool(socket(port)),
  'a cluster of redis 5': (port) => redis5.createCluster(rootNodes(port)),
  'a cluster of redis 4': (port) => redis4.createCluster(rootNodes(port)),
};

describeWithRedis.each(Object.entries(clients))('redisTokenStore on %s', (name, connect) => {
  let server: TestRedisServer;
  /** What somebody else sees and does in Redis. */
  let redis: Redis;
  let client: RedisTokenStoreClient;
  let store: Acquiring;
  const another = (options: Partial<M2MRedisTokenStoreOptions> = {}) =>
    redisTokenStore({ client, encryptionKey, ...options }) as Acquiring;
  /** The same client, with something happening before or after a command. */
  const through = (run: (script: string, send: () => Promise<unknown>) => Promise<unknown>): IoredisClient => ({
    status: 'ready',
    eval: (script, _count, key, ...values) => run(script, () => runScript(client, script, key ?? '', values)),
  });

  beforeAll(async () => {
    server = name.includes('cluster')
      ? ((await TestRedisCluster.start(1)).servers[0] as TestRedisServer)
      : await TestRedisServer.start();
    redis = server.own;
    client = await server.open(connect(server.port));
    store = another();
  });
  beforeEach(() => redis.flushall());
  afterAll(() => server[Symbol.asyncDispose]());

  it('keeps a value as long as it lives', async () => {
    expect(await store.get('k')).toBeUndefined();
    await store.set('k', TOKEN, 60_000);
    const { value, remaining = 0 } = (await another().get('k')) ?? {};
    expect(value).toBe(TOKEN);
    expect(remaining).toBeGreaterThan(0);
    expect(remaining).toBeLessThanOrEqual(60_000);
    const left = await redis.pttl(VALUE);
    expect(Math.abs(left - remaining)).toBeLessThan(10_000);
    await store.set('k', 'newer', 60_000);
    expect(await another().get('k')).toMatchObject({ value: 'newer' });
  });

  it('shows nothing of it in Redis', async () => {
    await store.set('k', TOKEN, 60_000);
    await store.acquire('k', 60_000);
    expect((await redis.keys('*')).toSorted()).toEqual([LEASE, VALUE]);
    expect(`${await redis.get(VALUE)} ${await redis.get(LEASE)}`).not.toContain(TOKEN.slice(0, 4));
  });

  it('does not keep it longer because somebody prolongs it in Redis', async () => {
    await store.set('k', TOKEN, 1000);
    await redis.persist(VALUE);
    await until(async () => (await store.get('k')) === undefined);
    expect(await redis.get(VALUE)).toEqual(expect.any(String));
  });

  it('does not keep what has no time left when it can be written', async () => {
    await store.set('k', TOKEN, 0.5);
    const slow = through(async (_script, send) => {
      const end = performance.now() + 20;
      while (performance.now() < end);
      return send();
    });
    await another({ client: slow }).set('k', TOKEN, 15);
    expect(await redis.exists(VALUE)).toBe(0);
  });

  it('removes a value, whatever it is, or only a certain one', async () => {
    await store.set('k', 'v', 60_000);
    await store.delete('k', 'another');
    expect(await store.get('k')).toMatchObject({ value: 'v' });
    await store.delete('k', 'v');
    expect(await store.get('k')).toBeUndefined();
    await store.delete('k', 'v');
    await store.set('k', 'v', 60_000);
    await store.delete('k');
    expect(await redis.keys('*')).toEqual([]);
  });

  it('does not remove a value that replaced the one meant', async () => {
    await store.set('k', 'old', 60_000);
    const replacing = through(async (script, send) => {
      const answer = await send();
      if (script === READ) await store.set('k', 'new', 60_000);
      return answer;
    });
    await another({ client: replacing }).delete('k', 'old');
    expect(await store.get('k')).toMatchObject({ value: 'new' });
  });

  it('grants a lease to one at a time', async () => {
    const leases = await Promise.all(Array.from({ length: 20 }, () => another().acquire('k', 60_000)));
    const granted = leases.filter((lease) => lease !== undefined);
    expect(granted).toHaveLength(1);
    expect(await redis.pttl(LEASE)).toBeGreaterThan(0);
    expect(await redis.pttl(LEASE)).toBeLessThanOrEqual(60_000);
    await granted[0]?.release();
    expect(await store.acquire('k', 60_000)).toBeDefined();
  });

  it('ends a lease with its lifetime, and lets its holder not release the next one', async () => {
    const first = await store.acquire('k', 1);
    await until(async () => (await redis.exists(LEASE)) === 0);
    expect(await store.acquire('k', 60_000)).toBeDefined();
    await first?.release();
    expect(await store.acquire('k', 60_000)).toBeUndefined();
  });

  it('grants a lease to one whose command was sent twice, because the connection broke before the answer', async () => {
    const twice = through(async (script, send) => {
      if (script === ACQUIRE) await send();
      return send();
    });
    expect(await another({ client: twice }).acquire('k', 60_000)).toBeDefined();
  });

  it('prolongs a lease for its holder only', async () => {
    const lease = await store.acquire('k', 2000);
    await redis.pexpire(LEASE, 1000);
    expect(lease && (await store.renew(lease, 30_000))).toBe(true);
    expect(await redis.pttl(LEASE)).toBeGreaterThan(2000);
    await lease?.release();
    const next = await another().acquire('k', 30_000);
    expect(lease && (await store.renew(lease, 60_000))).toBe(false);
    expect(await redis.pttl(LEASE)).toBeLessThanOrEqual(30_000);
    await next?.release();
    expect(lease && (await store.renew(lease, 60_000))).toBe(false);
    expect(await redis.exists(LEASE)).toBe(0);
  });

  it('replaces a value that is kept for longer, unless it is asked not to', async () => {
    await store.set('k', 'newer', 60_000);
    await store.set('k', 'older', 30_000, true);
    expect(await store.get('k')).toMatchObject({ value: 'newer' });
    await store.set('k', 'newest', 90_000, true);
    expect(await store.get('k')).toMatchObject({ value: 'newest' });
    await store.set('k', 'shorter', 30_000);
    expect(await store.get('k')).toMatchObject({ value: 'shorter' });
  });

  it('leaves the lease to a process that takes longer for a token', async () => {
    await store.acquire('k', 31_000);
    expect(await another().acquire('k', 11_000)).toBeUndefined();
  });

  it('prolongs no lease for those who would have it', async () => {
    await store.acquire('k', 60_000);
    await redis.pexpire(LEASE, 30_000);
    expect(await another().acquire('k', 60_000)).toBeUndefined();
    expect(await redis.pttl(LEASE)).toBeLessThanOrEqual(30_000);
  });

  const garbage: [string, (key: string) => Promise<unknown>][] = [
    ['a text', (key) => redis.set(key, 'garbage')],
    ['nothing', (key) => redis.set(key, '')],
    ['bytes', (key) => redis.set(key, randomBytes(64))],
    ['a list', (key) => redis.rpush(key, 'garbage')],
    ['a hash', (key) => redis.hset(key, { garbage: 1 })],
  ];
  it.each(garbage)('passes over %s that stands in its place', async (_kind, put) => {
    await put(VALUE);
    await put(LEASE);
    await expect(store.get('k')).rejects.toMatchObject(unusable('was not written by redisTokenStore'));
    await expect(store.delete('k', TOKEN)).rejects.toMatchObject(unusable('was not written by redisTokenStore'));
    expect(await store.acquire('k', 60_000)).toBeDefined();
    await store.set('k', TOKEN, 60_000);
    expect(await store.get('k')).toMatchObject({ value: TOKEN });
    await put('nestjs-m2m:value:other');
    await store.delete('other');
    expect(await redis.exists('nestjs-m2m:value:other')).toBe(0);
  });

  it.each<[string, () => Promise<unknown>]>([
    ['lasts longer than one', () => redis.set(LEASE, 'garbage', 'PX', 4_000_000)],
    ['is no text', () => redis.pipeline().rpush(LEASE, 'garbage').pexpire(LEASE, 30_000).exec()],
  ])('takes for no lease what %s', async (_kind, put) => {
    await put();
    const lease = await store.acquire('k', 60_000);
    expect(lease).toBeDefined();
    expect(await another().acquire('k', 60_000)).toBeUndefined();
    await lease?.release();
    expect(await redis.exists(LEASE)).toBe(0);
  });

  it('passes over a value of 64 MiB without reading it (claim 7.7)', async () => {
    await redis.setrange(VALUE, 64 * 1024 * 1024 - 1, 'x');
    await redis.setrange(LEASE, 64 * 1024 * 1024 - 1, 'x');
    const sent = async () => Number(/total_net_output_bytes:(\d+)/.exec(await redis.info('stats'))?.[1]);
    const before = await sent();
    await expect(store.get('k')).rejects.toMatchObject(unusable('longer than 256 KiB'));
    await expect(store.delete('k', TOKEN)).rejects.toMatchObject(unusable('longer than 256 KiB'));
    const lease = await store.acquire('k', 60_000);
    await lease?.release();
    expect((await sent()) - before).toBeLessThan(100_000);
    await store.set('k', TOKEN, 60_000);
    expect(await store.get('k')).toMatchObject({ value: TOKEN });
  });

  it('keeps no value that it would not read', async () => {
    const longest = 'x'.repeat(190_000);
    await store.set('k', longest, 60_000);
    expect(await store.get('k')).toMatchObject({ value: longest });
    await expect(store.set('k', 'x'.repeat(200_000), 60_000)).rejects.toMatchObject(unusable('longer than 256 KiB'));
    expect(await store.get('k')).toMatchObject({ value: longest });
  });

  it('passes over a value that was written with another key or moved from another name', async () => {
    await another({ encryptionKey: randomBytes(32) }).set('k', TOKEN, 60_000);
    await expect(store.get('k')).rejects.toMatchObject(unusable('none of the keys'));
    await store.set('other', TOKEN, 60_000);
    await redis.set(VALUE, (await redis.get('nestjs-m2m:value:other')) ?? '');
    await expect(store.get('k')).rejects.toMatchObject(unusable('moved here from another name'));
    expect(await store.get('other')).toMatchObject({ value: TOKEN });
  });

  it('reads what an older key encrypted', async () => {
    await store.set('k', TOKEN, 60_000);
    const rotated = another({ encryptionKey: [randomBytes(32), encryptionKey] });
    expect(await rotated.get('k')).toMatchObject({ value: TOKEN });
  });

  it('keeps stores of different prefixes apart', async () => {
    await store.set('k', TOKEN, 60_000);
    const apart = another({ prefix: 'shop:' });
    expect(await apart.get('k')).toBeUndefined();
    await apart.set('k', 'v', 60_000);
    expect(await redis.exists('shop:value:k')).toBe(1);
  });

  it('keeps values in clear text where that was chosen', async () => {
    const clear = another({ encryptionKey: null });
    await clear.set('k', TOKEN, 60_000);
    expect(await redis.get(VALUE)).toContain(TOKEN);
    expect(await clear.get('k')).toMatchObject({ value: TOKEN });
    await expect(store.get('k')).rejects.toMatchObject(unusable('none of the keys'));
  });
});
