import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { Agent } from 'node:http';
import { Readable } from 'node:stream';
import { create, type AxiosInstance, type AxiosRequestConfig, type InternalAxiosRequestConfig } from 'axios';
import type { M2MClientEvent } from '../../../lib/client/events/m2m-client-event.js';
import type { M2MClientService } from '../../../lib/client/m2m-client.service.js';
import type { M2MTarget } from '../../../lib/options/client-options.js';
import { callingService, TestTokenEndpoint } from '../../support/calling-service.js';
import { TestClock } from '../../../lib/testing/test-clock.js';
import { json, TestHttpServer } from '../../support/http-server.js';

const INVALID_TOKEN = 'Bearer realm="api", error="invalid_token"';

let endpoint: TestTokenEndpoint;
let api: TestHttpServer;
let clock: TestClock;
/** Tokens that the target accepts. */
let accepted: Set<string | undefined>;
let challenge: string | string[] | undefined;

beforeEach(async () => {
  accepted = new Set(['Bearer token-2']);
  challenge = INVALID_TOKEN;
  clock = new TestClock();
  endpoint = await TestTokenEndpoint.start();
  api = await TestHttpServer.start(({ url, headers }, response) => {
    if (url.endsWith('/elsewhere')) return void response.writeHead(307, { location: '/outside' }).end();
    if (accepted.has(headers.authorization)) return json(response, 200, { ok: true });
    if (challenge !== undefined) response.setHeader('www-authenticate', challenge);
    return json(response, 401, { ok: false });
  });
});

afterEach(async () => {
  await endpoint[Symbol.asyncDispose]();
  await api.stop();
});

function calling(target: Partial<M2MTarget> = {}): { client: M2MClientService; http: AxiosInstance } {
  const client = callingService(endpoint, { targets: { shop: { url: `${api.url}/shop`, ...target } } }, clock);
  const http = create({ baseURL: `${api.url}/shop` });
  client.attach(http);
  return { client, http };
}

const statusOf = async (http: AxiosInstance, config: AxiosRequestConfig = {}) =>
  (await http.request({ url: '/products', validateStatus: null, ...config })).status;
const authorizations = () => api.requests.map(({ headers }) => headers.authorization);

describe('a target that rejects a token', () => {
  it.each<[string, AxiosRequestConfig, string]>([
    ['a GET', {}, ''],
    ['a body', { method: 'post', data: { a: 1 } }, '{"a":1}'],
    ['bytes', { method: 'post', data: Buffer.from('bytes') }, 'bytes'],
    ['a form', { method: 'post', data: new URLSearchParams({ a: '1' }) }, 'a=1'],
    ['a stream as response', { responseType: 'stream' }, ''],
    ['an error for 401', { validateStatus: undefined }, ''],
    ['the fetch adapter', { adapter: 'fetch' }, ''],
  ])('gets a new one, and the request once more: %s', async (_, config, body) => {
    await expect(statusOf(calling().http, config)).resolves.toBe(200);
    expect(authorizations()).toStrictEqual(['Bearer token-1', 'Bearer token-2']);
    expect(api.requests.map((request) => request.body)).toStrictEqual([body, body]);
  });

  it('makes a call wait, and serves nobody from memory', async () => {
    const { http, client } = calling();
    await http.get('/products');
    expect(client.stats()).toMatchObject({ tokenRequests: 2, servedFromMemory: 0, waits: 1 });
    await http.get('/products');
    expect(client.stats()).toMatchObject({ tokenRequests: 2, servedFromMemory: 1, waits: 1 });
  });

  it('gets a new one through fetch, too', async () => {
    const { client } = calling();
    await expect(client.fetch(`${api.url}/shop`, { method: 'POST', body: 'text' })).resolves.toMatchObject({
      status: 200,
    });
    expect(api.requests.map(({ body }) => body)).toStrictEqual(['text', 'text']);
  });

  it('gets a multipart form once more', async () => {
    const form = new FormData();
    form.set('a', '1');
    await expect(statusOf(calling().http, { method: 'post', data: form })).resolves.toBe(200);
    expect(api.requests[1]?.body).toContain('name="a"');
  });

  it('gets no stream once more, but the next call has a new token', async () => {
    const { client, http } = calling();
    const events: M2MClientEvent[] = [];
    client.events$.subscribe((event) => events.push(event));
    const upload = (config?: AxiosRequestConfig) =>
      statusOf(http, { method: 'post', data: Readable.from(['a']), ...config });
    await expect(upload()).resolves.toBe(401);
    expect(api.requests).toHaveLength(1);
    await expect(upload()).resolves.toBe(200);
    expect(authorizations()).toStrictEqual(['Bearer token-1', 'Bearer token-2']);
    expect(events).toContainEqual(expect.objectContaining({ type: 'rejected', target: 'shop', renewed: true }));
  });

  it.each<[string, (http: AxiosInstance, client: M2MClientService) => Promise<number>]>([
    ['http', (http) => statusOf(http, { method: 'post', data: Readable.from(['a']) })],
    ['the fetch adapter', (http) => statusOf(http, { method: 'post', data: Readable.from(['a']), adapter: 'fetch' })],
    [
      'fetch',
      async (_, client) =>
        (await client.fetch(`${api.url}/shop`, { method: 'POST', body: new Blob(['a']).stream() })).status,
    ],
  ])('costs one token, however many streams it refuses at once: %s', async (_, send) => {
    const { http, client } = calling();
    const statuses = await Promise.all(Array.from({ length: 10 }, () => send(http, client)));
    expect(new Set(statuses)).toEqual(new Set([401]));
    await expect(send(http, client)).resolves.toBe(200);
    expect(endpoint.requests).toHaveLength(2);
  });

  it('gets the request once more, and not again', async () => {
    accepted.clear();
    const { http } = calling();
    await expect(http.get('/products')).rejects.toMatchObject({ status: 401, response: { data: { ok: false } } });
    await expect(statusOf(http)).resolves.toBe(401);
    expect(authorizations()).toStrictEqual(['Bearer token-1', 'Bearer token-2', 'Bearer token-2']);
    expect(endpoint.requests).toHaveLength(2);
  });

  it('gets the request once more over its only connection', async () => {
    const httpAgent = new Agent({ keepAlive: true, maxSockets: 1 });
    await expect(statusOf(calling().http, { responseType: 'stream', httpAgent })).resolves.toBe(200);
    httpAgent.destroy();
  }, 5000);

  it('has its answer closed where that is a stream of the web', async () => {
    let closed = 0;
    const answer = (config: InternalAxiosRequestConfig) => ({
      data: new ReadableStream({ cancel: () => void (closed += 1) }),
      status: config.headers.get('authorization') === 'Bearer token-1' ? 401 : 200,
      statusText: '',
      headers: { 'www-authenticate': INVALID_TOKEN },
      config,
    });
    await expect(statusOf(calling().http, { adapter: (config) => Promise.resolve(answer(config)) })).resolves.toBe(200);
    expect(closed).toBe(1);
  });

  it('keeps nobody waiting who cancels', async () => {
    const { http, client } = calling();
    await client.getToken({ target: 'shop' });
    endpoint.gate = new Promise(() => undefined);
    const controller = new AbortController();
    const request = statusOf(http, { signal: controller.signal });
    while (endpoint.requests.length < 2) await new Promise((resolve) => setImmediate(resolve));
    controller.abort();
    await expect(request).rejects.toMatchObject({ code: 'ERR_CANCELED' });
  }, 5000);

  it('costs one token request, however many requests it rejects at once', async () => {
    const { http } = calling();
    const statuses = await Promise.all(Array.from({ length: 20 }, () => statusOf(http)));
    expect(new Set(statuses)).toEqual(new Set([200]));
    expect(endpoint.requests).toHaveLength(2);
  });

  it('keeps its answer where no new token can be had', async () => {
    const { http, client } = calling();
    await client.getToken({ target: 'shop' });
    endpoint.down = true;
    const status = statusOf(http);
    for (let waited = 0; waited < 20; waited += 1) await clock.advance(1000);
    await expect(status).resolves.toBe(401);
  });

  it('tells, without the token', async () => {
    const { client, http } = calling();
    const events: M2MClientEvent[] = [];
    client.events$.subscribe((event) => events.push(event));
    await statusOf(http);
    expect(events).toContainEqual(expect.objectContaining({ type: 'rejected', target: 'shop', renewed: true }));
    expect(JSON.stringify(events)).not.toContain('token-1');
  });
});

describe('a 401 that stands', () => {
  it.each<[string, string | undefined, M2MTarget['rejectedWhen']]>([
    ['for too few scopes', 'Bearer error="insufficient_scope"', undefined],
    ['for a request that is wrong', 'Bearer error="invalid_request"', undefined],
    ['of another scheme', 'Basic realm="x", error="invalid_token"', undefined],
    ['without a challenge, if only invalid_token counts', undefined, 'invalid_token'],
    ['without an error, if only invalid_token counts', 'Bearer realm="api"', 'invalid_token'],
    ['if the target says never', INVALID_TOKEN, 'never'],
    ['without a challenge, if the target says never', undefined, 'never'],
  ])('%s', async (_, header, rejectedWhen) => {
    challenge = header;
    await expect(statusOf(calling({ rejectedWhen }).http)).resolves.toBe(401);
    expect(endpoint.requests).toHaveLength(1);
  });

  it('is that of another place that a redirect led to', async () => {
    await expect(statusOf(calling({ rejectedWhen: '401' }).http, { url: '/elsewhere' })).resolves.toBe(401);
    expect(authorizations()).toStrictEqual(['Bearer token-1', undefined]);
  });

  it("is that of a caller's own credentials", async () => {
    const { http } = calling({ rejectedWhen: '401' });
    await expect(statusOf(http, { headers: { authorization: 'Basic mine' } })).resolves.toBe(401);
    expect(endpoint.requests).toEqual([]);
  });
});

describe('rejectedWhen: 401', () => {
  it.each([undefined, 'Bearer', 'Basic realm="x"'])('renews after whatever 401: %s', async (header) => {
    challenge = header;
    await expect(statusOf(calling({ rejectedWhen: '401' }).http)).resolves.toBe(200);
  });
});

describe('several challenges', () => {
  it('are all read, in one header or in several', async () => {
    challenge = ['Basic realm="x"', INVALID_TOKEN];
    await expect(statusOf(calling().http)).resolves.toBe(200);
  });
});

it('an accepting target is forgiven an old rejection', async () => {
  const { http } = calling();
  await statusOf(http);
  await clock.advance(10_000);
  await statusOf(http);
  accepted = new Set(['Bearer token-3']);
  await expect(statusOf(http)).resolves.toBe(200);
  accepted = new Set(['Bearer token-4']);
  await clock.advance(10_000);
  await expect(statusOf(http)).resolves.toBe(200);
});

it('a rejecting target leaves other targets their token', async () => {
  accepted.clear();
  const other = await TestHttpServer.start((_, response) => json(response, 200, {}));
  const targets = { shop: { url: `${api.url}/shop` }, other: { url: other.url } };
  const client = callingService(endpoint, { targets }, clock);
  const http = create();
  client.attach(http);
  for (let call = 0; call < 3; call += 1) {
    await statusOf(http, { url: `${api.url}/shop` });
    await expect(statusOf(http, { url: other.url })).resolves.toBe(200);
  }
  expect(other.requests.map(({ headers }) => headers.authorization)).toStrictEqual(Array(3).fill('Bearer token-2'));
  await other.stop();
});

it('targets that share a token and reject it, one after the other and at once, cost one token', async () => {
  const other = await TestHttpServer.start(({ headers }, response) =>
    accepted.has(headers.authorization)
      ? json(response, 200, {})
      : json(response, 401, {}, { 'www-authenticate': INVALID_TOKEN }),
  );
  const targets = { shop: { url: `${api.url}/shop` }, other: { url: other.url } };
  const client = callingService(endpoint, { targets }, clock);
  const http = create();
  client.attach(http);
  const urls = Array.from({ length: 30 }, (_, index) => (index % 2 === 0 ? `${api.url}/shop` : other.url));
  const statuses = await Promise.all(urls.map((url) => statusOf(http, { url })));
  expect(new Set(statuses)).toEqual(new Set([200]));
  expect(endpoint.requests).toHaveLength(2);
  await other.stop();
});
