import { describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import { TargetIndex } from '../../../../lib/client/requests/target-index.js';

const shop = { name: 'shop', origin: 'https://shop.example', path: '/api' };
const orders = { name: 'orders', origin: 'https://shop.example', path: '/api/orders' };
const whole = { name: 'whole', origin: 'https://whole.example:8443', path: '' };
const targets = [shop, orders, whole];
const index = new TargetIndex(targets);
const find = (url: string) => index.find(new URL(url))?.name;

describe('TargetIndex', () => {
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
        expect(new TargetIndex(shuffled).find(new URL('https://shop.example/api/orders/1'))).toBe(orders);
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
          const found = index.find(url);
          expect(
            found === undefined || `${url.origin}${url.pathname}/`.startsWith(`${found.origin}${found.path}/`),
          ).toBe(true);
        },
      ),
    );
  });

  it('finds what a look at every target finds', () => {
    const path = fc
      .array(fc.constantFrom('/', '/a', '/ab', 'b', '/%2F'), { maxLength: 6 })
      .map((parts) => parts.join(''));
    fc.assert(
      fc.property(fc.uniqueArray(path, { maxLength: 8 }), path, (prefixes, called) => {
        const all = prefixes
          .map((prefix) => new URL(`https://shop.example/${prefix}`))
          .map(({ origin, pathname }) => ({ name: pathname, origin, path: pathname.replace(/\/$/, '') }));
        const url = new URL(`https://shop.example/${called}`);
        const below = all.filter((each) => url.pathname === each.path || url.pathname.startsWith(`${each.path}/`));
        const longest = below.toSorted((a, b) => b.path.length - a.path.length)[0];
        expect(new TargetIndex(all).find(url)?.path).toBe(longest?.path);
      }),
    );
  });

  it('looks at no target but the one that it finds', () => {
    let looks = 0;
    const many = Array.from({ length: 10_000 }, (_, number) => ({
      get name() {
        looks += 1;
        return `tenant-${number}`;
      },
      get origin() {
        looks += 1;
        return number % 2 === 0 ? 'https://gateway.example' : `https://tenant-${number}.example`;
      },
      get path() {
        looks += 1;
        return `/tenants/${number}`;
      },
    }));
    const tenants = new TargetIndex(many);
    looks = 0;
    expect(tenants.find(new URL('https://gateway.example/tenants/9998/products'))).toBe(many[9998]);
    expect(tenants.find(new URL('https://tenant-9999.example/tenants/9999'))).toBe(many[9999]);
    expect(tenants.find(new URL('https://gateway.example/tenants/9999'))).toBeUndefined();
    expect(tenants.get('tenant-5000')).toBe(many[5000]);
    expect(looks).toBe(0);
  });

  it('says whether a target is on this machine', () => {
    const local = { name: 'local', origin: 'http://127.0.0.1:3000', path: '' };
    const both = new TargetIndex([shop, local]);
    expect([both.isLocal(shop), both.isLocal(local)]).toEqual([false, true]);
  });
});

const misread = (url: string): string | undefined => {
  const parsed = new URL(url);
  return index.findMisread(parsed, index.find(parsed)!)?.name;
};

describe('a URL that servers may take for one under another target', () => {
  it.each([
    ['an encoded letter', '/api/%6frders/1'],
    ['one that is encoded twice', '/api/%256frders/1'],
    ['an encoded slash', '/api/x/..%2forders'],
    ['an encoded backslash', '/api/x%5c..%5corders/1'],
    ['two slashes', '/api//orders/1'],
    ['other case', '/api/Orders/1'],
    ['path parameters', '/api/orders;v=1/1'],
    ['a reading that leaves a deeper target', '/api/orders/..%2fproducts'],
  ])('is found: %s', (_, path) => {
    expect(misread(`https://shop.example${path}`)).toBe(path.includes('products') ? 'shop' : 'orders');
  });

  it.each([
    '/api/products',
    '/api/Products/%C3%A4/a%20b',
    '/api/ordersx',
    '/api/Orders-of-today/1',
    '/api/orders/Tea/%6f',
    '/api//products',
  ])('is none: %s', (path) => {
    expect(misread(`https://shop.example${path}`)).toBeUndefined();
  });

  it('is none at an origin with one target, and for targets whose paths differ in case alone', () => {
    expect(misread('https://whole.example:8443/%61pi')).toBeUndefined();
    const cases = new TargetIndex([shop, { ...shop, name: 'SHOP', path: '/API' }]);
    for (const target of cases.all()) {
      expect(cases.findMisread(new URL(`https://shop.example${target.path}/Tea`), target)).toBeUndefined();
    }
  });
});
