import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { inspect } from 'node:util';
import { create } from 'axios';
import { firstValueFrom, lastValueFrom } from 'rxjs';
import { M2MClientService } from '../../../lib/client/m2m-client.service.js';
import { UntrustedTargetError } from '../../../lib/errors/untrusted-target.error.js';
import type { OAuthClients } from '../../../lib/client/oauth-clients.js';
import type { M2MClientOptions } from '../../../lib/options/client-options.js';
import { callingService, CLIENT_SECRET, TestTokenEndpoint } from '../../support/calling-service.js';
import { json, TestHttpServer } from '../../support/http-server.js';

let endpoint: TestTokenEndpoint;
let api: TestHttpServer;

beforeEach(async () => {
  endpoint = await TestTokenEndpoint.start();
  api = await TestHttpServer.start((_, response) => json(response, 200, { ok: true }));
});

afterEach(async () => {
  await endpoint[Symbol.asyncDispose]();
  await api.stop();
});

const service = (options: Partial<M2MClientOptions> = {}) =>
  callingService(endpoint, {
    scope: 'default',
    targets: {
      shop: { url: `${api.url}/shop`, scope: 'shop' },
      stock: { url: `${api.url}/shop/stock`, scope: 'stock' },
      bills: { url: `${api.url}/bills`, client: 'billing' },
    },
    clients: { billing: { clientId: 'billing', clientSecret: CLIENT_SECRET, scope: 'bills' } },
    ...options,
  });

const scopes = () => endpoint.asked.map(({ scope }) => scope);
const authorizations = () => api.requests.map(({ headers }) => headers.authorization);
const get = async (url: string, from = service().http, config = {}) =>
  (await firstValueFrom(from.get(url, config))).status;

describe('getToken', () => {
  it.each([
    ['what the client says', undefined, 'default'],
    ['what the target says', { target: 'shop' }, 'shop'],
    ['what the request says', { target: 'shop', scope: ['b', 'a'] }, 'a b'],
  ])('asks for %s', async (_, request, scope) => {
    await expect(service().getToken(request)).resolves.toBe('token-1');
    expect(scopes()).toStrictEqual([scope]);
  });

  it('shares one token request among concurrent calls, and keeps the token (claim 7.4)', async () => {
    const client = service();
    await Promise.all(Array.from({ length: 1000 }, () => client.getToken()));
    await client.getToken();
    expect(endpoint.requests).toHaveLength(1);
  });

  it('fetches a new token when the one at hand is forgotten, or not wanted', async () => {
    const client = service();
    await client.getToken();
    await client.invalidate();
    await expect(client.getToken()).resolves.toBe('token-2');
    await expect(client.getToken({ forceRenewal: true })).resolves.toBe('token-3');
  });

  it('gets the token that an event was about, from memory', async () => {
    const client = service();
    const published = firstValueFrom(client.events$);
    await client.getToken({ target: 'shop', resource: ['https://b.example', 'https://a.example'] } as const);
    const event = await published;
    if (event.type !== 'issued') throw new Error(`the event is ${event.type}`);
    await expect(client.getToken(event.requested)).resolves.toBe('token-1');
    expect(endpoint.requests).toHaveLength(1);
  });

  it.each([{ signal: {} as never }, { parameters: { a: 1n } }])(
    'refuses what it cannot ask with: %o',
    async (request) => {
      const client = service();
      for (const call of [client.getToken(request), client.invalidate(request)]) {
        await expect(call).rejects.toMatchObject({ code: 'ERR_M2M_CONFIGURATION' });
      }
      expect(endpoint.requests).toEqual([]);
    },
  );

  it('tells what is known of the token', async () => {
    const token = await service().getAccessToken({ target: 'shop' });
    expect(token).toMatchObject({ type: 'Bearer', scope: ['shop'] });
    expect(token.expiresAt.getTime()).toBeGreaterThan(Date.now());
    expect(inspect(token) + JSON.stringify(token)).not.toContain('token-1');
  });
});

describe('http', () => {
  it('attaches the token of the target with the longest prefix', async () => {
    const client = service();
    for (const path of ['/shop/products', '/shop/stock/1', '/elsewhere']) await get(api.url + path, client.http);
    expect(scopes()).toStrictEqual(['shop', 'stock']);
    expect(authorizations()).toStrictEqual(['Bearer token-1', 'Bearer token-2', undefined]);
  });

  it('asks for what the request says', async () => {
    await get(`${api.url}/shop/products`, service().http, { m2m: { scope: ['write'] } });
    expect(scopes()).toStrictEqual(['write']);
  });

  it('renews when the request says so', async () => {
    const { http } = service();
    await get(`${api.url}/shop`, http);
    await get(`${api.url}/shop`, http, { m2m: { forceRenewal: true } });
    expect(authorizations()).toStrictEqual(['Bearer token-1', 'Bearer token-2']);
  });

  it('fails a request for which no token can be had, and does not send it (claim 1.9)', async () => {
    endpoint.down = true;
    await expect(get(`${api.url}/shop`, service({ retry: { attempts: 1 } }).http)).rejects.toMatchObject({
      code: 'ERR_M2M_TOKEN_ENDPOINT',
    });
    expect(api.requests).toEqual([]);
  });

  it('is the same on every access', () => {
    const client = service();
    expect(client.http).toBe(client.http);
  });
});

describe('for', () => {
  it('has the target as base URL, and attaches its token', async () => {
    await get('/products', service().for('shop'));
    expect(api.requests).toMatchObject([{ url: '/shop/products', headers: { authorization: 'Bearer token-1' } }]);
  });

  it.each<[string, string, object, string]>([
    ['another target', '/stock/1', {}, "for('stock')"],
    ['another path of the origin', 'ORIGIN/bills', {}, "for('bills')"],
    ['no target', 'ORIGIN/elsewhere', {}, 'm2m.http'],
    ['another origin', 'http://127.0.0.1:1/shop', {}, 'm2m: false'],
    ['no URL', 'http://', {}, 'cannot be parsed'],
    ['another target, with credentials of its own', '/stock/1', { headers: { authorization: 'Basic mine' } }, 'stock'],
    ['no target, with a password', 'ORIGIN/elsewhere', { auth: { username: 'a', password: 'b' } }, 'm2m: false'],
    ['no target, with m2m', 'ORIGIN/elsewhere', { m2m: { scope: 'a' } }, 'lies outside'],
  ])('refuses a URL outside of its target, and does not send it: %s', async (_, url, config, text) => {
    const failed = get(url.replace('ORIGIN', api.url), service().for('shop'), config);
    await expect(failed).rejects.toMatchObject({
      code: 'ERR_M2M_UNTRUSTED_TARGET',
      message: expect.stringContaining(text),
    });
    expect([...api.requests, ...endpoint.requests]).toEqual([]);
  });

  it('sends a URL outside of its target without a token if m2m is false', async () => {
    await get(`${api.url}/elsewhere`, service().for('shop'), { m2m: false });
    expect(authorizations()).toStrictEqual([undefined]);
  });

  it('keeps credentials that a request inside of its target has', async () => {
    await get('/1', service().for('shop'), { headers: { authorization: 'Basic mine' } });
    expect(authorizations()).toStrictEqual(['Basic mine']);
  });

  it('is memoised', () => {
    const client = service();
    expect(client.for('shop')).toBe(client.for('shop'));
    expect(client.for('shop')).not.toBe(client.for('stock'));
  });

  it('refuses a target that the options do not know, and lists those that they do', () => {
    expect(() => service().for('shpo')).toThrow(/client\.targets\.shpo .*shop, stock, bills[^]*url: 'https/);
    expect(() => service({ targets: {} }).for('shop')).toThrow(/have no target/);
  });
});

describe('fetchFor', () => {
  it.each<[string, () => Parameters<typeof fetch>]>([
    ['a relative URL', () => ['/products', { method: 'POST', body: 'a' }]],
    ['a URL', () => [`${api.url}/shop/products`, { method: 'POST', body: 'a' }]],
    ['a URL object', () => [new URL(`${api.url}/shop/products`), { method: 'POST', body: 'a' }]],
    ['a Request', () => [new Request(`${api.url}/shop/products`, { method: 'POST', body: 'a' })]],
  ])('takes the place of fetch: %s', async (_, args) => {
    const { fetchFor } = { fetchFor: service().fetchFor('shop') };
    const response = await fetchFor(...args());
    expect(response).toBeInstanceOf(Response);
    await expect(response.json()).resolves.toEqual({ ok: true });
    expect(api.requests).toMatchObject([
      { url: '/shop/products', method: 'POST', body: 'a', headers: { authorization: 'Bearer token-1' } },
    ]);
  });

  it('refuses a URL outside of its target, and a target that the options do not know', async () => {
    const call = service().fetchFor('shop')(new Request(`${api.url}/bills`));
    await expect(call).rejects.toMatchObject({ code: 'ERR_M2M_UNTRUSTED_TARGET' });
    expect(() => service().fetchFor('shpo')).toThrow('client.targets.shpo');
    expect(api.requests).toEqual([]);
  });
});

describe('attach', () => {
  it('attaches and detaches, for all targets or for one', async () => {
    const instance = create();
    const client = service();
    const detach = client.attach(instance, 'shop');
    await instance.get(`${api.url}/shop`);
    await instance.get(`${api.url}/shop/stock`);
    detach();
    await instance.get(`${api.url}/shop`);
    client.attach(instance);
    await instance.get(`${api.url}/shop/stock`);
    expect(authorizations()).toStrictEqual(['Bearer token-1', undefined, undefined, 'Bearer token-2']);
  });
});

describe('a named client', () => {
  it('gets its own tokens, and has the targets that use it', async () => {
    const client = service();
    const billing = client.client('billing');
    await expect(billing.getToken()).resolves.toBe('token-1');
    await get('/1', billing.for('bills'));
    await get(`${api.url}/bills/1`, client.http);
    await expect(get(`${api.url}/shop`, billing.http)).rejects.toThrow(UntrustedTargetError);
    await get(`${api.url}/other`, billing.http);
    expect(authorizations()).toStrictEqual(['Bearer token-1', 'Bearer token-1', undefined]);
    expect(endpoint.requests.map(({ headers }) => headers.authorization)).toStrictEqual([
      `Basic ${btoa(`billing:${CLIENT_SECRET}`)}`,
    ]);
    expect(() => billing.for('shop')).toThrow(/requested of the client billing/);
  });

  it('is memoised, and refused when the options do not know it', () => {
    const client = service();
    expect(client.client('billing')).toBe(client.client('billing'));
    expect(() => client.client('shipping')).toThrow(/client\.clients\.shipping .*billing/);
  });

  it('has the events of its own tokens only', async () => {
    const client = service();
    const all: unknown[] = [];
    const own: unknown[] = [];
    client.events$.subscribe((event) => all.push(event.client));
    client.client('billing').events$.subscribe((event) => own.push(event.client));
    await client.getToken();
    await client.getToken({ target: 'bills' });
    expect({ all, own }).toStrictEqual({ all: [undefined, 'billing'], own: ['billing'] });
  });
});

describe('a name that the options do not have', () => {
  it.each<[string, (client: M2MClientService) => unknown]>([
    ['for', async (client) => client.for('shpo')],
    ['fetchFor', async (client) => client.fetchFor('shpo')],
    ['fetch', (client) => client.fetch('/', {}, { target: 'shpo' })],
    ['attach', async (client) => client.attach(create(), 'shpo')],
    ['getToken', (client) => client.getToken({ target: 'shpo' })],
    ['getAccessToken', (client) => client.getAccessToken({ target: 'shpo' })],
    ['invalidate', (client) => client.invalidate({ target: 'shpo' })],
  ])('is refused by %s, which says the target that is meant', async (_, use) => {
    const targets = { shop: { url: `${api.url}/shop` }, bills: { url: `${api.url}/bills` } };
    await expect(use(service({ targets }))).rejects.toMatchObject({
      code: 'ERR_M2M_CONFIGURATION',
      message: expect.stringMatching(/client\.targets\.shpo is requested, .* have shop, bills\n *write: "shop"/),
    });
    expect([endpoint.requests.length, api.requests.length]).toEqual([0, 0]);
  });

  it('is refused by client(), which says the client that is meant', () => {
    expect(() => service().client('biling')).toThrow(
      /client\.clients\.biling is requested.* billing\n *write: "billing"/,
    );
  });

  it('is refused if it is none at all: for(undefined) is not a service for every target', () => {
    expect(() => service().for(undefined as unknown as string)).toThrow('are searched for a name that is missing');
  });

  it('is not what is said of a target that uses the credentials of another client', () => {
    const billing = service().client('billing');
    expect(() => billing.for('shop')).toThrow(
      /targets\.shop uses the credentials of the module's own client, but .* of the client billing\n *write: "shop": { usableBy: 'any-client' }\n *or "shop": { client/,
    );
    expect(() => billing.for('bils')).toThrow(/have bills\n *write: "bills"/);
  });
});

describe('a service without a client', () => {
  const client = new M2MClientService(
    { client: undefined, resourceServer: undefined, http: {}, insecureOrigins: [] },
    {} as OAuthClients,
  );

  it.each<[string, () => unknown]>([
    ['getToken', () => client.getToken()],
    ['getAccessToken', () => client.getAccessToken()],
    ['invalidate', () => client.invalidate()],
    ['fetch', () => client.fetch('https://shop.example')],
    ['http', async () => client.http],
    ['for', async () => client.for('shop')],
    ['attach', async () => client.attach(create())],
    ['client', async () => client.client('billing')],
    ['events$', async () => client.events$],
    ['stats', async () => client.stats()],
  ])('has no %s, and says what to write', async (_, use) => {
    await expect(use()).rejects.toMatchObject({
      code: 'ERR_M2M_CONFIGURATION',
      message: expect.stringMatching(/client is missing[^]*write: M2MModule\.forRoot\(\{[^]*client: \{ clientId/),
    });
  });
});

it('shows no token and no secret, wherever one looks (claim 2.1)', async () => {
  const client = service();
  const error: unknown = await lastValueFrom(client.for('shop').get('/', { maxContentLength: 1 })).catch(
    (thrown: unknown) => thrown,
  );
  await client.client('billing').getToken();
  for (const thing of [client, client.http, client.for('shop'), client.client('billing'), error]) {
    const seen = inspect(thing, { depth: Infinity, showHidden: true }) + inspect(thing) + String(thing);
    expect(seen).not.toMatch(/token-\d|the-secret/);
    expect(JSON.stringify(thing instanceof M2MClientService ? thing : error)).not.toMatch(/token-\d|the-secret/);
  }
});
