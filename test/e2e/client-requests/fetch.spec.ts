import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { gzipSync } from 'node:zlib';
import { globalAgent } from 'node:http';
import { setTimeout as after } from 'node:timers/promises';
import type { M2MClientService } from '../../../lib/client/m2m-client.service.js';
import { callingService, TestTokenEndpoint } from '../../support/calling-service.js';
import { json, TestHttpServer } from '../../support/http-server.js';

let endpoint: TestTokenEndpoint;
let api: TestHttpServer;
let client: M2MClientService;

beforeEach(async () => {
  endpoint = await TestTokenEndpoint.start();
  api = await TestHttpServer.start(async ({ url }, response) => {
    const { pathname, searchParams } = new URL(url, 'http://x');
    if (searchParams.has('to')) response.writeHead(302, { location: searchParams.get('to') ?? '' }).end();
    else if (pathname.endsWith('/slow')) await after(10_000, undefined, { ref: false });
    else if (pathname.endsWith('/204')) response.writeHead(204).end();
    else if (pathname.endsWith('/cut'))
      response.writeHead(200, { 'content-length': '9' }).write('half', () => response.destroy());
    else if (pathname.endsWith('/gzip'))
      response.writeHead(200, { 'content-encoding': 'gzip' }).end(gzipSync('zipped'));
    else if (pathname.endsWith('/cookies')) response.writeHead(200, { 'set-cookie': ['a=1', 'b=2'] }).end();
    else json(response, Number(pathname.split('/').at(-1)) || 200, { ok: true });
  });
  client = callingService(endpoint, { targets: { shop: { url: `${api.url}/shop` } } });
});

afterEach(async () => {
  await endpoint[Symbol.asyncDispose]();
  await api.stop();
});

const authorizations = () => api.requests.map(({ headers }) => headers.authorization);

describe('the response of fetch', () => {
  it.each([200, 201, 400, 401, 404, 500])('is a web Response, whatever the status: %d', async (status) => {
    const response = await client.fetch(`${api.url}/shop/${status}`);
    expect(response).toBeInstanceOf(Response);
    expect(response).toMatchObject({ status, ok: status < 400, url: `${api.url}/shop/${status}`, redirected: false });
    expect(response.headers.get('content-type')).toBe('application/json');
    await expect(response.json()).resolves.toEqual({ ok: true });
    expect(authorizations()[0]).toBe('Bearer token-1');
  });

  it('has no body where the status allows none', async () => {
    await expect(client.fetch(`${api.url}/shop/204`)).resolves.toMatchObject({ status: 204, body: null });
  });

  it('is decoded', async () => {
    await expect((await client.fetch(`${api.url}/shop/gzip`)).text()).resolves.toBe('zipped');
  });

  it.each(['/shop/200#there', '/other/200#there'])('has its URL without a fragment: %s', async (path) => {
    const url = `${api.url}${path.replace('#there', '')}`;
    for (const redirect of ['follow', 'manual', 'error'] as const) {
      await expect(client.fetch(`${api.url}${path}`, { redirect })).resolves.toMatchObject({ url, redirected: false });
    }
  });

  it('is a failure with a status that no Response may have, and its body is not waited for', async () => {
    globalAgent.maxSockets = 1;
    const failed = await client.fetch(`${api.url}/shop/799`).catch((error: unknown) => error);
    const next = await client.fetch(`${api.url}/shop/204`);
    globalAgent.maxSockets = Infinity;
    expect([failed, next]).toMatchObject([
      { name: 'TypeError', message: 'fetch failed', cause: { message: 'the target answered with status 799' } },
      { status: 204 },
    ]);
  });

  it('keeps its cookies apart', async () => {
    expect((await client.fetch(`${api.url}/shop/cookies`)).headers.getSetCookie()).toEqual(['a=1', 'b=2']);
  });

  it('fails while it is read, if it is cut', async () => {
    const response = await client.fetch(`${api.url}/shop/cut`);
    const cut = { name: 'TypeError', message: 'terminated', cause: { code: 'ECONNRESET' } };
    await expect(response.text()).rejects.toMatchObject(cut);
  });
});

describe('the body of fetch', () => {
  const bytes = new TextEncoder().encode('text');
  const form = new FormData();
  form.set('a', '1');

  it.each<[string, RequestInit['body'], string | undefined, string | undefined]>([
    ['a string', 'text', 'text/plain;charset=UTF-8', '4'],
    ['bytes', bytes, undefined, '4'],
    ['a typed Blob', new Blob(['text'], { type: 'text/csv' }), 'text/csv', '4'],
    ['a form', new URLSearchParams({ a: '1' }), 'application/x-www-form-urlencoded;charset=UTF-8', '3'],
    ['a stream', new Blob(['text']).stream(), undefined, undefined],
  ])('is sent as it is: %s', async (_, body, type, length) => {
    await client.fetch(`${api.url}/shop`, { method: 'POST', body });
    expect(api.requests).toMatchObject([{ method: 'POST', body: body instanceof URLSearchParams ? 'a=1' : 'text' }]);
    expect(api.requests[0]?.headers['content-type']).toBe(type);
    expect(api.requests[0]?.headers['content-length']).toBe(length);
    expect(authorizations()).toStrictEqual(['Bearer token-1']);
  });

  it('is sent as it is: a multipart form', async () => {
    await client.fetch(`${api.url}/shop`, { method: 'POST', body: form });
    expect(api.requests[0]?.headers['content-type']).toMatch(/^multipart\/form-data; boundary=/);
    expect(api.requests[0]?.body).toContain('name="a"');
  });

  it('is sent as it is: a Request, with its headers', async () => {
    const request = new Request(`${api.url}/shop`, { method: 'PUT', body: '{}', headers: { 'x-mine': 'yes' } });
    await client.fetch(request, { headers: { 'x-other': 'yes', 'content-type': 'application/json' } });
    expect(api.requests).toMatchObject([{ method: 'PUT', body: '{}', headers: { 'x-other': 'yes' } }]);
    expect(api.requests[0]?.headers['x-mine']).toBeUndefined();
  });

  it('is not there, and neither is its type', async () => {
    await client.fetch(new URL(`${api.url}/shop`), { method: 'POST' });
    expect(api.requests[0]?.headers['content-type']).toBeUndefined();
  });
});

describe('the token of fetch', () => {
  it('stays away from other URLs, and from a caller with credentials of its own', async () => {
    await client.fetch(`${api.url}/other`);
    await client.fetch(`${api.url}/shop`, { headers: { authorization: 'Basic mine' } });
    expect(authorizations()).toStrictEqual([undefined, 'Basic mine']);
  });

  it('is what the request asks for', async () => {
    await client.fetch(`${api.url}/shop`, {}, { scope: ['b', 'a'] });
    expect(endpoint.asked.map(({ scope }) => scope)).toStrictEqual(['a b']);
  });

  it.each(['/products', 'products', 'ABSOLUTE'])(
    'is that of the target named, for URLs below it: %s',
    async (input) => {
      const url = input === 'ABSOLUTE' ? `${api.url}/shop/products` : input;
      await client.fetch(url, {}, { target: 'shop' });
      expect(api.requests).toMatchObject([{ url: '/shop/products', headers: { authorization: 'Bearer token-1' } }]);
    },
  );

  it('is refused to a URL under no target when it is asked for', async () => {
    await expect(client.fetch(`${api.url}/other`, {}, {})).rejects.toMatchObject({ code: 'ERR_M2M_UNTRUSTED_TARGET' });
    await expect(client.fetch('//shop.example', {}, { target: 'shop' })).rejects.toMatchObject({ name: 'TypeError' });
    expect(api.requests).toEqual([]);
  });

  it('is not taken along by a redirect', async () => {
    const response = await client.fetch(`${api.url}/shop?to=/other`);
    expect(response).toMatchObject({ status: 200, redirected: true, url: `${api.url}/other` });
    expect(authorizations()).toStrictEqual(['Bearer token-1', undefined]);
  });
});

describe('fetch', () => {
  it.each([
    ['manual', 302],
    ['follow', 200],
  ] as const)('redirects: %s', async (redirect, status) => {
    await expect(client.fetch(`${api.url}/shop?to=/shop`, { redirect })).resolves.toMatchObject({ status });
  });

  it('fails at a redirect that is an error', async () => {
    await expect(client.fetch(`${api.url}/shop?to=/shop`, { redirect: 'error' })).rejects.toThrow(TypeError);
    await expect(client.fetch(`${api.url}/shop`, { redirect: 'error' })).resolves.toMatchObject({ status: 200 });
  });

  it('leaves no connection behind that nobody can read', async () => {
    globalAgent.maxSockets = 1;
    const urls = ['/204', '?to=/204', '/204'].map((path) => `${api.url}${path}`);
    const answers = [];
    for (const url of urls) answers.push(await client.fetch(url, { redirect: 'error' }).catch(() => 'redirected'));
    globalAgent.maxSockets = Infinity;
    expect(answers).toMatchObject([{ status: 204 }, 'redirected', { status: 204 }]);
  }, 5000);

  it('fails as fetch does where the network fails', async () => {
    await api.stop();
    const failed = client.fetch(`${api.url}/shop`);
    await expect(failed).rejects.toMatchObject({
      name: 'TypeError',
      cause: { code: 'ECONNREFUSED', isAxiosError: true },
    });
  });

  it.each(['init', 'request'])('fails with the reason of the signal of %s', async (whose) => {
    const reason = new Error('enough');
    const controller = new AbortController();
    const { signal } = controller;
    const [init, request] = whose === 'init' ? [{ signal }, {}] : [{}, { signal }];
    const failed = client.fetch(`${api.url}/shop/slow`, init, request);
    setTimeout(() => controller.abort(reason), 20);
    await expect(failed).rejects.toBe(reason);
  });

  it('is refused with a signal that is none', async () => {
    const failed = client.fetch(`${api.url}/shop`, {}, { signal: 'none' as never });
    await expect(failed).rejects.toMatchObject({ code: 'ERR_M2M_CONFIGURATION' });
    expect(api.requests).toEqual([]);
  });

  it('has none of the interceptors and defaults that an application gives to Axios', async () => {
    client.http.axiosRef.interceptors.request.use(() => Promise.reject(new Error('intercepted')));
    client.http.axiosRef.defaults.headers.common['x-default'] = 'yes';
    await expect(client.fetch(`${api.url}/shop`)).resolves.toMatchObject({ status: 200 });
    expect(api.requests[0]?.headers['x-default']).toBeUndefined();
  });
});
