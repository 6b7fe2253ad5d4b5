import { randomBytes } from 'node:crypto';
import { afterEach, beforeEach, expect, it } from '@jest/globals';
import type { Redis, RedisOptions } from 'ioredis';
import { redisTokenStore, type IoredisClient, type RedisTokenStoreClient } from '../../../lib/redis/index.js';
import { ACQUIRE, WRITE } from '../../../lib/redis/scripts.js';
import { simulatedTokenManager } from '../../support/client-token-manager.js';
import { redis4, redis5, redis6 } from '../../support/node-redis.js';
import { describeWithRedis, TestRedisServer } from '../../support/redis-server.js';
import { passing } from '../../support/scripted-upstream.js';
import { until } from '../../support/until.js';

const encryptionKey = randomBytes(32);

/** A process of its own, as far as tokens go; only its clock is not real. */
const member = (client: RedisTokenStoreClient) =>
  simulatedTokenManager({ tokenStore: redisTokenStore({ client, encryptionKey }) });

/** Milliseconds that a call waits for its token, by the process's own clock, which only waits can move. */
async function waits({ get, clock }: ReturnType<typeof member>): Promise<number> {
  const before = clock.monotonic();
  expect(await passing(clock, get(), 1)).toMatchObject({ status: 'fulfilled', value: 't1' });
  return clock.monotonic() - before;
}

/** A client that knows its server. */
async function connected(server: TestRedisServer, options: RedisOptions = {}): Promise<Redis> {
  const client = server.connect(options);
  if (client.status === 'wait') await client.connect();
  await until(() => client.status === 'ready');
  return client;
}

describeWithRedis('a Redis that', () => {
  let server: TestRedisServer;
  beforeEach(async () => (server = await TestRedisServer.start()));
  afterEach(() => server[Symbol.asyncDispose]());

  const clients: [string, RedisOptions][] = [
    ['its defaults', {}],
    ['endless retries', { maxRetriesPerRequest: null }],
    ['no offline queue', { enableOfflineQueue: false }],
    ['a connection on demand', { lazyConnect: true }],
    ['a time limit', { commandTimeout: 1000 }],
  ];

  it.each(clients)('was never there holds up no call of a client with %s', async (_name, options) => {
    await server.stop();
    expect(await waits(member(server.connect(options)))).toBeLessThanOrEqual(200);
  });

  it.each(clients)('went away holds up no call of a client with %s', async (_name, options) => {
    const client = await connected(server, options);
    await server.stop();
    await until(() => client.status === 'reconnecting');
    const one = member(client);
    expect(await waits(one)).toBeLessThanOrEqual(200);
    expect(one.types()).toEqual(['store-failed', 'issued']);
  });

  it.each(clients)('hangs holds up no call of a client with %s', async (_name, options) => {
    const client = await connected(server, options);
    server.pause();
    expect(await waits(member(client))).toBeLessThanOrEqual(200);
  });

  it.each(clients)('is slow (5 s) holds up no call of a client with %s', async (_name, options) => {
    const client = await connected(server, options);
    await client.call('CLIENT', 'PAUSE', '5000', 'ALL');
    expect(await waits(member(client))).toBeLessThanOrEqual(200);
  });

  it('comes back is used again', async () => {
    const client = await connected(server);
    await server.stop();
    await until(() => client.status === 'reconnecting');
    const one = member(client);
    await waits(one);
    await server.run();
    await until(() => client.status === 'ready');
    await one.clock.advance(1000);
    await one.manager.getAccessToken(one.parameters, { forceRenewal: true });
    await one.manager.close();
    const other = member(client);
    expect(await other.get()).toBe('t2');
    expect(other.upstream.requests).toEqual([]);
  });

  it.each([
    ['redis 6', redis6.createClient],
    ['redis 5', redis5.createClient],
    ['redis 4', redis4.createClient],
  ])('went away and comes back holds up no call of a client of %s, and is used again', async (_name, createClient) => {
    const client = await server.open(createClient({ socket: { host: '127.0.0.1', port: server.port } }));
    await server.stop();
    await until(() => client.isReady === false);
    const one = member(client);
    expect(await waits(one)).toBeLessThanOrEqual(200);
    expect(one.types()).toEqual(['store-failed', 'issued']);
    await server.run();
    await until(() => client.isReady === true);
    await one.clock.advance(1000);
    await one.manager.getAccessToken(one.parameters, { forceRenewal: true });
    await one.manager.close();
    const other = member(client);
    expect([await other.get(), other.upstream.requests]).toEqual(['t2', []]);
  });

  it.each([
    ['redis 6', redis6.createClient],
    ['redis 5', redis5.createClient],
    ['redis 4', redis4.createClient],
  ])('hangs holds up no call of a client of %s', async (_name, createClient) => {
    const client = await server.open(createClient({ socket: { host: '127.0.0.1', port: server.port } }));
    server.pause();
    expect(await waits(member(client))).toBeLessThanOrEqual(200);
    server.resume();
  });

  it('grants a lease when nobody waits for it any more gets it back', async () => {
    const client = await connected(server);
    const acquired: Promise<unknown>[] = [];
    const hangingAtTheLease: IoredisClient = {
      status: 'ready',
      eval(script, count, ...values) {
        if (script === ACQUIRE) server.pause();
        const answer = client.eval(script, count, ...values);
        if (script === ACQUIRE) acquired.push(answer);
        return answer;
      },
    };
    const one = member(hangingAtTheLease);
    const call = one.get();
    await until(() => acquired.length === 1);
    expect(await passing(one.clock, call)).toMatchObject({ value: 't1' });
    server.resume();
    await Promise.all(acquired);
    await until(async () => (await client.keys('nestjs-m2m:lease:*')).length === 0);
  });

  it('refuses to keep a token gets its lease back nevertheless', async () => {
    const client = await connected(server);
    const refusing: IoredisClient = {
      status: 'ready',
      eval: (script, ...rest) =>
        script === WRITE ? Promise.reject(new Error('OOM command not allowed')) : client.eval(script, ...rest),
    };
    const one = member(refusing);
    expect(await one.get()).toBe('t1');
    await one.manager.close();
    expect(one.events).toContainEqual(
      expect.objectContaining({
        error: expect.objectContaining({ message: expect.stringContaining('RedisError OOM') }),
      }),
    );
    expect(await client.keys('*')).toEqual([]);
  });

  it('is full of garbage costs a token request, and is put in order', async () => {
    const client = server.connect();
    const first = member(client);
    await first.get();
    await first.manager.close();
    const names = await client.keys('*');
    expect(names).toHaveLength(1);
    for (const name of names) await client.set(name, 'garbage');
    const second = member(client);
    expect(await second.get()).toBe('t1');
    await second.manager.close();
    expect(second.types()).toContain('store-failed');
    expect(second.upstream.requests).toHaveLength(1);
    const third = member(client);
    expect(await third.get()).toBe('t1');
    expect([third.upstream.requests, third.types()]).toEqual([[], []]);
  });
});
