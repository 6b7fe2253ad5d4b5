import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { Agent, createServer, type Server } from 'node:http';
import { createRequire } from 'node:module';
import type { AddressInfo, Socket } from 'node:net';
import { Readable } from 'node:stream';
import { inspect } from 'node:util';
import { gzipSync } from 'node:zlib';
import esm, { type AxiosError, type AxiosResponse, type AxiosStatic } from 'axios';
import { axios as ours } from '../../../lib/http/axios.js';
import type { AxiosLike } from '../../../lib/client/requests/axios-like.js';
import { callingService, TestTokenEndpoint } from '../../support/calling-service.js';

const commonjs = createRequire(import.meta.url)('axios') as AxiosStatic;
const foreign = [commonjs, esm].find((copy) => copy.AxiosError !== ours.AxiosError) ?? commonjs;

let endpoint: TestTokenEndpoint;
let api: Server;
let url: string;
let attach: (instance: AxiosLike) => void;

beforeEach(async () => {
  endpoint = await TestTokenEndpoint.start();
  let used: Socket | undefined;
  api = createServer((request, response) => {
    const { pathname } = new URL(request.url ?? '', url);
    if (pathname.endsWith('/moved')) return void response.writeHead(307, { location: '/shop/cut' }).end();
    if (pathname.endsWith('/cut') || (pathname.endsWith('/cut-again') && used === request.socket)) {
      return void request.socket.destroy();
    }
    used = request.socket;
    if (pathname.endsWith('/never')) return undefined;
    if (pathname.endsWith('/gzip')) {
      return void response.writeHead(200, { 'content-encoding': 'gzip' }).end(gzipSync('text'));
    }
    const status = Number(/\d{3}$/.exec(pathname)?.[0] ?? 200);
    response.writeHead(status, 'As You Like', { 'x-mine': 'yes', trailer: 'x-sum' });
    response.write('text');
    response.addTrailers({ 'x-sum': '42' });
    return void response.end();
  });
  await new Promise<void>((resolve) => api.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(api.address() as AddressInfo).port}/shop`;
  const client = callingService(endpoint, { targets: { shop: { url } } });
  attach = (instance) => client.attach(instance);
});

afterEach(async () => {
  api.closeAllConnections();
  await Promise.all([endpoint[Symbol.asyncDispose](), new Promise((resolve) => api.close(resolve))]);
});

const failure = (request: Promise<unknown>) => request.then(fail, (error: unknown) => error as AxiosError);
const fail = (): never => {
  throw new Error('it succeeded');
};

describe('the request of an error', () => {
  it('tells whether its connection was used before', async () => {
    const http = ours.create({ baseURL: url, httpAgent: new Agent({ keepAlive: true, maxSockets: 1 }) });
    attach(http);
    await http.get('/200');
    for (const maxRedirects of [0, 5]) {
      await http.get('/200');
      const error = await failure(http.get('/cut-again', { maxRedirects }));
      expect(error).toMatchObject({ code: 'ECONNRESET', request: { reusedSocket: true, method: 'GET' } });
      const fresh = await failure(http.get('/cut', { maxRedirects }));
      expect(fresh).toMatchObject({ code: 'ECONNRESET', request: { reusedSocket: false } });
      expect(inspect([error, fresh], { depth: 9, showHidden: true })).not.toContain('token-1');
    }
  });

  it('tells the URL that was requested last, with a response and without', async () => {
    const http = ours.create({ baseURL: url });
    attach(http);
    const cut = await failure(http.get('/moved'));
    expect(cut.request).toMatchObject({ res: { responseUrl: `${url}/cut` } });
    const refused = await failure(http.get('/404'));
    expect(refused.request).toMatchObject({ res: { responseUrl: `${url}/404` }, reusedSocket: expect.any(Boolean) });
    expect(refused.request).toStrictEqual(refused.response?.request);
  });
});

describe('a streamed response', () => {
  it('has status, headers and trailers, as without us', async () => {
    const http = ours.create({ baseURL: url, responseType: 'stream' });
    const bare = ours.create({ baseURL: url, responseType: 'stream' });
    attach(http);
    const seen = await Promise.all(
      [http, bare].map(async (instance) => {
        const { data }: AxiosResponse<Readable & Record<string, unknown>> = await instance.get('/201');
        const before = { status: data['statusCode'], text: data['statusMessage'], headers: data['headers'] };
        const { date: _, ...headers } = before.headers as Record<string, string>;
        const body = Buffer.concat((await data.toArray()) as Buffer[]).toString();
        const after = { trailers: data['trailers'], raw: data['rawTrailers'], complete: data['complete'] };
        const { httpVersion, responseUrl } = data;
        return {
          ...before,
          headers,
          body,
          ...after,
          httpVersion,
          responseUrl,
          isToken: inspect(data).includes('token-'),
        };
      }),
    );
    expect(seen[0]).toEqual(seen[1]);
    expect(seen[0]).toMatchObject({ status: 201, trailers: { 'x-sum': '42' }, body: 'text', isToken: false });
  });

  it('that is decompressed has its body', async () => {
    const http = ours.create({ baseURL: url, responseType: 'stream' });
    attach(http);
    const { data } = await http.get<Readable>('/gzip');
    expect(Buffer.concat((await data.toArray()) as Buffer[]).toString()).toBe('text');
  });
});

describe('an attached instance of another copy of Axios', () => {
  it('is another copy', () => {
    expect(foreign.AxiosError).not.toBe(ours.AxiosError);
  });

  it.each<[string, string, () => object, 'AxiosError' | 'CanceledError']>([
    ['a status', '/404', () => ({}), 'AxiosError'],
    ['a status over the fetch adapter', '/404', () => ({ adapter: 'fetch' }), 'AxiosError'],
    ['a connection that breaks', '/cut', () => ({}), 'AxiosError'],
    ['a time-out', '/never', () => ({ timeout: 50 }), 'AxiosError'],
    ['a request without a token', '/404', () => ({ m2m: false }), 'AxiosError'],
    ['a signal', '/never', () => ({ signal: AbortSignal.timeout(50) }), 'CanceledError'],
    ['a body that fails', '/200', () => ({ method: 'post', data: failing() }), 'AxiosError'],
    ['a body that is closed', '/200', () => ({ method: 'post', data: failing(null) }), 'CanceledError'],
  ])('rejects with the classes of its own copy: %s', async (_, path, make, name) => {
    const http = foreign.create({ baseURL: url });
    attach(http);
    const error: unknown = await http.request({ url: path, ...make() }).then(fail, (thrown: unknown) => thrown);
    expect(foreign.isAxiosError(error)).toBe(true);
    expect(foreign.isCancel(error)).toBe(name === 'CanceledError');
    expect(error).toBeInstanceOf(foreign[name]);
    expect(error).not.toBeInstanceOf(ours.AxiosError);
  });

  it('is not used to learn them: its interceptors and transformers do not run', async () => {
    const calls: string[] = [];
    const http = foreign.create({ baseURL: url, transformRequest: [() => void calls.push('transform')] });
    http.interceptors.request.use((config) => (calls.push('interceptor'), config));
    attach(http);
    await new Promise((resolve) => setImmediate(resolve));
    expect(calls).toEqual([]);
  });

  it('keeps the errors of its token as they are', async () => {
    const http = foreign.create({ baseURL: url });
    attach(http);
    await expect(http.get('http://127.0.0.1:1/', { m2m: {} })).rejects.toMatchObject({
      code: 'ERR_M2M_UNTRUSTED_TARGET',
    });
  });
});

/** A stream that fails, or is closed without an error. */
function failing(error: Error | null = new Error('broken')): Readable {
  return new Readable({
    read() {
      this.destroy(error ?? undefined);
    },
  });
}
