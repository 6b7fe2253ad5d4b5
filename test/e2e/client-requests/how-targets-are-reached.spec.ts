import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { Agent, createServer, type IncomingMessage } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import type { AddressInfo } from 'node:net';
import { firstValueFrom } from 'rxjs';
import type { InternalAxiosRequestConfig } from 'axios';
import type { M2MTarget } from '../../../lib/options/client-options.js';
import { callingService, TestTokenEndpoint } from '../../support/calling-service.js';
import { json, TestHttpServer } from '../../support/http-server.js';

let endpoint: TestTokenEndpoint;
let api: TestHttpServer;
let proxy: TestHttpServer;

beforeEach(async () => {
  endpoint = await TestTokenEndpoint.start();
  proxy = await TestHttpServer.start((_, response) => json(response, 200, { from: 'proxy' }));
  api = await TestHttpServer.start(({ url }, response) => {
    if (!url.endsWith('/slow')) json(response, 200, { from: 'api' });
  });
});

afterEach(async () => {
  delete process.env['http_proxy'];
  await Promise.all([endpoint[Symbol.asyncDispose](), api.stop(), proxy.stop()]);
});

const shop = (http: M2MTarget['http'] = {}) =>
  callingService(endpoint, { targets: { shop: { url: api.url, http } } }).for('shop');

const proxyOptions = () => ({ host: '127.0.0.1', port: Number(new URL(proxy.url).port) });

describe('a loopback target', () => {
  it.each(['the environment', 'the target', 'the request'])('is reached without the proxy of %s', async (whose) => {
    if (whose === 'the environment') process.env['http_proxy'] = proxy.url;
    const http = shop(whose === 'the target' ? { proxy: proxyOptions() } : {});
    const config = whose === 'the request' ? { proxy: proxyOptions() } : {};
    await expect(firstValueFrom(http.get('/products', config))).resolves.toMatchObject({ data: { from: 'api' } });
    expect(proxy.requests).toEqual([]);
  });

  it('is reached as Axios does where no token goes', async () => {
    process.env['http_proxy'] = proxy.url;
    const { data } = await firstValueFrom(shop().get('/products', { m2m: false }));
    expect(data).toEqual({ from: 'proxy' });
    expect(proxy.requests[0]?.headers.authorization).toBeUndefined();
  });
});

describe('a target elsewhere', () => {
  it.each(['target', 'request'])('is reached through the proxy of the %s, which sees no token', async (whose) => {
    const connects: IncomingMessage[] = [];
    const tunnel = createServer().on('connect', (request, socket) => {
      connects.push(request);
      socket.end('HTTP/1.1 502 Bad Gateway\r\n\r\n');
    });
    await new Promise<void>((resolve) => tunnel.listen(0, '127.0.0.1', resolve));
    const there = { host: '127.0.0.1', port: (tunnel.address() as AddressInfo).port };
    const http = whose === 'target' ? { proxy: there } : { proxy: { host: '127.0.0.1', port: 1 } };
    const client = callingService(endpoint, { targets: { shop: { url: 'https://shop.example', http } } });
    const call = client.for('shop').get('/', whose === 'request' ? { proxy: there } : {});
    await expect(firstValueFrom(call)).rejects.toMatchObject({ isAxiosError: true });
    expect(connects.map(({ url, headers }) => [url, headers.authorization])).toStrictEqual([
      ['shop.example:443', undefined],
    ]);
    tunnel.close();
  });

  it('is reached with its own agent', async () => {
    const httpsAgent = new HttpsAgent();
    httpsAgent.createConnection = () => {
      throw new Error('its own agent');
    };
    const client = callingService(endpoint, {
      targets: { shop: { url: 'https://shop.example', http: { httpsAgent } } },
    });
    await expect(firstValueFrom(client.for('shop').get('/', { proxy: false }))).rejects.toThrow('its own agent');
  });
});

const withAgent = () => {
  const agent = new Agent();
  let connections = 0;
  const connect = agent.createConnection.bind(agent);
  agent.createConnection = (...args) => ((connections += 1), connect(...args));
  return { agent, connections: () => connections };
};

describe('a target with options', () => {
  it('is reached with its agent, unless the request has one', async () => {
    const [ofTarget, ofRequest] = [withAgent(), withAgent()];
    const http = shop({ httpAgent: ofTarget.agent });
    await firstValueFrom(http.get('/'));
    await firstValueFrom(http.get('/', { httpAgent: ofRequest.agent }));
    expect([ofTarget.connections(), ofRequest.connections()]).toEqual([1, 1]);
  });

  it('has its timeout, unless the request has one', async () => {
    await expect(firstValueFrom(shop({ timeout: 21 }).get('/slow'))).rejects.toThrow('timeout of 21ms exceeded');
    await expect(firstValueFrom(shop({ timeout: 21 }).get('/slow', { timeout: 22 }))).rejects.toThrow('22ms');
  });

  it('has a timeout of 30 s if nobody says another, and none with 0', async () => {
    const seen: unknown[] = [];
    const adapter = (config: InternalAxiosRequestConfig) => {
      seen.push(config.timeout);
      return Promise.resolve({ data: '', status: 200, statusText: '', headers: {}, config });
    };
    for (const http of [{}, { timeout: 0 }, { timeout: 50_000 }]) {
      const client = callingService(endpoint, { targets: { shop: { url: api.url, http } } });
      await client.getToken({ target: 'shop' });
      for (const timeout of [undefined, 7000]) await firstValueFrom(client.for('shop').get('/', { adapter, timeout }));
    }
    expect(seen).toEqual([30_000, 7000, 0, 7000, 50_000, 7000]);
  });

  it('has its timeout where the token is at hand, too', async () => {
    const client = callingService(endpoint, { targets: { shop: { url: api.url, http: { timeout: 21 } } } });
    await client.getToken({ target: 'shop' });
    const call = client.for('shop').get('/slow');
    await expect(firstValueFrom(call)).rejects.toThrow('timeout of 21ms exceeded');
  });
});

describe('the URL of a target', () => {
  it.each([
    ['/shop', '', '/shop'],
    ['/shop/', '', '/shop/'],
    ['/shop/', '/', '/shop/'],
    ['/shop/', '/products', '/shop/products'],
    ['/shop/', 'products/', '/shop/products/'],
    ['', '', '/'],
    ['/', '', '/'],
  ])('keeps its slash: %j and %j are %j', async (path, url, expected) => {
    const client = callingService(endpoint, { targets: { shop: { url: api.url + path } } });
    await firstValueFrom(client.for('shop').get(url));
    await client.fetch(url, {}, { target: 'shop' });
    expect(api.requests.map((request) => `${request.url} ${request.headers.authorization}`)).toEqual(
      Array(2).fill(`${expected} Bearer token-1`),
    );
  });

  it.each([
    ['https://*.shop.example', "url: 'https://eu.shop.example'"],
    ['https://shop.example/api/*', "url: 'https://shop.example/api'"],
  ])('is refused with a wildcard: %s', (url, remedy) => {
    expect(() => callingService(endpoint, { targets: { shop: { url } } })).toThrow(remedy);
  });
});
