import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { createServer, type Server } from 'node:https';
import { Agent } from 'node:https';
import type { AddressInfo } from 'node:net';
import { firstValueFrom } from 'rxjs';
import type { M2MClientService } from '../../../lib/client/m2m-client.service.js';
import { axios } from '../../../lib/http/axios.js';
import { callingService, TestTokenEndpoint } from '../../support/calling-service.js';
import { selfSignedCertificate } from '../../support/certificates.js';
import { json, TestHttpServer } from '../../support/http-server.js';

const defaults = axios.defaults as unknown as Record<string, unknown>;
const pristine = { ...defaults };

let endpoint: TestTokenEndpoint;
let api: TestHttpServer;
let proxy: TestHttpServer;

beforeEach(async () => {
  endpoint = await TestTokenEndpoint.start();
  proxy = await TestHttpServer.start((_, response) => json(response, 200, { from: 'proxy' }));
  api = await TestHttpServer.start((_, response) => json(response, 200, { from: 'api' }));
});

afterEach(async () => {
  for (const name of Object.keys(defaults)) Reflect.deleteProperty(defaults, name);
  Object.assign(defaults, pristine);
  axios.interceptors.request.clear();
  axios.interceptors.response.clear();
  await Promise.all([endpoint[Symbol.asyncDispose](), api.stop(), proxy.stop()]);
});

/** Every way of the module to a server. */
const WAYS: Record<string, (client: M2MClientService, url: string) => Promise<unknown>> = {
  for: async (client) => (await firstValueFrom(client.for('shop').post('/1', { a: 1 }))).data,
  http: async (client, url) => (await firstValueFrom(client.http.post(`${url}/1`, { a: 1 }))).data,
  fetch: async (client, url) =>
    (
      await client.fetch(`${url}/1`, {
        method: 'POST',
        body: '{"a":1}',
        headers: { 'content-type': 'application/json' },
      })
    ).json(),
};

const HEADERS = ['authorization', 'content-length', 'content-type', 'host'];
const theirs = () => new Error('of the application');

describe.each(Object.keys(WAYS))('what an application makes of axios.defaults does not reach %s (claim 6.1)', (way) => {
  const call = (client: M2MClientService, url = api.url) => WAYS[way]?.(client, url);

  it.each<[string, () => object]>([
    ['adapter', () => ({ adapter: () => Promise.reject(theirs()) })],
    ['auth', () => ({ auth: { username: 'other', password: 'other' } })],
    ['baseURL', () => ({ baseURL: proxy.url })],
    ['data', () => ({ data: 'other' })],
    ['headers', () => ({ headers: { common: { authorization: 'Basic b3RoZXI=', 'x-key': 'other' } } })],
    ['httpAgent', () => ({ httpAgent: { addRequest: () => Promise.reject(theirs()) } })],
    ['lookup', () => ({ lookup: () => Promise.reject(theirs()) })],
    ['maxContentLength', () => ({ maxContentLength: 1 })],
    ['params', () => ({ params: { key: 'other' } })],
    ['proxy', () => ({ proxy: { host: '127.0.0.1', port: Number(new URL(proxy.url).port) } })],
    ['responseType', () => ({ responseType: 'arraybuffer' })],
    ['signal', () => ({ signal: AbortSignal.abort() })],
    ['socketPath', () => ({ socketPath: '/tmp/other' })],
    ['timeout', () => ({ timeout: 1e-9 })],
    ['transformRequest', () => ({ transformRequest: [() => 'other'] })],
    ['transformResponse', () => ({ transformResponse: [() => 'other'] })],
    ['transport', () => ({ transport: { request: () => Promise.reject(theirs()) } })],
    ['url', () => ({ url: proxy.url })],
    ['validateStatus', () => ({ validateStatus: () => false })],
  ])('%s, set before or after', async (_, theirDefaults) => {
    const options = { targets: { shop: { url: api.url } } };
    const early = callingService(endpoint, options);
    await expect(call(early)).resolves.toEqual({ from: 'api' });
    Object.assign(defaults, theirDefaults());
    axios.interceptors.request.use(() => Promise.reject(theirs()));
    const late = callingService(endpoint, options);
    await expect(call(early)).resolves.toEqual({ from: 'api' });
    await expect(call(late)).resolves.toEqual({ from: 'api' });
    expect(api.requests.map(({ url, body }) => `${url} ${body}`)).toEqual(Array(3).fill('/1 {"a":1}'));
    for (const { headers } of [...api.requests, ...endpoint.requests.slice(1)]) {
      expect(headers['x-key']).toBeUndefined();
    }
    for (const { headers } of api.requests) {
      expect(headers.authorization).toMatch(/^Bearer token-\d$/);
      expect(Object.keys(headers)).toEqual(expect.arrayContaining(HEADERS));
    }
    expect(proxy.requests).toEqual([]);
  });
});

describe('a target with an authority of its own', () => {
  let server: Server;
  let url: string;
  const { key, cert } = selfSignedCertificate('shop');

  beforeEach(async () => {
    server = createServer({ key, cert }, (_, response) => response.end('{}'));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    url = `https://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });

  afterEach(() => {
    server.closeAllConnections();
    server.close();
  });

  it.each(['for', 'http', 'fetch'])(
    'is not believed with another certificate because Axios believes any: %s',
    async (way) => {
      const httpsAgent = new Agent({ ca: selfSignedCertificate('other').cert });
      defaults['httpsAgent'] = new Agent({ rejectUnauthorized: false });
      const client = callingService(endpoint, { targets: { shop: { url, http: { httpsAgent } } } });
      await expect(WAYS[way]?.(client, url)).rejects.toThrow(/self-signed certificate|fetch failed/);
    },
  );

  it('is reached with it', async () => {
    const httpsAgent = new Agent({ ca: cert });
    const client = callingService(endpoint, { targets: { shop: { url, http: { httpsAgent } } } });
    await expect(WAYS['for']?.(client, url)).resolves.toEqual({});
  });
});
