import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { Readable } from 'node:stream';
import { inspect } from 'node:util';
import { create, type AxiosInstance } from 'axios';
import type {
  Observation,
  ObservedResponse,
  TokenAttempt,
  TokenScheme,
} from '../../../lib/client/requests/schemes/token-scheme.js';
import { Destinations } from '../../../lib/client/requests/destination.js';
import { TargetIndex } from '../../../lib/client/requests/target-index.js';
import { TokenAttacher } from '../../../lib/client/requests/token-attacher.js';
import { ALL_TARGETS } from '../../support/all-targets.js';
import { CLIENT_SECRET, clientService, TestTokenEndpoint } from '../../support/calling-service.js';
import { json, TestHttpServer } from '../../support/http-server.js';

/** Puts the token in a header of its own, beside the method, the path and the last nonce of the origin. */
class NonceScheme implements TokenScheme {
  readonly tokenType = 'Nonce';
  readonly #nonces = new Map<string, string>();

  prepare({ method, url, token }: TokenAttempt): Readonly<Record<string, string>> {
    const nonce = this.#nonces.get(url.origin) ?? 'none';
    return { 'X-Token': token, 'X-Proof': `${method} ${url.pathname} ${nonce}` };
  }

  observe(origin: string, { status, headers }: ObservedResponse): Observation {
    if (typeof headers['x-next-nonce'] === 'string') this.#nonces.set(origin, headers['x-next-nonce']);
    if (status === 425) return 'again';
    if (status === 403) return 'rejected';
    return status < 400 ? 'accepted' : 'unknown';
  }
}

let endpoint: TestTokenEndpoint;
let api: TestHttpServer;
let elsewhere: TestHttpServer;
let http: AxiosInstance;
let nonce: string | undefined;
let rejected: Set<unknown>;

beforeEach(async () => {
  [nonce, rejected] = ['n-1', new Set()];
  endpoint = await TestTokenEndpoint.start();
  elsewhere = await TestHttpServer.start((_, response) => json(response, 200, {}));
  api = await TestHttpServer.start(({ url, headers }, response) => {
    const next = { 'x-next-nonce': nonce ?? 'another' };
    if (nonce === undefined || !String(headers['x-proof']).endsWith(nonce)) return json(response, 425, {}, next);
    if (rejected.has(headers['x-token'])) return json(response, 403, {}, next);
    if (url.endsWith('/moved-inside')) return response.writeHead(307, { location: '/shop/there' }).end();
    if (url.endsWith('/moved')) return response.writeHead(307, { location: `${elsewhere.url}/shop` }).end();
    return json(response, 200, {});
  });
  const { clients, resolved } = clientService({
    authorizationServer: { name: 'test', issuer: 'http://127.0.0.1:1', tokenEndpoint: endpoint.url },
    client: { clientId: 'orders', clientSecret: CLIENT_SECRET, targets: { shop: { url: `${api.url}/shop` } } },
  });
  const { targets = [] } = resolved.client ?? {};
  http = create({ baseURL: `${api.url}/shop`, validateStatus: null });
  new TokenAttacher(new Destinations(new TargetIndex(targets), ALL_TARGETS), clients, new NonceScheme()).attach(http);
});

afterEach(async () => {
  await Promise.all([endpoint[Symbol.asyncDispose](), api.stop(), elsewhere.stop()]);
});

const presented = () => api.requests.map(({ headers }) => [headers['x-token'], headers['x-proof']]);

describe('a token scheme given to the attacher', () => {
  it('presents the token in its own headers, with the method and the URL of the request', async () => {
    await http.post('/orders?a=1', {});
    expect(presented().at(-1)).toEqual(['token-1', 'POST /shop/orders n-1']);
    expect(api.requests.map(({ headers }) => headers.authorization)).toEqual([undefined, undefined]);
  });

  it('has a request sent once more with the same token, and remembers what it learned', async () => {
    await expect(http.get('/a')).resolves.toMatchObject({ status: 200 });
    await expect(http.get('/b')).resolves.toMatchObject({ status: 200 });
    expect(presented()).toEqual([
      ['token-1', 'GET /shop/a none'],
      ['token-1', 'GET /shop/a n-1'],
      ['token-1', 'GET /shop/b n-1'],
    ]);
  });

  it('has no request sent a third time with the same token', async () => {
    nonce = undefined;
    await expect(http.get('/a')).resolves.toMatchObject({ status: 425 });
    expect(api.requests).toHaveLength(2);
  });

  it('has no stream sent once more', async () => {
    await expect(http.post('/a', Readable.from(['a']))).resolves.toMatchObject({ status: 425 });
    expect(api.requests).toHaveLength(1);
  });

  it('decides which response rejects the token, which is then replaced', async () => {
    rejected.add('token-1');
    await expect(http.get('/a')).resolves.toMatchObject({ status: 200 });
    expect(presented().map(([token]) => token)).toEqual(['token-1', 'token-1', 'token-2']);
  });

  it('has its headers kept in a redirect inside of the target', async () => {
    await http.get('/a');
    await expect(http.get('/moved-inside')).resolves.toMatchObject({ status: 200 });
    expect(api.requests.at(-1)?.url).toBe('/shop/there');
    expect(presented().at(-1)).toEqual(['token-1', 'GET /shop/moved-inside n-1']);
  });

  it('has its headers dropped from a redirect that leaves the target', async () => {
    await expect(http.get('/moved')).resolves.toMatchObject({ status: 200 });
    expect(elsewhere.requests).toHaveLength(1);
    expect(Object.keys(elsewhere.requests[0]?.headers ?? {})).not.toEqual(expect.arrayContaining(['x-token']));
    expect(Object.keys(elsewhere.requests[0]?.headers ?? {})).not.toEqual(expect.arrayContaining(['x-proof']));
  });

  it('leaves no token on the error', async () => {
    nonce = undefined;
    const error: unknown = await http.get('/a', { validateStatus: undefined }).catch((thrown: unknown) => thrown);
    expect(inspect(error, { depth: Infinity })).toContain('425');
    expect(inspect(error, { depth: Infinity })).not.toContain('token-1');
  });
});
