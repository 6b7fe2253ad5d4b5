import type { HttpService } from '@nestjs/axios';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { TestingModule } from '@nestjs/testing';
import axios, { type AxiosInstance } from 'axios';
import { buildMemoryStorage, setupCache, type AxiosCacheInstance } from 'axios-cache-interceptor';
import axiosRetry from 'axios-retry';
import { decodeJwt } from 'jose';
import { firstValueFrom } from 'rxjs';
import { M2MClientService, TokenEndpointError } from '../../../lib/index.js';
import { TestAuthorizationServer, TestClock } from '../../../lib/testing/index.js';
import { json, TestHttpServer } from '../../support/http-server.js';
import { ordersApplication } from './orders-application.js';
import { cachedCalls } from './recipes/cached-calls.js';

const API = 'https://products.example';
const READ = 'read:products';
const WRITE = 'write:products';

let clock: TestClock;
let server: TestAuthorizationServer;
let products: TestHttpServer;
let application: TestingModule;
let m2m: M2MClientService;
/** How many of the next requests are answered with 503. */
let failures: number;

beforeEach(async () => {
  clock = new TestClock();
  const clients = { orders: 's3cret', billing: 's3cret' };
  server = await TestAuthorizationServer.start({ clients, resources: [API], clock });
  failures = 0;
  products = await TestHttpServer.start(({ headers }, response) => {
    failures -= 1;
    if (failures >= 0) return json(response, 503, {});
    const { client_id: client, scope } = decodeJwt(String(headers.authorization).replace('Bearer ', ''));
    return json(response, 200, { client, scope }, { vary: 'Authorization', 'cache-control': 'max-age=600' });
  });
  application = await applicationOf('orders');
  m2m = application.get(M2MClientService);
});
afterEach(async () => {
  await application.close();
  await Promise.all([products.stop(), server.stop()]);
});

const applicationOf = (clientId: string): Promise<TestingModule> =>
  ordersApplication(server, { url: products.url, resource: API }, [], { clientId, retry: { attempts: 1 } });

const instance = (): AxiosInstance => axios.create({ baseURL: products.url });

const list = async (http: HttpService, scope: string): Promise<unknown> =>
  (await firstValueFrom(http.get('/', { m2m: { scope } }))).data;

describe('axios-cache-interceptor with its own keys', () => {
  it('gives the answer for one scope to another', async () => {
    const http = m2m.for('products');
    setupCache(http.axiosRef);
    expect(await list(http, READ)).toEqual({ client: 'orders', scope: READ });
    expect(await list(http, WRITE)).toEqual({ client: 'orders', scope: READ });
  });

  it('gives the answer for one service to another that shares its storage', async () => {
    const storage = buildMemoryStorage();
    const billing = await applicationOf('billing');
    const [own, other] = [m2m, billing.get(M2MClientService)].map((client) => client.for('products'));
    for (const http of [own!, other!]) setupCache(http.axiosRef, { storage });
    expect(await list(own!, READ)).toEqual({ client: 'orders', scope: READ });
    expect(await list(other!, READ)).toEqual({ client: 'orders', scope: READ });
    await billing.close();
  });

  it('never ends a request that got no token, and those that wait for it', async () => {
    const http = m2m.for('products');
    const { waiting } = setupCache(http.axiosRef);
    await server.goDown();
    await expect(list(http, READ)).rejects.toThrow(TokenEndpointError);
    expect(waiting.size).toBe(1);
  });

  it('needs a token for an answer that it has, if it was added after attach()', async () => {
    const http = m2m.for('products');
    setupCache(http.axiosRef);
    await list(http, READ);
    await m2m.invalidate({ target: 'products', scope: READ });
    await server.goDown();
    await expect(list(http, READ)).rejects.toThrow(TokenEndpointError);
  });
});

describe('axios-cache-interceptor with the keys of the recipe', () => {
  it('keeps an answer for each scope', async () => {
    const http = cachedCalls(instance(), m2m, 'orders');
    for (let round = 0; round < 3; round += 1) {
      expect(await list(http, READ)).toEqual({ client: 'orders', scope: READ });
      expect(await list(http, WRITE)).toEqual({ client: 'orders', scope: WRITE });
    }
    expect(products.requests).toHaveLength(2);
  });

  it('keeps an answer for each service that shares its storage', async () => {
    const storage = buildMemoryStorage();
    const billing = await applicationOf('billing');
    const own = cachedCalls(instance(), m2m, 'orders', storage);
    const other = cachedCalls(instance(), billing.get(M2MClientService), 'billing', storage);
    expect(await list(own, READ)).toEqual({ client: 'orders', scope: READ });
    expect(await list(other, READ)).toEqual({ client: 'billing', scope: READ });
    await billing.close();
  });

  it('keeps answers to different queries apart', async () => {
    const http = cachedCalls(instance(), m2m, 'orders');
    for (const page of ['1', '2']) {
      await firstValueFrom(http.get('/', { params: new URLSearchParams({ page }) }));
      await firstValueFrom(http.get('/', { params: { page } }));
    }
    expect(products.requests.map(({ url }) => url)).toEqual(['/?page=1', '/?page=2']);
  });

  it('answers without a token request if it has the answer', async () => {
    const http = cachedCalls(instance(), m2m, 'orders');
    await list(http, READ);
    await m2m.invalidate({ target: 'products', scope: READ });
    await server.goDown();
    expect(await list(http, READ)).toEqual({ client: 'orders', scope: READ });
  });

  it('fails every call that waits for a token with the M2MError, and works when there are tokens again', async () => {
    const axiosRef = instance();
    const http = cachedCalls(axiosRef, m2m, 'orders');
    const { waiting } = axiosRef as AxiosCacheInstance;
    await server.goDown();
    const calls = await Promise.allSettled([list(http, READ), list(http, READ)]);
    expect(calls.map((call) => (call as PromiseRejectedResult).reason)).toEqual([
      expect.any(TokenEndpointError),
      expect.any(TokenEndpointError),
    ]);
    expect(waiting.size).toBe(0);
    await server.comeBack();
    await clock.advance(60_000);
    expect(await list(http, READ)).toEqual({ client: 'orders', scope: READ });
  });

  it('can be repeated by axios-retry, added after it', async () => {
    const axiosRef = instance();
    const http = cachedCalls(axiosRef, m2m, 'orders');
    axiosRetry(axiosRef, { retries: 2 });
    failures = 2;
    expect(await list(http, READ)).toEqual({ client: 'orders', scope: READ });
    expect(await list(http, READ)).toEqual({ client: 'orders', scope: READ });
    expect(products.requests).toHaveLength(3);
    await server.goDown();
    await expect(list(http, WRITE)).rejects.toThrow(TokenEndpointError);
    expect(server.requests('token')).toHaveLength(1);
  });
});
