import { HttpService } from '@nestjs/axios';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { TestingModule } from '@nestjs/testing';
import { firstValueFrom } from 'rxjs';
import { getM2MHttpToken } from '../../../lib/index.js';
import { TestAuthorizationServer } from '../../../lib/testing/index.js';
import { json, TestHttpServer } from '../../support/http-server.js';
import { ordersApplication } from './orders-application.js';
import { ProductsHttpModule as AttachedHttpModule } from './recipes/attached-http.module.js';
import { ProductsHttpModule as TargetHttpModule } from './recipes/target-http.module.js';

let server: TestAuthorizationServer;
let products: TestHttpServer;
beforeAll(async () => {
  server = await TestAuthorizationServer.start({ clients: { orders: 's3cret' } });
});
afterAll(() => server.stop());
beforeEach(async () => {
  products = await TestHttpServer.start(({ url }, response) => {
    if (url === '/moved') response.writeHead(302, { location: '/products' }).end();
    else if (url !== '/slow') json(response, 200, [{ name: 'Tea' }]);
  });
  process.env['PRODUCTS_URL'] = products.url;
});
afterEach(async () => {
  delete process.env['PRODUCTS_URL'];
  await products.stop();
});

const recipes = [
  ['an instance of HttpModule with attach()', AttachedHttpModule, HttpService, {}],
  ['the HttpService of a target', TargetHttpModule, getM2MHttpToken('products'), { timeout: 2000 }],
] as const;

describe.each(recipes)('%s', (_name, recipe, token, http) => {
  let module: TestingModule;
  let calls: HttpService;
  beforeEach(async () => {
    module = await ordersApplication(server, { url: products.url, ...server.tokenRequest(), http }, [recipe]);
    calls = module.select(recipe).get<HttpService>(token, { strict: false });
  });
  afterEach(() => module.close());

  it('keeps the base URL, the headers and the interceptors, and adds the token', async () => {
    const { data } = await firstValueFrom(calls.get('/products'));
    expect(data).toEqual([{ name: 'Tea' }]);
    expect(products.requests.map(({ url, headers }) => [url, headers])).toEqual([
      [
        '/products',
        expect.objectContaining({
          'x-channel': 'web',
          'x-request-id': expect.stringMatching(/^[\da-f-]{36}$/),
          authorization: expect.stringMatching(/^Bearer ey/),
        }),
      ],
    ]);
  });

  it('keeps maxRedirects', async () => {
    await expect(firstValueFrom(calls.get('/moved'))).rejects.toMatchObject({ response: { status: 302 } });
  });

  it('keeps the timeout', async () => {
    await expect(firstValueFrom(calls.get('/slow'))).rejects.toThrow('timeout of 2000ms exceeded');
  });
});
