import { randomBytes } from 'node:crypto';
import { inspect } from 'node:util';
import { afterEach, describe, expect, it } from '@jest/globals';
import { Logger } from '@nestjs/common';
import { failureOf } from '../../support/scripted-token-endpoint.js';
import { clearEnvelope } from '../../../lib/redis/envelope.js';
import { redisTokenStore, type IoredisClient } from '../../../lib/redis/index.js';
import { RedisTokenStore } from '../../../lib/redis/redis-token-store.js';
import { WRITE } from '../../../lib/redis/scripts.js';
import { redis4, redis5, redis6 } from '../../support/node-redis.js';
import { TestClock } from '../../../lib/testing/test-clock.js';

const encryptionKey = randomBytes(32).toString('base64');
const silent: IoredisClient = { status: 'ready', eval: () => Promise.resolve(null) };
function failing(reason: unknown): IoredisClient {
  return { ...silent, eval: () => Promise.reject(reason) };
}

function quiet(): void {}

describe('redisTokenStore', () => {
  const warnings: string[] = [];
  Logger.overrideLogger({ log: quiet, error: quiet, warn: (message: string) => void warnings.push(message) });
  afterEach(() => void warnings.splice(0));

  it.each([
    [
      'client',
      undefined,
      /redisTokenStore\.client is missing, and not a client of ioredis or redis\n {4}write: client: new Redis/,
    ],
    ['client', {}, /redisTokenStore\.client is an object/],
    ['client', { eval: () => undefined }, /redisTokenStore\.client is an object/],
    ['client', Promise.resolve(silent), /client is a promise\n {4}write: client: await createClient/],
    ['client', redis6.createClient({}), /client is a client of redis that is not connected\n {4}write: client: await/],
    ['client', redis5.createClient({}), /client is a client of redis that is not connected\n {4}write: client: await/],
    ['client', redis5.createCluster({ rootNodes: [{}] }), /client is a client of redis that is not connected/],
    ['client', redis5.createClientPool({}), /client is a client of redis that is not connected/],
    ['client', redis4.createClient({}), /client is a client of redis that is not connected/],
    ['client', redis4.createClient({ legacyMode: true }), /client is a client of redis in legacy mode/],
    ['client', redis6.createClient({}).legacy?.(), /client is a client of redis in legacy mode/],
    ['client', redis5.createClient({}).legacy?.(), /client is a client of redis in legacy mode/],
    ['prefix', 5, /redisTokenStore\.prefix is 5\n {4}write: prefix: 'nestjs-m2m:'/],
    ['encryptionKey', undefined, /redisTokenStore\.encryptionKey is missing\n {4}write: encryptionKey: process.env/],
  ])('says what is wrong with %s %p', (name, value, message) => {
    expect(() => redisTokenStore({ client: silent, encryptionKey, [name]: value })).toThrow(message);
  });

  it('says all that is wrong at once', () => {
    const options = { client: undefined as never, encryptionKey: 'x', prefix: null as never };
    expect(() => redisTokenStore(options)).toThrow('3 problems');
  });

  it('warns of clear text once, and only where that was chosen', async () => {
    redisTokenStore({ client: silent, encryptionKey });
    expect(warnings).toEqual([]);
    const store = redisTokenStore({ client: silent, encryptionKey: null });
    await store.delete('k');
    await store.delete('k');
    expect(warnings).toEqual([expect.stringMatching(/^M2M-1009 .*clear text/)]);
  });

  it('shows neither its keys nor its client', () => {
    const store = redisTokenStore({ client: { ...silent, status: 'PASSWORD' }, encryptionKey });
    const shown = `${inspect(store, { depth: 9, showHidden: true })} ${JSON.stringify(store)}`;
    expect(shown).not.toContain('PASSWORD');
    expect(shown).not.toContain(encryptionKey.slice(0, 8));
  });

  it.each(['reconnecting', 'close', 'end'])('sends nothing while the client is %j', async (status) => {
    let sent = 0;
    const client = { status, eval: () => Promise.resolve((sent += 1)) };
    const store = redisTokenStore({ client, encryptionKey });
    await expect(store.get('k')).rejects.toMatchObject({ name: `RedisError ${status}` });
    await expect(store.acquire?.('k', 1000)).rejects.toMatchObject({ name: `RedisError ${status}` });
    expect(sent).toBe(0);
  });

  it.each([
    [{ isOpen: false, isReady: false }, 'closed'],
    [{ isOpen: true, isReady: false }, 'not ready'],
  ])('sends nothing through a client of redis that is %p', async (state, reason) => {
    let sent = 0;
    const client = { isOpen: true, isReady: true, eval: () => Promise.resolve((sent += 1)) };
    const store = redisTokenStore({ client, encryptionKey });
    Object.assign(client, state);
    await expect(store.get('k')).rejects.toMatchObject({ name: `RedisError ${reason}` });
    await expect(store.acquire?.('k', 1000)).rejects.toMatchObject({ name: `RedisError ${reason}` });
    expect(sent).toBe(0);
  });

  it.each([
    [new Error('NOAUTH Authentication required. eyJ0b2tlbg'), 'RedisError NOAUTH'],
    [new Error("ERR unknown command 'eval', with args beginning with: 'eyJ0b2tlbg'"), 'RedisError ERR'],
    [new TypeError('A message with eyJ0b2tlbg'), 'RedisError TypeError'],
    [new TypeError('A message with SECRETS'), 'RedisError TypeError'],
    ['eyJ0b2tlbg', 'RedisError string'],
  ])('passes on of %p only what cannot hold a token', async (error, name) => {
    const leaky = error instanceof Error ? Object.assign(error, { command: { args: ['eyJ0b2tlbg'] } }) : error;
    const store = redisTokenStore({ client: failing(leaky), encryptionKey });
    const failure = await failureOf(store.set('k', 'eyJ0b2tlbg', 1000));
    expect(failure).toMatchObject({ name });
    expect(inspect(failure, { depth: 9, showHidden: true })).not.toContain('eyJ0b2tlbg');
  });

  it('gives back a lease that may have been granted although the answer was lost', async () => {
    const commands: string[][] = [];
    const client: IoredisClient = {
      status: 'ready',
      eval(_script, _count, ...values) {
        commands.push(values);
        return Promise.reject(new Error('Command timed out'));
      },
    };
    await expect(redisTokenStore({ client, encryptionKey }).acquire?.('k', 1000)).rejects.toThrow('cannot be used now');
    const [[name, owner, lifetime], released] = commands as [string[], string[]];
    expect([name, lifetime, released]).toEqual(['nestjs-m2m:lease:k', '1000', [name, owner]]);
  });

  it('writes nothing of a token that expired while the machine was suspended', async () => {
    const clock = new TestClock();
    const written: string[][] = [];
    const client: IoredisClient = {
      status: 'ready',
      eval(script, _count, ...values) {
        if (script === WRITE) written.push(values);
        else clock.jump(45_000);
        return Promise.resolve(['1800000000', '0']);
      },
    };
    const store = new RedisTokenStore(client, clearEnvelope, '', clock);
    await store.set('k', 'eyJ0b2tlbg', 60_000);
    await store.set('k', 'eyJ0b2tlbg', 45_000);
    expect(written.map(([name, , left]) => [name, left])).toEqual([['value:k', '15000']]);
  });
});
