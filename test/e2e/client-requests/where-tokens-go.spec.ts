import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { ServerResponse } from 'node:http';
import { createRequire } from 'node:module';
import { inspect } from 'node:util';
import axios, {
  Axios,
  AxiosHeaders,
  create,
  getAdapter,
  type AxiosAdapter,
  type AxiosInstance,
  type AxiosRequestConfig,
  type AxiosStatic,
  type InternalAxiosRequestConfig,
} from 'axios';
import type { AxiosLike } from '../../../lib/client/requests/axios-like.js';
import { callingService, TestTokenEndpoint } from '../../support/calling-service.js';
import { json, TestHttpServer, type SeenRequest } from '../../support/http-server.js';

const TOKEN = 'token-1';

let api: TestHttpServer;
let evil: TestHttpServer;
let endpoint: TestTokenEndpoint;
let instance: AxiosInstance;
let attach: (other?: AxiosLike) => () => void;

/** Redirects as the query says, else answers 200. */
function answer({ url }: SeenRequest, response: ServerResponse): void {
  const to = new URL(url, 'http://x').searchParams.get('to');
  if (to === null) json(response, 200, { ok: true });
  else response.writeHead(307, { location: to }).end();
}

const authorizations = (server: TestHttpServer) => server.requests.map(({ headers }) => headers.authorization);

beforeEach(async () => {
  api = await TestHttpServer.start(answer);
  evil = await TestHttpServer.start(answer);
  endpoint = await TestTokenEndpoint.start();
  const client = callingService(endpoint, { targets: { shop: { url: `${api.url}/api` } } });
  attach = (other = instance) => client.attach(other);
  instance = create({ baseURL: `${api.url}/api`, validateStatus: null });
});

afterEach(async () => {
  await api.stop();
  await evil.stop();
  await endpoint[Symbol.asyncDispose]();
});

describe('a request below the target', () => {
  it.each<[string, AxiosRequestConfig]>([
    ['a relative URL', { url: '/products' }],
    ['the target itself', { url: '' }],
    ['an absolute URL', { url: 'ABSOLUTE' }],
    ['parameters', { url: '/products', params: { a: '../../admin' } }],
    ['dot segments that stay', { url: '/a/../products' }],
    ['a body', { url: '/products', method: 'post', data: { a: 1 } }],
  ])('carries the token: %s', async (_, config) => {
    attach();
    const url = config.url === 'ABSOLUTE' ? `${api.url}/api/products` : config.url;
    const { status } = await instance.request({ ...config, url });
    expect(status).toBe(200);
    expect(authorizations(api)).toStrictEqual([`Bearer ${TOKEN}`]);
  });

  it('carries it over the fetch adapter, too', async () => {
    attach();
    await instance.get('/products', { adapter: 'fetch' });
    expect(authorizations(api)).toStrictEqual([`Bearer ${TOKEN}`]);
  });

  it('carries no token once detached, or when it says so', async () => {
    const detach = attach();
    await instance.get('/products', { m2m: false });
    await instance.get(`${evil.url}/api`, { m2m: false });
    detach();
    await instance.get('/products');
    expect(authorizations(api)).toStrictEqual([undefined, undefined]);
    expect(authorizations(evil)).toStrictEqual([undefined]);
  });

  it('is attached to once, however often that is asked for', async () => {
    const first = attach();
    const second = attach();
    await instance.get('/products');
    first();
    await instance.get('/products');
    second();
    await instance.get('/products');
    expect(authorizations(api)).toStrictEqual([`Bearer ${TOKEN}`, `Bearer ${TOKEN}`, undefined]);
  });

  it("keeps its caller's own credentials", async () => {
    attach();
    await instance.get('/products', { headers: { authorization: 'Basic mine' } });
    await instance.get('/products', { auth: { username: 'me', password: 'mine' } });
    expect(authorizations(api)).toStrictEqual(['Basic mine', `Basic ${btoa('me:mine')}`]);
    expect(endpoint.requests).toEqual([]);
  });

  it('carries the token on an instance without any defaults', async () => {
    const bare = new Axios({});
    attach(bare);
    await bare.get(`${api.url}/api`);
    expect(authorizations(api)).toStrictEqual([`Bearer ${TOKEN}`]);
  });

  it("carries the token on an instance of Axios's CommonJS copy, whose errors are as clean", async () => {
    const commonJs = createRequire(import.meta.url)('axios') as AxiosStatic;
    expect(commonJs.AxiosHeaders).not.toBe(AxiosHeaders);
    const other = commonJs.create({ baseURL: `${api.url}/api` });
    attach(other);
    const failed: unknown = await other
      .get('/products', { validateStatus: () => false })
      .catch((error: unknown) => error);
    expect(commonJs.isAxiosError(failed)).toBe(true);
    expect(inspect(failed, { depth: 4 })).not.toContain(TOKEN);
    expect(authorizations(api)).toStrictEqual([`Bearer ${TOKEN}`]);
  });

  it.each(['text', undefined])('fails with whatever its adapter throws: %s', async (thrown) => {
    attach();
    const adapter = () => Promise.reject(thrown);
    await expect(instance.get('/products', { adapter })).rejects.toBe(thrown);
  });

  it('reaches its adapter with the URL that was judged (claim 1.6)', async () => {
    attach();
    const sent: InternalAxiosRequestConfig[] = [];
    const adapter: AxiosAdapter = (config) => (sent.push(config), getAdapter('http')(config));
    await instance.get('/a/../products', { adapter, allowAbsoluteUrls: false });
    expect(sent).toMatchObject([
      { url: `${api.url}/api/products`, baseURL: `${api.url}/api`, allowAbsoluteUrls: true, method: 'get' },
    ]);
    expect(api.requests[0]?.url).toBe('/api/products');
  });

  it('can be sent again with the config of its response', async () => {
    attach();
    const { config } = await instance.get('/products');
    const again = await instance.request(config);
    expect(again.config.adapter).toBe(config.adapter);
    expect(authorizations(api)).toStrictEqual([`Bearer ${TOKEN}`, `Bearer ${TOKEN}`]);
  });
});

const arrived = async () => {
  while (endpoint.requests.length === 0) await new Promise((resolve) => setImmediate(resolve));
};

describe('a request that is cancelled while its token is on its way', () => {
  let open: (() => void) | undefined;

  beforeEach(() => {
    attach();
    endpoint.gate = new Promise((resolve) => (open = resolve));
  });

  it('ends at once', async () => {
    const controller = new AbortController();
    const request = instance.get('/products', { signal: controller.signal });
    await arrived();
    controller.abort();
    await expect(request).rejects.toMatchObject({ code: 'ERR_CANCELED' });
    open?.();
  }, 5000);

  it('is not sent: by a signal that is none of the platform', async () => {
    const signal = Object.assign(new EventTarget(), { aborted: false });
    const request = instance.get('/products', { signal });
    await arrived();
    signal.aborted = true;
    open?.();
    await expect(request).rejects.toMatchObject({ code: 'ERR_CANCELED' });
    await instance.get('/later');
    expect(api.requests.map(({ url }) => url)).toStrictEqual(['/api/later']);
  });

  it('is not sent: by a cancel token', async () => {
    const { CancelToken } = axios;
    const { token, cancel } = CancelToken.source();
    const request = instance.get('/products', { cancelToken: token });
    await arrived();
    cancel();
    open?.();
    await expect(request).rejects.toMatchObject({ code: 'ERR_CANCELED' });
    await instance.get('/later');
    expect(api.requests.map(({ url }) => url)).toStrictEqual(['/api/later']);
  });
});

describe('a request that a target does not allow (claim 1.7)', () => {
  it.each<[string, () => AxiosRequestConfig]>([
    ['an absolute URL over baseURL', () => ({ url: `${evil.url}/api/products` })],
    ['a baseURL of its own', () => ({ url: '/products', baseURL: `${evil.url}/api` })],
    ['another port', () => ({ url: `${evil.url}/api` })],
    ['another name of the same host', () => ({ url: `${api.url.replace('127.0.0.1', 'localhost')}/api` })],
    ['the target as user-info', () => ({ url: `http://${new URL(api.url).host}@${new URL(evil.url).host}/api` })],
    ['a path above the prefix', () => ({ url: '/../admin' })],
    ['an encoded path above the prefix', () => ({ url: '/%2e%2e/admin' })],
    ['backslashes above the prefix', () => ({ url: '\\..\\..\\admin' })],
    ['a path that begins alike', () => ({ url: `${api.url}/apis` })],
  ])('goes without a token: %s', async (_, config) => {
    attach();
    const { status } = await instance.request(config());
    expect(status).toBe(200);
    expect([...authorizations(api), ...authorizations(evil)].map((value) => value?.startsWith('Bearer'))).not.toContain(
      true,
    );
  });

  it('goes without a token over another scheme', async () => {
    attach();
    await expect(instance.get(`https://${new URL(api.url).host}/api`)).rejects.toMatchObject({ isAxiosError: true });
    expect(api.requests).toEqual([]);
  });

  it.each<[string, AxiosRequestConfig]>([
    ['an encoded slash', { url: '/..%2fadmin' }],
    ['an encoded backslash', { url: '/..%5cadmin' }],
    ['a backslash', { url: '/a\\b' }],
    ['a parameter of a dot segment', { url: '/..;/admin' }],
    ['encoded dot segments', { url: '/a/%2e%2e/b' }],
    ['another Host', { url: '/products', headers: { host: 'evil.test' } }],
    ['a socket', { url: '/products', socketPath: '/tmp/socket' }],
    ['a transport', { url: '/products', transport: {} }],
    ['a user', { url: 'USER' }],
    ['m2m outside of every target', { url: 'OUTSIDE', m2m: {} }],
    ['m2m and no URL', { url: '//', baseURL: '', m2m: { scope: 'a' } }],
  ])('is refused and not sent: %s', async (_, config) => {
    attach();
    const urls: Record<string, string> = {
      USER: `http://user:pass@${new URL(api.url).host}/api`,
      OUTSIDE: `${evil.url}/api`,
    };
    const request = instance.request({ ...config, url: urls[config.url ?? ''] ?? config.url });
    await expect(request).rejects.toMatchObject({ code: 'ERR_M2M_UNTRUSTED_TARGET' });
    expect([...api.requests, ...evil.requests]).toEqual([]);
  });

  it.each([{ target: 'shop' }, { signal: AbortSignal.abort() }])(
    'is refused and not sent where it says what only getToken and fetch know: %j',
    async (m2m) => {
      attach();
      await expect(instance.get('/products', { m2m } as object)).rejects.toMatchObject({
        code: 'ERR_M2M_CONFIGURATION',
      });
      expect(api.requests).toEqual([]);
    },
  );

  it('may repeat its own host', async () => {
    attach();
    await instance.get('/products', { headers: { host: new URL(api.url).host } });
    expect(authorizations(api)).toStrictEqual([`Bearer ${TOKEN}`]);
  });
});

describe('an interceptor of the user (claim 1.6)', () => {
  it.each(['before', 'after'])('that was added %s and rewrites the URL takes no token along', async (when) => {
    const use = () =>
      instance.interceptors.request.use((config) => Object.assign(config, { url: `${evil.url}/api`, baseURL: '' }));
    if (when === 'before') use();
    attach();
    if (when === 'after') use();
    await instance.get('/products');
    expect(authorizations(evil)).toStrictEqual([undefined]);
    expect(api.requests).toEqual([]);
  });

  it.each(['before', 'after'])('that was added %s sees no token', async (when) => {
    const seen: unknown[] = [];
    const use = () => instance.interceptors.request.use((config) => (seen.push(config.headers.toJSON()), config));
    if (when === 'before') use();
    attach();
    if (when === 'after') use();
    await instance.get('/products');
    expect(authorizations(api)).toStrictEqual([`Bearer ${TOKEN}`]);
    expect(seen).toHaveLength(1);
    expect(JSON.stringify(seen)).not.toContain(TOKEN);
  });
});

const follow = (to: string, config?: AxiosRequestConfig) =>
  instance.get(`/products?to=${encodeURIComponent(to)}`, config);

describe('a redirect (claim 1.8)', () => {
  beforeEach(() => {
    attach();
  });

  it('inside of the target keeps the token', async () => {
    await follow('/api/orders');
    expect(authorizations(api)).toStrictEqual([`Bearer ${TOKEN}`, `Bearer ${TOKEN}`]);
  });

  it('to another host loses the token', async () => {
    await follow(`${evil.url}/api`);
    expect(authorizations(api)).toStrictEqual([`Bearer ${TOKEN}`]);
    expect(authorizations(evil)).toStrictEqual([undefined]);
  });

  it.each(['/admin', '/api/../admin', '/api/%2e%2e/admin', '/api/..%2fadmin', '/api/..;/admin', '/apis'])(
    'to %s of the same host loses the token',
    async (to) => {
      await follow(to);
      expect(authorizations(api)).toStrictEqual([`Bearer ${TOKEN}`, undefined]);
    },
  );

  it('back into the target does not find the token again', async () => {
    await follow(`${evil.url}/?to=${encodeURIComponent(`${api.url}/api`)}`);
    expect(authorizations(api)).toStrictEqual([`Bearer ${TOKEN}`, undefined]);
  });

  it("is judged after the user's own hook, by where it really goes", async () => {
    const { port } = new URL(evil.url);
    await follow('/api/orders', { beforeRedirect: (options) => Object.assign(options, { port }) });
    expect(authorizations(evil)).toStrictEqual([undefined]);
  });

  it("loses the token where the user's own hook sets another Host", async () => {
    await follow('/api/orders', {
      beforeRedirect: ({ headers }) => Object.assign(headers as object, { host: 'evil.test' }),
    });
    expect(api.requests[1]?.headers.host).toBe('evil.test');
    expect(authorizations(api)).toStrictEqual([`Bearer ${TOKEN}`, undefined]);
  });

  it('is not followed by the fetch adapter, which cannot drop a token', async () => {
    const { status } = await follow('/admin', { adapter: 'fetch', fetchOptions: { redirect: 'follow' } });
    expect(status).toBe(307);
    expect(authorizations(api)).toStrictEqual([`Bearer ${TOKEN}`]);
  });
});
