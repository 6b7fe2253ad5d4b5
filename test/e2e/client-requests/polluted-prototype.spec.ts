import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { firstValueFrom } from 'rxjs';
import { create } from 'axios';
import type { M2MClientService } from '../../../lib/client/m2m-client.service.js';
import { callingService, TestTokenEndpoint } from '../../support/calling-service.js';
import { json, TestHttpServer } from '../../support/http-server.js';

/** Fields of requests and options that a polluted prototype would add, and Node's own. */
const NAMES = [
  'adapter agent allowAbsoluteUrls allowedSocketPaths auth baseURL beforeRedirect beforeRedirects ca cancelToken cert',
  'createConnection data decompress dispatcher env family fetchOptions formDataHeaderPolicy formSerializer headers host',
  'hostname http2Options httpAgent httpVersion httpsAgent insecureHTTPParser localAddress lookup maxBodyLength',
  'maxContentLength maxRate maxRedirects method onDownloadProgress onUploadProgress params paramsSerializer parseReviver',
  'path port proxy proxyEnv redact rejectUnauthorized responseEncoding responseType sensitiveHeaders servername setHost',
  'signal socketPath timeout timeoutErrorMessage transformRequest transformResponse transitional transport url',
  'validateStatus withCredentials withXSRFToken xsrfCookieName xsrfHeaderName',
  'audience body budget client clientAuthentication clients encodedSlashes forceRenewal http m2m organization',
  'assertionCallback needsSecret sharesFailures sharesTokens thumbprint',
  'parameters renewal renewOn401 resource retry scope target targets tokenStore verifyScope warmup',
]
  .join(' ')
  .split(' ');

let endpoint: TestTokenEndpoint;
let api: TestHttpServer;
let evil: TestHttpServer;

beforeAll(async () => {
  endpoint = await TestTokenEndpoint.start();
  api = await TestHttpServer.start((_, response) => json(response, 200, { ok: true }));
  evil = await TestHttpServer.start((_, response) => json(response, 200, { evil: true }));
});

afterAll(async () => {
  await Promise.all([endpoint[Symbol.asyncDispose](), api.stop(), evil.stop()]);
});

afterEach(() => {
  for (const name of NAMES) Reflect.deleteProperty(Object.prototype, name);
});

const theirs = () => Promise.reject(new Error('polluted'));

/** The worst that a name may be given. */
function worst(name: string): unknown {
  const port = Number(new URL(evil.url).port);
  const values: Record<string, unknown> = {
    adapter: theirs,
    auth: { username: 'evil', password: 'evil' },
    baseURL: evil.url,
    headers: { 'x-evil': 'evil', authorization: 'Basic evil' },
    proxy: { protocol: 'http', host: '127.0.0.1', port },
    httpAgent: { addRequest: theirs },
    httpsAgent: { addRequest: theirs },
    agent: { addRequest: theirs },
    transport: { request: theirs },
    env: { fetch: theirs },
    signal: AbortSignal.abort(),
    cancelToken: { throwIfRequested: theirs, subscribe: theirs, unsubscribe: theirs },
    m2m: false,
    forceRenewal: true,
    validateStatus: () => false,
    transformRequest: [() => 'evil'],
    transformResponse: [() => 'evil'],
    params: { evil: 'evil' },
    parameters: { evil: 'evil' },
    maxContentLength: 1,
    maxBodyLength: 0,
    timeout: 1,
    port,
    httpVersion: 2,
    beforeRedirect: theirs,
    http: { proxy: { host: '127.0.0.1', port } },
    clients: { evil: { clientId: 'evil', clientSecret: 'evil' } },
    retry: { attempts: -1 },
  };
  return Object.hasOwn(values, name) ? values[name] : 'evil';
}

const newClient = () =>
  callingService(endpoint, { scope: 'read', targets: { shop: { url: `${api.url}/api`, resource: 'https://shop' } } });

async function callAll(client: M2MClientService): Promise<void> {
  await client.getToken();
  await client.getToken({ scope: 'other' });
  await firstValueFrom(client.for('shop').post('/for', { a: 1 }));
  await firstValueFrom(client.http.get(`${api.url}/api/http`, { m2m: { scope: 'write' } }));
  await client.fetch('/fetch', undefined, { target: 'shop' });
  await client.fetchFor('shop')('/fetchFor');
  await client.fetch(`${api.url}/api/plain`);
  const instance = create();
  client.attach(instance);
  await instance.get(`${api.url}/api/attached`);
}

/** What both servers saw, without what differs in each run. */
function seen() {
  return [...endpoint.requests, ...api.requests].map(({ method, url, body, headers }) => {
    const { authorization, ...rest } = headers;
    return { method, url, body, rest, scheme: authorization?.split(' ')[0] };
  });
}

const forget = () => {
  for (const server of [endpoint, api, evil]) (server.requests as unknown[]).length = 0;
};

describe('with a polluted Object.prototype', () => {
  let expected: ReturnType<typeof seen>;
  beforeAll(async () => {
    await callAll(newClient());
    expected = seen();
  });

  it('is a test of ten requests', () => {
    expect(expected).toHaveLength(10);
  });

  it.each(NAMES)('the same requests go out: %s (claim 6.2)', async (name) => {
    const early = newClient();
    const value = worst(name);
    for (const client of [() => early, newClient]) {
      forget();
      // eslint-disable-next-line no-extend-native
      Object.defineProperty(Object.prototype, name, { value, enumerable: true, writable: true, configurable: true });
      const failure = await callAll(client()).catch((error: unknown) => error);
      Reflect.deleteProperty(Object.prototype, name);
      expect(failure).toBeUndefined();
      expect(seen()).toEqual(expected);
      expect(evil.requests).toEqual([]);
    }
  });
});
