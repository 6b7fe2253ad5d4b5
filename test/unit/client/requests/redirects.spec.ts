import { describe, expect, it } from '@jest/globals';
import { HttpStatusCode } from 'axios';
import { dropTokenOutside } from '../../../../lib/client/requests/redirects.js';
import { resolveOptions } from '../../../../lib/options/resolve-options.js';
import type { ResolvedTarget } from '../../../../lib/options/resolved-options.js';

const { client } = resolveOptions({
  authorizationServer: { name: 'test', issuer: 'http://127.0.0.1:1' },
  client: {
    clientId: 'orders',
    clientSecret: 'secret',
    targets: {
      shop: { url: 'https://shop.example/api' },
      orders: { url: 'https://shop.example/api/orders' },
      local: { url: 'http://[::1]:3000' },
    },
  },
});
const targets = client?.targets ?? [];

/** What follow-redirects gives to its hook. */
function headersAfter(from: string, to: object, host: object = {}): string[] {
  const target = targets.find(({ name }) => name === from) as ResolvedTarget;
  const headers = { accept: '*/*', AUTHORIZATION: 'Bearer token', ...host };
  const there = { protocol: 'https:', hostname: 'shop.example', port: '', path: '/api', headers, ...to };
  const details = { headers: {}, statusCode: HttpStatusCode.Found };
  dropTokenOutside({ target, targets }, { Authorization: 'Bearer token' }, undefined)(there, details, {
    headers: {},
    url: '',
    method: 'GET',
  });
  return Object.keys(headers);
}

describe('dropTokenOutside', () => {
  it.each<[string, object]>([
    ['shop', {}],
    ['shop', { port: 443 }],
    ['shop', { path: '/api/products?a=1', href: 'https://evil.test' }],
    ['orders', { path: '/api/orders/1' }],
    ['local', { protocol: 'http:', hostname: '::1', port: 3000, path: '/' }],
  ])('keeps the token inside of %s: %j', (from, to) => {
    expect(headersAfter(from, to)).toEqual(['accept', 'AUTHORIZATION']);
  });

  it.each<[string, object]>([
    ['shop', { hostname: 'evil.test', href: 'https://shop.example/api' }],
    ['shop', { hostname: 'a.shop.example' }],
    ['shop', { protocol: 'http:' }],
    ['shop', { port: 8443 }],
    ['shop', { path: '/admin' }],
    ['shop', { path: '/api/..%2fadmin' }],
    ['shop', { path: '/api/orders' }],
    ['orders', { path: '/api' }],
    ['local', { protocol: 'http:', hostname: '::2', port: 3000, path: '/' }],
    ['shop', { hostname: undefined }],
    ['shop', { hostname: 'not a host' }],
  ])('drops the token outside of %s: %j', (from, to) => {
    expect(headersAfter(from, to)).toEqual(['accept']);
  });

  it.each<[object, boolean]>([
    [{ HOST: 'shop.example' }, true],
    [{ host: 'evil.test' }, false],
    [{ Host: ['shop.example', 'evil.test'] }, false],
    [{ host: 'shop.example', Host: 'evil.test' }, false],
  ])('keeps the token with its own Host only: %j', (host, isKept) => {
    expect(headersAfter('shop', {}, host).includes('AUTHORIZATION')).toBe(isKept);
  });

  it('drops the token on the way to a socket', () => {
    expect(headersAfter('shop', { socketPath: '/tmp/socket' })).toEqual(['accept']);
  });
});
