import http, { Agent } from 'node:http';
import { connect } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { create, type AxiosInstance, type AxiosRequestConfig } from 'axios';
import { axios } from '../../../lib/http/axios.js';
import type { M2MTarget } from '../../../lib/options/client-options.js';
import { callingService, TestTokenEndpoint } from '../../support/calling-service.js';
import { json, TestHttpServer } from '../../support/http-server.js';

let endpoint: TestTokenEndpoint;
let api: TestHttpServer;
let proxy: TestHttpServer;
const { globalAgent } = http;

beforeEach(async () => {
  endpoint = await TestTokenEndpoint.start();
  proxy = await TestHttpServer.start((_, response) => json(response, 200, { from: 'proxy' }));
  api = await TestHttpServer.start((_, response) => json(response, 200, { from: 'api' }));
});

afterEach(async () => {
  http.globalAgent = globalAgent;
  await Promise.all([endpoint[Symbol.asyncDispose](), api.stop(), proxy.stop()]);
});

const REMOTE = 'https://shop.example';
const client = (reached: M2MTarget['http'] = {}, url = api.url) =>
  callingService(endpoint, { targets: { shop: { url, http: reached } } });

describe.each<[string, (reached: M2MTarget['http'], url?: string) => AxiosInstance]>([
  ['an instance made here', (reached, url) => client(reached, url).for('shop').axiosRef],
  [
    'an instance that is attached to',
    (reached, url = api.url) => {
      const instance = create({ baseURL: url });
      client(reached, url).attach(instance);
      return instance;
    },
  ],
])('%s', (_, instanceOf) => {
  it.each<[string, AxiosRequestConfig, M2MTarget['http'], string | undefined, string]>([
    ['fetch and an agent', { adapter: 'fetch' }, { httpAgent: new Agent() }, undefined, 'shop.http.httpAgent'],
    ['fetch and an agent for TLS', { adapter: 'fetch' }, { httpsAgent: {} as never }, REMOTE, 'shop.http.httpsAgent'],
    ['fetch in a list', { adapter: ['xhr', 'fetch'] }, { httpAgent: new Agent() }, undefined, "adapter: 'fetch'"],
    ['fetch and a proxy', { adapter: 'fetch' }, { proxy: { host: 'a', port: 1 } }, REMOTE, 'shop.http.proxy'],
    ['a fetch of its own', { adapter: 'fetch', env: { fetch } }, { httpAgent: new Agent() }, undefined, "'fetch'"],
    ['the function of fetch', { adapter: axios.getAdapter('fetch') }, { httpAgent: new Agent() }, undefined, "'fetch'"],
    ['HTTP/2 and an agent', { httpVersion: 2 }, { httpsAgent: {} as never }, REMOTE, 'httpVersion: 2'],
    ['HTTP/2 in a string', { httpVersion: '2' as never }, { httpsAgent: {} as never }, REMOTE, 'httpVersion: 2'],
    ['HTTP/2 and a proxy', { httpVersion: 2 }, { proxy: { host: 'a', port: 1 } }, REMOTE, 'httpVersion: 2'],
  ])('refuses what would drop the options of its target: %s (claim 1.10)', async (__, config, options, url, text) => {
    const failed = instanceOf(options, url).get('/', config);
    await expect(failed).rejects.toMatchObject({
      code: 'ERR_M2M_CONFIGURATION',
      message: expect.stringMatching(new RegExp(`${text}[^]*write: .*adapter: 'http'`)),
    });
    expect([...api.requests, ...endpoint.requests]).toEqual([]);
  });

  it.each<[string, AxiosRequestConfig, M2MTarget['http']]>([
    ['fetch without such options', { adapter: 'fetch' }, {}],
    ['fetch with a timeout', { adapter: 'fetch' }, { timeout: 5000 }],
    ['fetch without a proxy', { adapter: 'fetch' }, { proxy: false }],
    ['fetch with a proxy that loopback does not use', { adapter: 'fetch' }, { proxy: { host: 'a', port: 1 } }],
    ['fetch with agents for another scheme', { adapter: 'fetch' }, { httpsAgent: {} as never }],
    ['http', { adapter: 'http' }, { httpAgent: new Agent() }],
    ['a list with http', { adapter: ['xhr', 'http', 'fetch'] }, { httpAgent: new Agent() }],
    [
      'an adapter of the user, such as a mock',
      { adapter: (config) => axios.getAdapter('fetch')(config) },
      { httpAgent: new Agent() },
    ],
  ])('takes %s', async (__, config, options) => {
    await expect(instanceOf(options).get('/', config)).resolves.toMatchObject({ data: { from: 'api' } });
    expect(api.requests[0]?.headers.authorization).toBe('Bearer token-1');
  });

  it('sends no token through the proxy of the environment to this machine (claim 1.2)', async () => {
    http.globalAgent = proxyingAgent();
    const instance = instanceOf({});
    await expect(instance.get('/', { proxy: undefined } as object)).resolves.toMatchObject({ data: { from: 'api' } });
    const failed = instance.get('/', { adapter: 'fetch' });
    await expect(failed).rejects.toThrow(
      /client\.targets\.shop allows no proxy[^]*NODE_USE_ENV_PROXY[^]*adapter: 'http'/,
    );
    expect(api.requests.map(({ headers }) => headers.authorization)).toEqual(['Bearer token-1']);
    expect(proxy.requests).toEqual([]);
  });

  it.each(['target', 'request'])('sends nothing to this machine over a proxying agent of the %s', async (whose) => {
    const httpAgent = Object.assign(proxyingAgent(), { proxy: new URL(proxy.url) });
    const instance = instanceOf(whose === 'target' ? { httpAgent } : {});
    const config = whose === 'request' ? { httpAgent } : {};
    await expect(instance.get('/', config)).resolves.toMatchObject({ data: { from: 'api' } });
    expect(proxy.requests).toEqual([]);
  });
});

it('fetch of the service, and the way to the authorization server, use no proxy of the environment on this machine', async () => {
  http.globalAgent = proxyingAgent();
  await expect(client().fetch('/', {}, { target: 'shop' })).resolves.toMatchObject({ status: 200 });
  expect(endpoint.requests).toHaveLength(1);
  expect(proxy.requests).toEqual([]);
});

/** What Node makes its global agent under `NODE_USE_ENV_PROXY`, where it can, and the same by hand elsewhere. */
function proxyingAgent(): Agent {
  const agent = new Agent({ proxyEnv: { http_proxy: proxy.url, HTTP_PROXY: proxy.url } } as http.AgentOptions);
  const { port } = new URL(proxy.url);
  agent.createConnection = () => connect(Number(port), '127.0.0.1');
  return agent;
}
