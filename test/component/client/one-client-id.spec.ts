import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { afterAll, afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { M2MClientService } from '../../../lib/client/m2m-client.service.js';
import type { M2MNamedClientOptions } from '../../../lib/options/client-options.js';
import type { TokenStore } from '../../../lib/options/token-store.js';
import { redisTokenStore } from '../../../lib/redis/index.js';
import { callingService } from '../../support/calling-service.js';
import { closedGate } from '../../support/closed-gate.js';
import { json, TestHttpServer } from '../../support/http-server.js';
import { MemoryTokenStore } from '../../support/memory-token-store.js';
import { describeWithRedis, TestRedisServer } from '../../support/redis-server.js';

const RIGHT = 'the-right-secret';
const WRONG = 'a-wrong-secret';

const requests = new EventTarget();
let server: TestHttpServer;
let store: TokenStore | undefined;
/** While set, answers wait for it. */
let gate: Promise<void> | undefined;
let isDown: boolean;
let issued: number;
/** Whether a function finds the named clients. */
let areFound: boolean;

const refused = { error: 'invalid_client', upstreamStatus: 401 };

/** A process: the module's own client and two named ones, all with one client id. */
const start = (all: Partial<M2MNamedClientOptions> = {}, own = RIGHT): M2MClientService => {
  const options = (clientSecret: string) => ({ ...all, clientId: 'orders', clientSecret, tokenStore: store });
  const clients: Record<string, M2MNamedClientOptions> = { right: options(RIGHT), wrong: options(WRONG) };
  const named = areFound ? (name: string) => clients[name] : clients;
  return callingService({ url: `${server.url}/token` }, { ...options(own), clients: named });
};

function clientsShareNothing(newStore: () => Promise<TokenStore | undefined>, found = false): void {
  // The endpoint issues a new token for each request with the right secret, and refuses others.
  beforeEach(async () => {
    [gate, isDown, issued, areFound] = [undefined, false, 0, found];
    store = await newStore();
    const credentials = `Basic ${Buffer.from(`orders:${RIGHT}`).toString('base64')}`;
    server = await TestHttpServer.start(async ({ headers: { authorization } }, response) => {
      requests.dispatchEvent(new Event('request'));
      await gate;
      if (isDown) return json(response, 503, {});
      if (authorization !== credentials) return json(response, 401, { error: 'invalid_client' });
      json(response, 200, { access_token: `token-${(issued += 1)}`, token_type: 'Bearer', expires_in: 3600 });
    });
  });
  afterEach(() => server.stop());

  it('get no token that another one got with its secret (claim 1.14)', async () => {
    const service = start();
    expect([await service.getToken(), await service.client('right').getToken()]).toEqual(['token-1', 'token-2']);
    await expect(service.client('wrong').getToken()).rejects.toMatchObject(refused);
    // A process that begins with nothing in memory.
    await expect(start().client('wrong').getToken()).rejects.toMatchObject(refused);
    expect(await service.client('right').getToken()).toBe('token-2');
  });

  it('are not held up by the refusal of another one (claim 1.14)', async () => {
    const service = start({}, WRONG);
    await expect(service.client('wrong').getToken()).rejects.toMatchObject(refused);
    await expect(service.getToken()).rejects.toMatchObject(refused);
    expect(server.requests).toHaveLength(2);
    expect(await service.client('right').getToken()).toBe('token-1');
    // Success of the one does not end the pause of the other.
    await expect(service.client('wrong').getToken()).rejects.toMatchObject(refused);
    await expect(service.getToken()).rejects.toMatchObject(refused);
    expect(server.requests).toHaveLength(3);
  });

  it('do not wait for the token request of another one (claim 1.14)', async () => {
    const { opened, open } = closedGate();
    gate = opened;
    const service = start();
    const first = service.client('right').getToken();
    await once(requests, 'request');
    const second = Promise.allSettled([service.client('wrong').getToken(), start().getToken()]);
    await once(requests, 'request');
    await once(requests, 'request');
    open();
    expect(await first).toMatch(/^token-/);
    expect(await second).toMatchObject([{ reason: refused }, { value: expect.stringMatching(/^token-/) }]);
  });

  it('use up no budget of another one (claim 1.14)', async () => {
    const service = start({ budget: { perHour: 1 } });
    await expect(service.client('wrong').getToken()).rejects.toMatchObject(refused);
    await expect(service.client('wrong').getToken({ scope: 'read' })).rejects.toMatchObject(refused);
    expect(await service.client('right').getToken()).toBe('token-1');
    await expect(service.client('right').getToken({ scope: 'read' })).rejects.toMatchObject({
      code: 'ERR_M2M_BUDGET_EXCEEDED',
    });
    expect(await service.getToken()).toBe('token-2');
  });

  it('forget and renew no token of another one', async () => {
    const service = start();
    const [own, right] = [await service.getToken(), await service.client('right').getToken()];
    await service.client('wrong').invalidate();
    await service.invalidate();
    // What is in memory tells nothing about the store.
    const process = store ? start() : service;
    expect(await process.client('right').getToken()).toBe(right);
    expect(await service.getToken()).not.toBe(own);
  });

  it('share the outage of the endpoint, and learn nothing else of each other', async () => {
    isDown = true;
    const service = start({ retry: { attempts: 1 } });
    const first = service.client('right').getToken({ scope: 'read:salaries' });
    await expect(first).rejects.toMatchObject({ upstreamStatus: 503 });
    const others = [service.client('wrong').getToken(), service.getToken()];
    for (const { reason } of (await Promise.allSettled(others)) as PromiseRejectedResult[]) {
      expect(reason).toMatchObject({ upstreamStatus: 503 });
      expect(String(reason)).not.toMatch(/read:salaries|orders/);
    }
    expect(server.requests).toHaveLength(1);
  });

  it('share with the same client of another process, if there is a store', async () => {
    const token = await start().client('right').getToken();
    await expect(start().client('wrong').getToken()).rejects.toMatchObject(refused);
    const isShared = store !== undefined;
    expect((await start().client('right').getToken()) === token).toBe(isShared);
    await expect(start().client('wrong').getToken()).rejects.toMatchObject(refused);
    expect(server.requests).toHaveLength(isShared ? 2 : 4);
  });
}

describe('clients of one application with one client id, in memory,', () => {
  clientsShareNothing(() => Promise.resolve(undefined));
});

describe('clients of one application with one client id, with a store,', () => {
  clientsShareNothing(() => Promise.resolve(new MemoryTokenStore()));
});

describe('clients with one client id that a function returns', () => {
  clientsShareNothing(() => Promise.resolve(undefined), true);
});

describeWithRedis('clients of one application with one client id, with Redis,', () => {
  const encryptionKey = randomBytes(32);
  let redis: TestRedisServer | undefined;
  afterAll(() => redis?.[Symbol.asyncDispose]());
  const newStore = async (): Promise<TokenStore> => {
    redis ??= await TestRedisServer.start();
    await redis.own.flushall();
    return redisTokenStore({ client: redis.own, encryptionKey });
  };
  // Side by side: the hooks of the one would run for the other, too, and leave its server open.
  describe('of the options,', () => {
    clientsShareNothing(newStore);
  });
  describe('that a function returns,', () => {
    clientsShareNothing(newStore, true);
  });
});
