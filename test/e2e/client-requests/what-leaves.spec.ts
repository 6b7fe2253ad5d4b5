import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { Agent, createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Readable } from 'node:stream';
import { inspect } from 'node:util';
import { isNativeError } from 'node:util/types';
import {
  AxiosError,
  create,
  isAxiosError,
  type AxiosInstance,
  type AxiosRequestConfig,
  type AxiosResponse,
  type InternalAxiosRequestConfig,
} from 'axios';
import { axios } from '../../../lib/http/axios.js';
import { callingService, TestTokenEndpoint } from '../../support/calling-service.js';
import { json, TestHttpServer } from '../../support/http-server.js';
import { until } from '../../support/until.js';

const TOKEN = 'token-1';

let api: TestHttpServer;
let endpoint: TestTokenEndpoint;
let instance: AxiosInstance;
let agent: Agent;

beforeEach(async () => {
  agent = new Agent({ keepAlive: true });
  api = await TestHttpServer.start(({ url }, response) => {
    const { pathname, searchParams } = new URL(url, 'http://x');
    const status = Number(pathname.split('/').at(-1));
    if (searchParams.has('html')) {
      response.end('<html>');
    } else if (searchParams.has('cut')) {
      response.writeHead(200, { 'content-length': '100' }).write('half');
      setImmediate(() => response.destroy());
    } else if (status === 307) response.writeHead(307, { location: url }).end();
    else if (status === 0) return;
    else json(response, status, { hello: 'world' });
  });
  endpoint = await TestTokenEndpoint.start();
  instance = create({ baseURL: api.url });
  callingService(endpoint, { targets: { shop: { url: api.url, http: { httpAgent: agent } } } }).attach(instance);
});

afterEach(async () => {
  agent.destroy();
  await Promise.all([api.stop(), endpoint[Symbol.asyncDispose]()]);
});

function expectNoToken(thing: unknown): void {
  const seen = [
    inspect(thing, { depth: Infinity, showHidden: true, maxStringLength: Infinity, maxArrayLength: Infinity }),
    inspect(thing),
    JSON.stringify(thing),
    ...(isNativeError(thing) ? [String(thing), thing.stack] : []),
  ].join('\n');
  // Whatever shows a token is too long to be printed.
  expect(seen.includes(TOKEN)).toBe(false);
}

/** Until a request that has no end has arrived. */
const underWay = () => until(() => api.requests.some(({ url }) => url === '/0'));

/** The error of a request, which is under way together with another one over the same agents. */
async function errorOf(config: AxiosRequestConfig): Promise<AxiosError> {
  const other = new AbortController();
  const pending = instance
    .get('/0', { signal: other.signal, httpAgent: config.httpAgent as Agent | undefined })
    .catch(() => undefined);
  await underWay();
  const error: unknown = await instance.request(config).catch((thrown: unknown) => thrown);
  expectNoToken(error);
  other.abort();
  await pending;
  expect(isAxiosError(error)).toBe(true);
  return error as AxiosError;
}

describe('an error of a target', () => {
  it('keeps status, data, headers and config, and shows no token (claim 2.1)', async () => {
    const error = await errorOf({ url: '/404', params: { a: 1 } });
    expect(error).toBeInstanceOf(AxiosError);
    expect(error).toMatchObject({
      status: 404,
      code: 'ERR_BAD_REQUEST',
      response: { status: 404, data: { hello: 'world' } },
      config: { url: '/404', params: { a: 1 }, method: 'get', baseURL: api.url },
      request: { method: 'GET' },
    });
    expect(error.response?.headers['content-type']).toBe('application/json');
    expect(error.response?.request).toMatchObject({ res: { responseUrl: `${api.url}/404?a=1` } });
  });

  it.each<[string, AxiosRequestConfig, string]>([
    ['that is not there in time', { url: '/0', timeout: 1 }, 'ECONNABORTED'],
    ['that takes too long', { url: '/0', timeout: 20 }, 'ECONNABORTED'],
    ['that redirects without end', { url: '/307', maxRedirects: 2 }, 'ERR_FR_TOO_MANY_REDIRECTS'],
    ['that answers too much', { url: '/200', maxContentLength: 1 }, 'ERR_BAD_RESPONSE'],
    ['that answers half', { url: '/200?cut' }, 'ERR_BAD_RESPONSE'],
    [
      'that answers 500 over the fetch adapter',
      { url: '/500', adapter: (config) => axios.getAdapter('fetch')(config) },
      'ERR_BAD_RESPONSE',
    ],
    ['that answers 500 to a stream', { url: '/500', responseType: 'stream' }, 'ERR_BAD_RESPONSE'],
    ['asked with agents of the caller', { url: '/500', httpAgent: new Agent({ keepAlive: true }) }, 'ERR_BAD_RESPONSE'],
    [
      'that answers before the body is sent',
      {
        url: '/500',
        method: 'post',
        data: new Readable({ read() {} }),
        timeout: 50,
      },
      'ECONNABORTED',
    ],
    [
      'whose answer cannot be transformed',
      {
        url: '/200',
        transformResponse(this: InternalAxiosRequestConfig & { response?: AxiosResponse }) {
          throw axios.AxiosError.from(new Error('odd'), 'ODD', undefined, null, this.response);
        },
      },
      'ODD',
    ],
  ])('shows no token: %s', async (_, config, code) => {
    expect((await errorOf(config)).code).toBe(code);
  });

  it.each<[string, () => AxiosRequestConfig, string]>([
    [
      'answers HTML where JSON is wanted',
      () => ({ url: '/200?html', responseType: 'json', transitional: { silentJSONParsing: false } }),
      'ERR_BAD_RESPONSE',
    ],
    ['is cancelled before it leaves', () => ({ url: '/200', signal: AbortSignal.abort() }), 'ERR_CANCELED'],
    ['is not to carry one', () => ({ url: '/500', m2m: false }), 'ERR_BAD_RESPONSE'],
    ['lies under no target', () => ({ url: api.url.replace('127.0.0.1', 'localhost') + '/500' }), 'ERR_BAD_RESPONSE'],
  ])('shows no token of another request over the same agent where one %s', async (_, config, code) => {
    const error = await errorOf({ ...config(), httpAgent: agent });
    expect(error.code).toBe(code);
    expect(error.config?.httpAgent).toBe(agent);
  });

  it('shows no token where the caller cancels', async () => {
    const controller = new AbortController();
    setTimeout(() => controller.abort(), 20);
    expect((await errorOf({ url: '/0', signal: controller.signal })).code).toBe('ERR_CANCELED');
  });

  it.each<[string, string, () => AxiosRequestConfig]>([
    ['takes too long', 'ECONNABORTED', () => ({ timeout: 20 })],
    ['is cancelled', 'ERR_CANCELED', () => ({ signal: AbortSignal.timeout(20) })],
  ])('shows no token where the wait for one %s', async (_, code, config) => {
    const other = new AbortController();
    const pending = instance.get('/0', { signal: other.signal, httpAgent: agent }).catch(() => undefined);
    await underWay();
    endpoint.gate = new Promise(() => undefined);
    const request = instance.get('/200', { httpAgent: agent, m2m: { scope: 'another' }, ...config() });
    const error: unknown = await request.catch((thrown: unknown) => thrown);
    expectNoToken(error);
    expect(error).toMatchObject({ code, config: { url: '/200', m2m: { scope: 'another' }, httpAgent: agent } });
    other.abort();
    await pending;
  });

  it('can be retried with its config, with agent and body', async () => {
    const own = new Agent();
    const error = await errorOf({ url: '/500', method: 'post', data: { a: 1 }, httpAgent: own });
    const again = await errorOf(Object.assign(error.config ?? {}, { url: '/502', httpAgent: own }));
    expect(again).toMatchObject({ status: 502, config: { method: 'post' } });
    expect(again.config?.httpAgent).toBe(own);
    expect(api.requests.at(-1)).toMatchObject({ body: '{"a":1}', headers: { authorization: `Bearer ${TOKEN}` } });
  });
});

describe('a response of a target', () => {
  it.each([undefined, 'stream'] as const)('shows no token (%s)', async (responseType) => {
    const response = await instance.get('/200', { responseType });
    expectNoToken(response.config);
    expectNoToken(response.request);
    expect(
      inspect(response, { depth: Infinity, showHidden: true, maxStringLength: Infinity, maxArrayLength: Infinity }),
    ).not.toContain(TOKEN);
  });

  it('streams', async () => {
    const { data } = await instance.get<Readable>('/200', { responseType: 'stream' });
    expect(JSON.parse(Buffer.concat(await data.toArray()).toString())).toEqual({ hello: 'world' });
  });

  it('fails as a stream when it is cut, without a token', async () => {
    const { data } = await instance.get<Readable>('/200?cut', { responseType: 'stream' });
    const error: unknown = await data.toArray().catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: 'ECONNRESET' });
    expectNoToken(error);
  });

  it('fails as a stream when it is too long, without a token', async () => {
    const { data } = await instance.get<Readable>('/200', { responseType: 'stream', maxContentLength: 1 });
    const error: unknown = await data.toArray().catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: 'ERR_BAD_RESPONSE' });
    expectNoToken(error);
  });

  it('ends the connection when its stream is not wanted', async () => {
    const closed = new Promise<void>((resolve) => {
      const server = createServer((_, response) => {
        response.on('close', () => server.close(() => resolve()));
        response.write('more to come');
      });
      server.listen(0, '127.0.0.1', () => {
        const { port } = server.address() as AddressInfo;
        const other = create();
        callingService(endpoint, { targets: { shop: { url: `http://127.0.0.1:${port}` } } }).attach(other);
        void other
          .get<Readable>(`http://127.0.0.1:${port}`, { responseType: 'stream' })
          .then(({ data }) => data.destroy());
      });
    });
    await expect(closed).resolves.toBeUndefined();
  });
});
