import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import axios, { create, type AxiosRequestConfig, type InternalAxiosRequestConfig } from 'axios';
import { firstValueFrom } from 'rxjs';
import { inspect } from 'node:util';
import { entraId } from '../../../lib/authorization-servers/entra-id.js';
import type { M2MClientService } from '../../../lib/client/m2m-client.service.js';
import type { TokenRequest } from '../../../lib/client/token-request.js';
import { eraseCallerToken, type CallerToken } from '../../../lib/caller/caller-token.js';
import { M2MConfigurationError } from '../../../lib/errors/configuration.error.js';
import { InvalidTokenError } from '../../../lib/errors/invalid-token.error.js';
import { NoCallerTokenError } from '../../../lib/errors/no-caller-token.error.js';
import { callerOf, inRequestOf, tokenOf } from '../../support/caller.js';
import { clientService, CLIENT_SECRET, TestTokenEndpoint } from '../../support/calling-service.js';
import { json, TestHttpServer } from '../../support/http-server.js';

let api: TestHttpServer;
let elsewhere: TestHttpServer;
/** Where the API sends clients. */
let redirectTo: string;
let endpoint: TestTokenEndpoint;
let m2m: M2MClientService;
let warm: () => Promise<void>;

const sent = () => api.requests.map(({ headers }) => headers.authorization);
const get = (path: string, config: AxiosRequestConfig = {}) => firstValueFrom(m2m.for('products').get(path, config));

beforeEach(async () => {
  elsewhere = await TestHttpServer.start((_request, response) => json(response, 200, {}));
  redirectTo = `${elsewhere.url}/there`;
  api = await TestHttpServer.start(({ url }, response) => {
    if (url.endsWith('/moved')) return response.writeHead(307, { location: redirectTo }).end();
    const error = /\/(401|403)$/.exec(url)?.[1];
    if (error === undefined) return json(response, 200, {});
    const challenge = error === '401' ? 'error="invalid_token"' : 'error="insufficient_scope", scope="write"';
    return json(response, Number(error), {}, { 'www-authenticate': `Bearer ${challenge}` });
  });
  endpoint = await TestTokenEndpoint.start();
  const { m2m: service, clients } = clientService({
    authorizationServer: { name: 'test', issuer: 'http://127.0.0.1:1', tokenEndpoint: endpoint.url },
    client: {
      clientId: 'orders',
      clientSecret: CLIENT_SECRET,
      warmup: 'required',
      clients: { billing: { clientId: 'billing', clientSecret: CLIENT_SECRET } },
      targets: {
        products: { url: `${api.url}/products`, token: 'relay', audience: 'orders-api' },
        stock: { url: `${api.url}/stock`, token: 'relay', audience: null },
        own: { url: `${api.url}/own` },
      },
    },
    resourceServer: { audience: 'orders-api' },
  });
  m2m = service;
  warm = () => clients.onApplicationBootstrap();
});

afterEach(() => Promise.all([api.stop(), elsewhere.stop(), endpoint[Symbol.asyncDispose]()]));

describe("a target with token: 'relay' gets the token of the caller, as it is", () => {
  const ways: Record<string, () => Promise<unknown>> = {
    for: () => get('/'),
    http: () => firstValueFrom(m2m.http.get(`${api.url}/products/`)),
    fetch: () => m2m.fetch(`${api.url}/products/`),
    'fetch with a target': () => m2m.fetch('/', {}, { target: 'products' }),
    fetchFor: () => m2m.fetchFor('products')('/'),
    attach: () => {
      const instance = create();
      m2m.attach(instance);
      return instance.get(`${api.url}/products/`);
    },
  };

  it.each(Object.keys(ways))('by %s', async (way) => {
    await inRequestOf('token-of-a', () => ways[way]?.());
    expect(sent()).toEqual(['Bearer token-of-a']);
    expect(endpoint.requests).toHaveLength(0);
  });

  it('of the request that the code runs for, with many at once', async () => {
    const callers = Array.from({ length: 50 }, (_, index) => `token-${index}`);
    const seen = callers.map((token) =>
      inRequestOf(token, async () => [token, (await get(`/${token}`)).config.url] as const),
    );
    await Promise.all(seen);
    const mismatched = api.requests.filter(
      ({ url, headers }) => headers.authorization !== `Bearer ${url.replace('/products/', '')}`,
    );
    expect(mismatched).toEqual([]);
    expect(api.requests).toHaveLength(50);
  });

  it('of onBehalfOf, also if the code runs for another request', async () => {
    const onBehalfOf = tokenOf('token-of-b');
    await inRequestOf('token-of-a', () => get('/', { m2m: { onBehalfOf } }));
    await m2m.fetch('/', {}, { target: 'products', onBehalfOf });
    await m2m.fetch(`${api.url}/products/`, {}, { onBehalfOf });
    await firstValueFrom(m2m.http.get(`${api.url}/products/`, { m2m: { onBehalfOf } }));
    const attached = create();
    m2m.attach(attached);
    await inRequestOf('token-of-a', () => attached.get(`${api.url}/products/`, { m2m: { onBehalfOf } }));
    expect(sent()).toEqual(Array.from({ length: 5 }, () => 'Bearer token-of-b'));
  });

  it('while a target of the same client gets the token of the client itself', async () => {
    await inRequestOf('token-of-a', () => firstValueFrom(m2m.for('own').get('/')));
    expect(sent()).toEqual(['Bearer token-1']);
  });
});

const ofOtherAudience = () => Promise.resolve(callerOf({ audience: ['another-api'] }));
const bound = () => Promise.resolve(callerOf({ claims: { cnf: { jkt: 'thumbprint' } } }));
const expired = () => Promise.reject(new InvalidTokenError('expired', 'it has expired'));

function inEndedRequest() {
  return inRequestOf('token-of-a', (context) => {
    context.erase();
    return get('/');
  });
}

function ofEndedRequest() {
  const onBehalfOf = tokenOf('token-of-a');
  eraseCallerToken(onBehalfOf);
  return inRequestOf('token-of-c', () => get('/', { m2m: { onBehalfOf } }));
}

describe('without a token of a caller that may be used, nothing is sent and no other token is taken (claim 1.22)', () => {
  const cases: readonly (readonly [string, () => Promise<unknown>, RegExp])[] = [
    ['the code runs for no request', () => get('/'), /runs for no inbound request/],
    ['fetch runs for no request', () => m2m.fetchFor('products')('/'), /runs for no inbound request/],
    ['the request has ended', inEndedRequest, /runs for no inbound request/],
    ['the request of the handle has ended', ofEndedRequest, /has ended/],
    ['the token is accepted no longer', () => inRequestOf('token-of-a', () => get('/'), expired), /no longer/],
    ['the token is bound to a key', () => inRequestOf('token-of-a', () => get('/'), bound), /bound to a key/],
  ];

  it.each(cases)('if %s', async (_, call, message) => {
    const error: unknown = await call().catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(NoCallerTokenError);
    expect((error as Error).message).toMatch(message);
    expect(inspect(error, { depth: 9 })).not.toContain('token-of-a');
    expect(api.requests).toHaveLength(0);
    expect(endpoint.requests).toHaveLength(0);
  });

  it('if onBehalfOf is a handle when it is checked, and nothing later (claim 1.22)', async () => {
    const handles = [tokenOf('token-of-b')];
    class Options {
      get onBehalfOf(): CallerToken {
        return handles.shift() as CallerToken;
      }
    }
    const call = inRequestOf('token-of-a', () => get('/', { m2m: new Options() }));
    await expect(call).rejects.toThrow(NoCallerTokenError);
    expect(api.requests).toHaveLength(0);
  });

  it('if the token is not for the target (claim 1.23)', async () => {
    const call = inRequestOf('token-of-a', () => get('/'), ofOtherAudience);
    await expect(call).rejects.toThrow(/aud does not name orders-api/);
    expect(api.requests).toHaveLength(0);
  });

  it('but audience: null lets a token pass that names another audience', async () => {
    await inRequestOf('token-of-a', () => firstValueFrom(m2m.for('stock').get('/')), ofOtherAudience);
    expect(sent()).toEqual(['Bearer token-of-a']);
  });

  it('if an interceptor sends it again after the request has ended', async () => {
    const instance = create();
    m2m.attach(instance);
    const call = inRequestOf('token-of-a', (context) => {
      instance.interceptors.response.use(null, async (failure: Error & { config?: InternalAxiosRequestConfig }) => {
        if (context.token === undefined || !failure.config) throw failure;
        context.erase();
        return instance.request(failure.config);
      });
      return instance.get(`${api.url}/products/401`);
    });
    await expect(call).rejects.toThrow(NoCallerTokenError);
    expect(sent()).toEqual(['Bearer token-of-a']);
  });
});

/** The whole API is called with the token of the client, but for the products. */
function nested(): M2MClientService {
  return clientService({
    authorizationServer: { name: 'test', issuer: 'http://127.0.0.1:1', tokenEndpoint: endpoint.url },
    client: {
      clientId: 'orders',
      clientSecret: CLIENT_SECRET,
      targets: {
        products: { url: `${api.url}/products`, token: 'relay', audience: 'orders-api' },
        everything: { url: api.url },
      },
    },
    resourceServer: { audience: 'orders-api' },
  }).m2m;
}

describe('a URL that servers may take for one under a target with another token (claim 1.22)', () => {
  it.each(['/%70roducts/1', '/Products/1', '//products/1', '/x/..%2Fproducts/1', '/products;a=b/1'])(
    'is refused instead of getting the token of the client: %s',
    async (path) => {
      const calling = nested();
      const calls: (() => Promise<unknown>)[] = [
        () => calling.fetch(`${api.url}${path}`),
        () => calling.fetchFor('everything')(`${api.url}${path}`),
        () => firstValueFrom(calling.http.get(`${api.url}${path}`)),
      ];
      for (const call of calls) {
        await expect(inRequestOf('token-of-a', call)).rejects.toThrow(/may read as one below the target products/);
      }
      expect(api.requests).toHaveLength(0);
    },
  );

  it('gets no token by a redirect', async () => {
    redirectTo = `${api.url}/%70roducts/1`;
    await firstValueFrom(nested().http.get(`${api.url}/elsewhere/moved`));
    expect(sent()).toEqual(['Bearer token-1', undefined]);
  });

  it('gets its token if its path is plain, or only like that of another target', async () => {
    const calling = nested();
    await calling.fetch(`${api.url}/productsheet/%C3%A4/Tea`);
    await inRequestOf('token-of-a', () => calling.fetch(`${api.url}/products/%C3%A4/Tea`));
    expect(sent()).toEqual(['Bearer token-1', 'Bearer token-of-a']);
  });
});

describe('a relayed token', () => {
  it.each(['401', '403'])('leaves the answer %s as it is, and is not replaced', async (status) => {
    const error: unknown = await inRequestOf('token-of-a', () => get(`/${status}`).catch((thrown: unknown) => thrown));
    const { response, message } = error as { response?: { headers: Record<string, string> }; message: string };
    expect(message).toBe(`Request failed with status code ${status}`);
    expect(response?.headers['www-authenticate']).toMatch(/^Bearer error=/);
    expect(sent()).toHaveLength(1);
    expect(endpoint.requests).toHaveLength(0);
  });

  it('is dropped by a redirect out of its target', async () => {
    await inRequestOf('token-of-a', () => get('/moved'));
    expect(elsewhere.requests.map(({ headers }) => headers.authorization)).toEqual([undefined]);
  });

  it('is waited for as long as the request may take', async () => {
    const call = inRequestOf(
      'token-of-a',
      () => get('/', { timeout: 20 }),
      () => new Promise<never>(() => undefined),
    );
    await expect(call).rejects.toMatchObject({ code: 'ECONNABORTED' });
    expect(sent()).toEqual([]);
  });

  it('is waited for until the request is cancelled', async () => {
    const controller = new AbortController();
    const call = inRequestOf(
      'token-of-a',
      () => get('/', { signal: controller.signal }),
      () => new Promise<never>(() => controller.abort()),
    );
    await expect(call).rejects.toThrow(axios.CanceledError);
    expect(sent()).toEqual([]);
  });

  it('is in no error of Axios (claim 2.1)', async () => {
    const error: unknown = await inRequestOf('token-of-a', () => get('/401').catch((thrown: unknown) => thrown));
    expect(inspect(error, { depth: 12, showHidden: true })).not.toContain('token-of-a');
  });

  it('is no token of the statistics, also if the server takes no such request', () => {
    const { m2m: calling } = clientService({
      authorizationServer: entraId({ tenantId: '11111111-2222-3333-4444-555555555555' }),
      client: {
        clientId: 'orders',
        clientSecret: CLIENT_SECRET,
        targets: { products: { url: `${api.url}/products`, token: 'relay', audience: 'orders-api' } },
      },
      resourceServer: { audience: 'orders-api' },
    });
    expect(calling.stats().tokens).toEqual([]);
  });

  it('needs no warm-up', async () => {
    await warm();
    expect(endpoint.requests).toHaveLength(1);
  });
});

describe('a request says whose token is relayed, and no more', () => {
  const wrong = [
    ['m2m.scope', { scope: 'read' }, 'request.scope'],
    ['m2m.audience', { audience: 'orders-api' }, 'request.audience'],
    ['m2m.forceRenewal', { forceRenewal: true }, 'request.forceRenewal'],
    ['an unknown field', { onBehalf: 1 }, 'request.onBehalf'],
    ['undefined', { onBehalfOf: undefined }, 'request.onBehalfOf'],
    ['null', { onBehalfOf: null }, 'request.onBehalfOf'],
    ['the text of a token', { onBehalfOf: 'token-of-a' }, 'request.onBehalfOf'],
    ['an object that looks like a handle', { onBehalfOf: { ...tokenOf('token-of-a') } }, 'request.onBehalfOf'],
    ['a caller', { onBehalfOf: callerOf() }, 'request.onBehalfOf'],
    ['a client', { client: 'billing' }, 'client.targets.products'],
  ] as const;

  it.each(wrong)('%s is an error', async (_, request, option) => {
    const call = inRequestOf('token-of-a', () => get('/', { m2m: request as never }));
    const error: unknown = await call.catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(M2MConfigurationError);
    expect((error as M2MConfigurationError).problems.map((problem) => problem.option)).toEqual([option]);
    expect((error as Error).message).not.toContain('token-of-a');
    expect(sent()).toEqual([]);
  });

  it('a handle on a request to a target that gets the token of the client is an error', async () => {
    const call = firstValueFrom(m2m.for('own').get('/', { m2m: { onBehalfOf: tokenOf('token-of-a') } }));
    await expect(call).rejects.toThrow("token: 'exchange' in client.targets.own");
    await expect(m2m.getToken({ onBehalfOf: tokenOf('token-of-a') })).rejects.toThrow(M2MConfigurationError);
    expect(sent()).toEqual([]);
    expect(endpoint.requests).toHaveLength(0);
  });

  it('a named client cannot use such a target', async () => {
    const { http } = m2m.client('billing');
    const call = inRequestOf('token-of-a', () => firstValueFrom(http.get(`${api.url}/products/`)));
    await expect(call).rejects.toThrow('call it with M2MClientService itself');
    expect(() => m2m.client('billing').for('products')).toThrow('m2m.for("products")');
    expect(sent()).toEqual([]);
  });
});

describe('the token of a caller is given to nobody (claim 1.24)', () => {
  const request: TokenRequest = { target: 'products' };
  it.each(['getToken', 'getAccessToken', 'keepToken', 'invalidate'] as const)('by %s', async (method) => {
    const call = inRequestOf('token-of-a', () => m2m[method]({ ...request, onBehalfOf: tokenOf('token-of-b') }));
    await expect(call).rejects.toThrow("is 'relay': its token is that of the caller");
    expect(endpoint.requests).toHaveLength(0);
  });
});
