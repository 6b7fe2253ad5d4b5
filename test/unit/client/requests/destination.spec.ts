import { describe, expect, it } from '@jest/globals';
import { AxiosHeaders, type InternalAxiosRequestConfig } from 'axios';
import * as fc from 'fast-check';
import { Destinations, findTarget } from '../../../../lib/client/requests/destination.js';
import { resolveOptions } from '../../../../lib/options/resolve-options.js';

const { client } = resolveOptions({
  authorizationServer: { name: 'test', issuer: 'http://127.0.0.1:1' },
  client: {
    clientId: 'orders',
    clientSecret: 'secret',
    targets: { shop: { url: 'https://shop.example/api' }, local: { url: 'http://127.0.0.1:3000' } },
  },
});
const destinations = new Destinations(client?.targets ?? [], () => true);
const of = (
  url: string,
  {
    headers = {},
    ...config
  }: { headers?: Record<string, string> } & Partial<Omit<InternalAxiosRequestConfig, 'headers'>> = {},
) => destinations.of({ url, headers: new AxiosHeaders(headers), ...config });

describe('Destinations', () => {
  it('find the target that a request lies under, and whether it is on this machine', () => {
    expect(of('https://shop.example/api/1')).toMatchObject({ target: { name: 'shop' }, isLocal: false });
    expect(of('/1', { baseURL: 'http://127.0.0.1:3000' })).toMatchObject({ target: { name: 'local' }, isLocal: true });
  });

  it.each([
    ['lies under no target', 'https://other.example', {}],
    ['wants no token', 'https://shop.example/api', { m2m: false as const }],
    ['has credentials', 'https://shop.example/api', { auth: { username: 'a', password: 'b' } }],
    ['has an Authorization header', 'https://shop.example/api', { headers: { AUTHORIZATION: 'Basic mine' } }],
  ])('are none for a request that %s', (_, url, config) => {
    expect(of(url, config)).toBeUndefined();
  });

  it.each([
    ['no target although it requests a token', 'https://other.example', { m2m: {} }, 'shop https://shop.example/api'],
    ['an ambiguous path', 'https://shop.example/api/..%2fadmin', {}, '%2f'],
    ['another Host', 'https://shop.example/api', { headers: { host: 'evil.test' } }, 'Host'],
    ['a socket', 'https://shop.example/api', { socketPath: '/tmp/socket' }, 'socketPath'],
    ['a transport', 'https://shop.example/api', { transport: {} }, 'transport'],
  ])('refuse a request with %s', (_, url, config, reason) => {
    expect(() => of(url, config)).toThrow(reason);
  });

  it('refuse what lies outside of the only target, unless it wants no token', () => {
    const [shop] = client?.targets ?? [];
    const only = new Destinations(client?.targets ?? [], () => true, shop);
    const at = (url: string, config = {}) => only.of({ url, headers: new AxiosHeaders(), ...config });
    expect(at('https://shop.example/api/1')).toMatchObject({ target: { name: 'shop' } });
    expect(() => at('https://other.example')).toThrow('outside of the target shop (https://shop.example/api)');
    expect(() => at('http://127.0.0.1:3000')).toThrow("for('local')");
    expect(at('https://other.example', { m2m: false })).toBeUndefined();
    expect(at('https://shop.example/api', { auth: { username: 'a', password: 'b' } })).toBeUndefined();
  });

  it('name no target of others, and attach no token for it', () => {
    const none = new Destinations(client?.targets ?? [], () => false);
    const config = { url: 'https://shop.example/api', headers: new AxiosHeaders() };
    expect(none.of(config)).toBeUndefined();
    expect(() => none.of({ ...config, m2m: {} })).toThrow('none is configured');
  });
});

const shop = { name: 'shop', origin: 'https://shop.example', path: '/api' };
const orders = { name: 'orders', origin: 'https://shop.example', path: '/api/orders' };
const whole = { name: 'whole', origin: 'https://whole.example:8443', path: '' };
const targets = [shop, orders, whole];
const find = (url: string) => findTarget(targets, new URL(url))?.name;

describe('findTarget', () => {
  it.each([
    ['https://shop.example/api', 'shop'],
    ['https://shop.example/api/', 'shop'],
    ['https://shop.example/api?page=2', 'shop'],
    ['https://SHOP.example:443/api/products', 'shop'],
    ['https://shop.example/admin/../api/products', 'shop'],
    ['https://shop.example/api/orders', 'orders'],
    ['https://shop.example/api/orders/1', 'orders'],
    ['https://shop.example/api/ordersx', 'shop'],
    ['https://whole.example:8443', 'whole'],
    ['https://whole.example:8443/anything', 'whole'],
  ])('%s lies under %s', (url, name) => {
    expect(find(url)).toBe(name);
  });

  it.each([
    ['a look-alike host', 'https://shop.example.evil.test/api'],
    ['a host that ends alike', 'https://evilshop.example/api'],
    ['a sub-domain', 'https://a.shop.example/api'],
    ['a trailing dot', 'https://shop.example./api'],
    ['the host as user-info', 'https://shop.example@evil.test/api'],
    ['the host and path as user-info', 'https://shop.example%2fapi@evil.test/api'],
    ['the host before a backslash', 'https://evil.test\\@shop.example/api'],
    ['another port', 'https://shop.example:8443/api'],
    ['no port where the target has one', 'https://whole.example/'],
    ['another scheme', 'http://shop.example/api'],
    ['a scheme that is not HTTP', 'ftp://shop.example/api'],
    ['a path above the prefix', 'https://shop.example/'],
    ['a path that begins alike', 'https://shop.example/apis'],
    ['another case', 'https://shop.example/API'],
    ['dot segments', 'https://shop.example/api/../admin'],
    ['encoded dot segments', 'https://shop.example/api/%2e%2E/admin'],
    ['mixed dot segments', 'https://shop.example/api/.%2e/admin'],
    ['dot segments and backslashes', 'https://shop.example/api\\..\\admin'],
    ['dot segments behind a tab', 'https://shop.example/api/.\t./admin'],
    ['a prefix in the query', 'https://shop.example/?/api'],
    ['a prefix in the fragment', 'https://shop.example/#/api'],
  ])('%s is outside', (_, url) => {
    expect(find(url)).toBeUndefined();
  });

  it('finds the same target in whatever order they stand', () => {
    fc.assert(
      fc.property(fc.shuffledSubarray(targets, { minLength: 3 }), (shuffled) => {
        expect(findTarget(shuffled, new URL('https://shop.example/api/orders/1'))).toBe(orders);
      }),
    );
  });

  it('never matches another origin, or a path outside of the prefix', () => {
    fc.assert(
      fc.property(
        fc.webUrl({ withQueryParameters: true }),
        fc.constantFrom('/api', '/apis', '/x', ''),
        (base, path) => {
          const url = new URL(new URL(base).origin + path + new URL(base).pathname);
          const found = findTarget(targets, url);
          expect(
            found === undefined || `${url.origin}${url.pathname}/`.startsWith(`${found.origin}${found.path}/`),
          ).toBe(true);
        },
      ),
    );
  });
});
