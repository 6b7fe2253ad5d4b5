import { createHash, randomBytes } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, jest } from '@jest/globals';
import { Cluster, Redis } from 'ioredis';
import { redisTokenStore, type RedisTokenStoreClient } from '../../../lib/redis/index.js';
import { TestAuthority } from '../../support/certificates.js';
import { asking } from '../../support/client-token-manager.js';
import { redis4, redis5, redis6, type TestNodeRedisClient } from '../../support/node-redis.js';
import { TestRedisCluster } from '../../support/redis-cluster.js';
import { TestRedisSentinel } from '../../support/redis-sentinel.js';
import { describeWithRedis, TestRedisServer } from '../../support/redis-server.js';
import { ScriptedTokenEndpoint, tokenResponse } from '../../support/scripted-token-endpoint.js';
import { json } from '../../support/http-server.js';
import { until } from '../../support/until.js';

jest.setTimeout(60_000);

const host = '127.0.0.1';
const encryptionKey = randomBytes(32);
const endpoint = new ScriptedTokenEndpoint();

type Client = Redis | Cluster | TestNodeRedisClient;

/** A process of a fleet, as far as tokens go. */
const member = (client: RedisTokenStoreClient) =>
  endpoint.manager({ tokenStore: redisTokenStore({ client, encryptionKey }) });

/** Does all that the store is there for. */
async function useStore(client: RedisTokenStoreClient, key: string): Promise<void> {
  const store = redisTokenStore({ client, encryptionKey });
  const lease = await store.acquire?.(key, 60_000);
  expect(await store.acquire?.(key, 60_000)).toBeUndefined();
  expect(lease && (await store.renew?.(lease, 60_000))).toBe(true);
  await store.set(key, 'older', 60_000);
  await store.set(key, 'newer', 60_000, true);
  expect(await store.get(key)).toMatchObject({ value: 'newer' });
  await store.delete(key, 'older');
  await store.delete(key, 'newer');
  await store.delete('another');
  expect(await store.get(key)).toBeUndefined();
  await store.set(key, 'last', 60_000);
  await lease?.release();
}

/** The rule for a user that docs/fleet.md has, with more rights for some clients. */
function documentedRule(client: string): string[] {
  const documentation = readFileSync(join(import.meta.dirname, '../../../docs/fleet.md'), 'utf8');
  const [, rule = ''] = /^ACL SETUSER orders (.+)$/m.exec(documentation) ?? [];
  const start = `- ${client}: `;
  const more = documentation.split('\n').find((line) => line.startsWith(start)) ?? '';
  return [...rule.split(' '), ...(more.slice(start.length).match(/\+[^\s`]+/g) ?? [])];
}

/** What Redis refused to the user. */
async function denied(server: TestRedisServer): Promise<string[]> {
  const log = (await server.own.call('ACL', 'LOG')) as unknown[][];
  return log.map((entry) => `${String(entry[5])} ${String(entry[7])} ${String(entry[9])}`);
}

const login = { username: 'orders', password: 'PASSWORD' };
const ofCluster: [string, (ports: readonly number[], user: object) => Client][] = [
  [
    'ioredis `Cluster`',
    (ports, user) =>
      new Cluster(
        ports.map((port) => ({ host, port })),
        { redisOptions: user },
      ),
  ],
  [
    'redis `createCluster`',
    (ports, defaults) =>
      redis6.createCluster({ rootNodes: ports.map((port) => ({ socket: { host, port } })), defaults }),
  ],
  [
    'redis `createCluster` (version 5)',
    (ports, defaults) =>
      redis5.createCluster({ rootNodes: ports.map((port) => ({ socket: { host, port } })), defaults }),
  ],
  [
    'redis `createCluster` (version 4)',
    (ports, defaults) =>
      redis4.createCluster({ rootNodes: ports.map((port) => ({ socket: { host, port } })), defaults }),
  ],
];

describeWithRedis.each(ofCluster)('a cluster of three masters under %s', (name, connect) => {
  it('keeps tokens on each of them, and gives them to every process', async () => {
    await using cluster = await TestRedisCluster.start(3);
    const [seed] = cluster.servers as [TestRedisServer];
    const client = await seed.open(connect(cluster.ports, {}));
    for (let index = 0; index < 30; index++)
      await useStore(client, createHash('sha256').update(`${index}`).digest('hex'));
    const kept = await cluster.keys();
    expect(kept.flat()).toHaveLength(30);
    expect(Math.min(...kept.map((keys) => keys.length))).toBeGreaterThan(0);
    const [first, second] = [member(client), member(await seed.open(connect(cluster.ports.toReversed(), {})))];
    const { value } = await first.manager.getAccessToken(asking());
    await first.manager.close();
    expect(await second.manager.getAccessToken(asking())).toMatchObject({ value });
    expect([endpoint.count, first.events.length, second.events]).toEqual([1, 1, []]);
  });

  it('needs no more of a Redis user than the documentation says', async () => {
    await using cluster = await TestRedisCluster.start(1);
    const [seed] = cluster.servers as [TestRedisServer];
    await seed.own.call('ACL', 'SETUSER', 'orders', ...documentedRule(name.replace(/ \(.*/, '')));
    await useStore(await seed.open(connect(cluster.ports, login)), 'k');
    expect(await denied(seed)).toEqual([]);
  });
});

const ofServer: [string, (port: number, options?: { tls?: object; user?: object }) => Client][] = [
  ['ioredis `Redis`', (port, { tls, user } = {}) => new Redis({ host, port, ...user, ...(tls && { tls }) })],
  ...[redis6, redis5, redis4].map(({ createClient }, index): (typeof ofServer)[number] => [
    `redis \`createClient\`${index === 0 ? '' : ` (version ${6 - index})`}`,
    (port, { tls, user } = {}) => createClient({ socket: { host, port, ...(tls && { tls: true, ...tls }) }, ...user }),
  ]),
];

describeWithRedis.each(ofServer)('a single Redis under %s', (name, connect) => {
  it('needs no more of a Redis user than the documentation says', async () => {
    await using server = await TestRedisServer.start();
    await server.own.call('ACL', 'SETUSER', 'orders', ...documentedRule(name.replace(/ \(.*/, '')));
    await useStore(await server.open(connect(server.port, { user: login })), 'k');
    expect(await denied(server)).toEqual([]);
  });

  it('refuses a user that may not do all that, and no call fails', async () => {
    await using server = await TestRedisServer.start();
    const rule = documentedRule(name.replace(/ \(.*/, '')).filter((right) => right !== '+strlen');
    await server.own.call('ACL', 'SETUSER', 'orders', ...rule);
    const { manager, events } = member(await server.open(connect(server.port, { user: login })));
    expect(await manager.getAccessToken(asking())).toMatchObject({ value: 'token-1' });
    expect(events).toContainEqual(expect.objectContaining({ type: 'store-failed' }));
  });

  it('is reached over TLS if its certificate is of an authority that the client trusts', async () => {
    const directory = await mkdtemp(join(tmpdir(), 'nestjs-m2m-tls-'));
    try {
      const authority = new TestAuthority('private CA');
      const { key, cert } = authority.issue('redis');
      const files = { key, cert, ca: authority.cert };
      for (const [file, pem] of Object.entries(files)) writeFileSync(join(directory, `${file}.pem`), pem);
      const [keyFile, certFile, caFile] = Object.keys(files).map((file) => join(directory, `${file}.pem`));
      const options = ['--tls-key-file', keyFile, '--tls-cert-file', certFile, '--tls-ca-cert-file', caFile];
      const more = [...options.map(String), '--tls-auth-clients', 'no'];
      await using server = await TestRedisServer.start('tls', more);
      await useStore(await server.open(connect(server.port, { tls: { ca: authority.cert } })), 'k');
      const stranger = server.with(connect(server.port, { tls: { ca: new TestAuthority('another').cert } }));
      if ('connect' in stranger && 'isOpen' in stranger) void stranger.connect().catch(() => undefined);
      const { manager, events } = member(stranger);
      expect(await manager.getAccessToken(asking())).toMatchObject({ value: 'token-1' });
      expect(events[0]).toMatchObject({ type: 'store-failed' });
    } finally {
      await rm(directory, { recursive: true });
    }
  });
});

const ofSentinel: [string, (port: number) => Client][] = [
  ['ioredis', (port) => new Redis({ sentinels: [{ host, port }], name: TestRedisSentinel.group })],
  ['redis 6', (port) => redis6.createSentinel({ name: TestRedisSentinel.group, sentinelRootNodes: [{ host, port }] })],
  ['redis 5', (port) => redis5.createSentinel({ name: TestRedisSentinel.group, sentinelRootNodes: [{ host, port }] })],
];

describeWithRedis.each(ofSentinel)('a replica that takes over during a lease, under %s,', (_name, connect) => {
  it('fails no call, and keeps the tokens from then on', async () => {
    await using redis = await TestRedisSentinel.start();
    const { sentinel } = redis;
    const open = async () => sentinel.open(connect(sentinel.port));
    const [holder, waiting] = [member(await open()), member(await open())];
    const answers: (() => void)[] = [];
    const answered = new Promise<void>((resolve) => answers.push(resolve));
    endpoint.answer = async (_request, response) => {
      const { count } = endpoint;
      await answered;
      json(response, 200, tokenResponse(`token-${count}`));
    };
    const first = holder.manager.getAccessToken(asking());
    await until(() => endpoint.count === 1);
    const second = waiting.manager.getAccessToken(asking());
    await redis.failOver();
    for (const answer of answers) answer();
    const tokens = (await Promise.all([first, second])).map(({ value }) => value);
    expect(endpoint.count).toBeLessThanOrEqual(2);
    expect(['token-1', 'token-2']).toEqual(expect.arrayContaining(tokens));
    await Promise.all([holder.manager.close(), waiting.manager.close()]);

    // A client that connects now may still be led to the old master, and more than once.
    const [one, other] = [await open(), await open()];
    const rounds: string[][] = [];
    const shares = async (): Promise<boolean> => {
      const scope = `round-${rounds.length}`;
      const [writer, reader] = [member(one), member(other)];
      const written = await writer.manager.getAccessToken(asking({ scope }));
      await writer.manager.close();
      const read = await reader.manager.getAccessToken(asking({ scope }));
      await reader.manager.close();
      const events = [...writer.events, ...reader.events].map(({ type }) => type);
      rounds.push(events);
      return read.value === written.value && events.every((type) => type !== 'store-failed');
    };
    await until(shares);
    expect(await shares()).toBe(true);
    expect(rounds.at(-1)).toEqual(expect.arrayContaining(['issued']));
  });
});
