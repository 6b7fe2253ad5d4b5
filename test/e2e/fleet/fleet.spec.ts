import { randomBytes } from 'node:crypto';
import type { ServerResponse } from 'node:http';
import { setTimeout as pause } from 'node:timers/promises';
import { afterEach, beforeEach, expect, it, jest } from '@jest/globals';
import { json, TestHttpServer } from '../../support/http-server.js';
import { describeWithRedis, TestRedisServer } from '../../support/redis-server.js';
import { until } from '../../support/until.js';
import { Fleet } from './fleet.js';
import type { MemberSettings } from './messages.js';

jest.setTimeout(120_000);

/** @param seconds the token's lifetime */
function issue(response: ServerResponse, count: number, seconds = 3600): void {
  json(response, 200, { access_token: `token-${count}`, token_type: 'Bearer', expires_in: seconds });
}

describeWithRedis('a fleet with one Redis', () => {
  let redis: TestRedisServer;
  let endpoint: TestHttpServer;
  let answer: (response: ServerResponse, count: number) => unknown;
  /** When token requests came, in milliseconds. */
  let times: number[];

  beforeEach(async () => {
    redis = await TestRedisServer.start();
    times = [];
    endpoint = await TestHttpServer.start((_request, response) => answer(response, times.push(performance.now())));
  });
  afterEach(() => Promise.all([redis[Symbol.asyncDispose](), endpoint.stop()]));

  const start = (size: number, settings: Partial<MemberSettings> = {}) =>
    Fleet.start(size, {
      redisPort: redis.port,
      tokenEndpoint: `${endpoint.url}/token`,
      encryptionKey: randomBytes(32).toString('base64'),
      ...settings,
    });

  it('of 8 processes with 1000 calls each makes one token request, cold', async () => {
    answer = async (response, count) => {
      await pause(300);
      issue(response, count);
    };
    await using fleet = await start(8);
    const answers = await fleet.all({ calls: 1000 });
    expect(answers).toEqual(Array.from({ length: 8 }, () => ({ tokens: ['token-1'], errors: [] })));
    expect(times).toHaveLength(1);
  });

  it('renews a token once, and every process finds it', async () => {
    answer = (response, count) => issue(response, count, count === 1 ? 4 : 3600);
    await using fleet = await start(4);
    await fleet.all({ calls: 1 });
    const answers = await fleet.all({ calls: 1, otherThan: 'token-1' });
    expect(answers).toEqual(Array.from({ length: 4 }, () => ({ tokens: ['token-2'], errors: [] })));
    expect(times).toHaveLength(2);
  });

  it('gets over a process that is killed while it fetches the token for all: one other takes its place', async () => {
    // The first request is never answered.
    answer = (response, count) => (count > 1 ? issue(response, count) : undefined);
    await using fleet = await start(4);
    const [holder, ...others] = fleet.members;
    const lost = holder?.carryOut({ calls: 100 }).catch(() => 'lost');
    await until(() => times.length === 1);
    const [lease = ''] = await redis.connect().keys('nestjs-m2m:lease:*');
    const waiting = others.map((member) => member.carryOut({ calls: 100 }));
    const client = redis.connect();
    const left = () => client.pttl(lease);
    // It renews its lease.
    await until(async () => (await left()) < 1700);
    await until(async () => (await left()) > 1800);
    await holder?.kill();
    // One of the others looks for its end every 500 ms.
    expect(await left()).toBeLessThanOrEqual(2000);
    const answers = await Promise.all(waiting);
    expect(await lost).toBe('lost');
    expect(answers).toEqual(Array.from({ length: 3 }, () => ({ tokens: ['token-2'], errors: [] })));
    expect(times).toHaveLength(2);
  });

  it('tries refused credentials once in 5 s, however many processes there are', async () => {
    answer = (response) => json(response, 401, { error: 'invalid_client' });
    await using fleet = await start(4);
    while (times.length < 2) {
      const answers = await fleet.all({ calls: 4 });
      expect(answers).toEqual(Array.from({ length: 4 }, () => ({ tokens: [], errors: ['ERR_M2M_TOKEN_REQUEST'] })));
      await pause(50);
    }
    const [first = 0, second = 0] = times;
    // What the way to Redis took is taken off what is left of a record, and it takes 150 ms at most.
    expect(second - first).toBeGreaterThan(5000 - 150);
  });
});
