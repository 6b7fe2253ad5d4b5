import { Agent } from 'node:https';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { TestingModule } from '@nestjs/testing';
import type { AxiosResponse, InternalAxiosRequestConfig } from 'axios';
import { http, HttpResponse } from 'msw';
import { setupServer } from 'msw/node';
import nock from 'nock';
import { firstValueFrom } from 'rxjs';
import { M2MClientService } from '../../../lib/index.js';
import { TestAuthorizationServer } from '../../../lib/testing/index.js';
import { ordersApplication } from './orders-application.js';

const PRODUCTS = 'https://products.internal';

let server: TestAuthorizationServer;
let application: TestingModule;
let m2m: M2MClientService;
let bearer: string;

beforeEach(async () => {
  server = await TestAuthorizationServer.start({ clients: { orders: 's3cret' } });
  const httpsAgent = new Agent({ keepAlive: true });
  application = await ordersApplication(server, { url: PRODUCTS, ...server.tokenRequest(), http: { httpsAgent } });
  m2m = application.get(M2MClientService);
  bearer = `Bearer ${await m2m.getToken({ target: 'products' })}`;
});
afterEach(async () => {
  await application.close();
  await server.stop();
});

/** Has nock answer one request, if it has the token. */
const answerOnce = () =>
  nock(PRODUCTS, { reqheaders: { authorization: bearer } })
    .get('/products')
    .reply(200, {});

describe('nock', () => {
  beforeAll(() => {
    if (!nock.isActive()) nock.activate();
    nock.disableNetConnect();
    nock.enableNetConnect('127.0.0.1');
  });
  afterEach(() => nock.cleanAll());
  afterAll(() => nock.restore());

  it('answers a target that has an agent, with Axios and with fetch', async () => {
    answerOnce();
    await expect(firstValueFrom(m2m.for('products').get('/products'))).resolves.toMatchObject({ status: 200 });
    answerOnce();
    await expect(m2m.fetch('/products', {}, { target: 'products' })).resolves.toMatchObject({ status: 200 });
    expect(nock.isDone()).toBe(true);
  });

  it('has to answer a 401 twice, because a rejected token is replaced once', async () => {
    nock(PRODUCTS).get('/products').times(2).reply(401);
    const call = firstValueFrom(m2m.for('products').get('/products'));
    await expect(call).rejects.toMatchObject({ response: { status: 401 } });
    expect(nock.pendingMocks()).toEqual([]);
  });

  it('answers a 401, and the next request has another token', async () => {
    nock(PRODUCTS).get('/products').reply(401, '', { 'www-authenticate': 'Bearer error="invalid_token"' });
    nock(PRODUCTS)
      .get('/products')
      .reply(function () {
        return [200, { authorization: this.req.headers['authorization'] }];
      });
    const { data } = await firstValueFrom(m2m.for('products').get('/products'));
    expect(data).toEqual({ authorization: `Bearer ${await m2m.getToken({ target: 'products' })}` });
    expect(data).not.toEqual({ authorization: bearer });
  });
});

describe('msw', () => {
  const products = setupServer(
    http.get(`${PRODUCTS}/products`, ({ request }) => HttpResponse.json(request.headers.get('authorization'))),
  );
  beforeAll(() => products.listen({ onUnhandledRequest: 'bypass' }));
  afterAll(() => products.close());

  it('answers a target that has an agent, with Axios and with fetch', async () => {
    const { data } = await firstValueFrom(m2m.for('products').get('/products'));
    const response = await m2m.fetch('/products', {}, { target: 'products' });
    expect([data, await response.json()]).toEqual([bearer, bearer]);
  });
});

/** An adapter that answers with the token. */
const answer = async (config: InternalAxiosRequestConfig): Promise<AxiosResponse> => {
  const data: unknown = await Promise.resolve(config.headers.get('authorization'));
  return { data, status: 200, statusText: 'OK', headers: {}, config };
};

describe('an adapter function, as axios-mock-adapter sets one', () => {
  it.each(['the defaults of the target', 'the request'])('gets the token, set in %s', async (where) => {
    const { axiosRef } = m2m.for('products');
    if (where === 'the defaults of the target') axiosRef.defaults.adapter = answer;
    const { data } = await axiosRef.get('/products', where === 'the request' ? { adapter: answer } : {});
    expect(data).toBe(bearer);
  });

  it('gets no token if an interceptor sets it that was added before attach()', async () => {
    const { default: axios } = await import('axios');
    const instance = axios.create({ baseURL: PRODUCTS });
    instance.interceptors.request.use((config) => ({ ...config, adapter: answer }));
    m2m.attach(instance);
    const { data } = await instance.get('/products');
    expect(data).toBeUndefined();
  });
});
