import { describe, expect, it } from '@jest/globals';
import { Agent } from 'node:https';
import { AxiosHeaders, type InternalAxiosRequestConfig, HttpStatusCode } from 'axios';
import { attachToken, dropTokenOutside } from '../../../../lib/client/requests/attaching.js';
import type { Destination } from '../../../../lib/client/requests/destination.js';
import { TargetIndex } from '../../../../lib/client/requests/target-index.js';
import { resolveOptions } from '../../../../lib/options/resolve-options.js';
import type { ResolvedTarget } from '../../../../lib/options/resolved-options.js';

const proxy = { host: 'proxy.example', port: 3128 };
const httpsAgent = new Agent();

function sent(config: Partial<InternalAxiosRequestConfig> = {}, http = {}, isLocal = false) {
  const target = { name: 'shop', origin: 'https://shop.example', path: '', http };
  const destination = { target, url: new URL('https://shop.example/a'), isLocal, targets: [target] };
  const given = { url: '/a', headers: new AxiosHeaders({ Accept: '*/*' }), ...config };
  return { given, sent: attachToken(given, destination as unknown as Destination, { 'X-Token': 'the-token' }) };
}

describe('attachToken', () => {
  it('adds the headers of the token to a copy, and leaves the request of the caller alone', () => {
    const { given, sent: copy } = sent();
    expect(copy.headers.toJSON()).toEqual({ Accept: '*/*', 'X-Token': 'the-token' });
    expect(copy.headers).toBeInstanceOf(AxiosHeaders);
    expect(given.headers.toJSON()).toEqual({ Accept: '*/*' });
  });

  it('sends to the URL that was checked', () => {
    expect(sent({ baseURL: 'https://evil.test' }).sent).toMatchObject({
      url: 'https://shop.example/a',
      allowAbsoluteUrls: true,
    });
  });

  it('lets the fetch adapter follow no redirect, and keeps its other options', () => {
    expect(sent().sent.fetchOptions).toEqual({ redirect: 'manual' });
    const fetchOptions = { redirect: 'follow', cache: 'no-store' };
    expect(sent({ fetchOptions }).sent.fetchOptions).toEqual({ redirect: 'manual', cache: 'no-store' });
  });

  it('uses proxy, agent and timeout of the target unless the request has its own', () => {
    const http = { proxy, httpsAgent, timeout: 5000 };
    expect(sent({}, http).sent).toMatchObject({ proxy, httpsAgent, timeout: 5000 });
    const own = { proxy: false as const, httpsAgent: new Agent(), timeout: 100 };
    expect(sent(own, http).sent).toMatchObject({ proxy: false, timeout: 100 });
    expect(sent(own, http).sent.httpsAgent).toBe(own.httpsAgent);
  });

  it('copies every field of a request, those named by symbols too', () => {
    const fields = { data: { a: 1 }, signal: new AbortController().signal, [Symbol('note')]: 'kept' };
    expect(sent(fields).sent).toMatchObject(fields);
  });

  it('gives adapters a request of which nothing on Object.prototype is a field, and that has hasOwnProperty (claim 6.2)', () => {
    const { sent: copy } = sent();
    expect('toString' in copy).toBe(false);
    expect(Object.hasOwn(copy, 'hasOwnProperty')).toBe(false);
    expect(copy.hasOwnProperty('url')).toBe(true);
    const names: string[] = [];
    for (const name in copy) names.push(name);
    expect(names).toEqual(Object.keys(copy));
    expect(() => Object.assign(Object.getPrototypeOf(copy) as object, { auth: 'evil' })).toThrow(TypeError);
  });

  it('uses no proxy on this machine', () => {
    expect(sent({ proxy }, { proxy }, true).sent.proxy).toBe(false);
  });
});

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
const targets = new TargetIndex(client?.targets ?? []);

/** What follow-redirects gives to its hook. */
function headersAfter(from: string, to: object, host: object = {}): string[] {
  const target = targets.get(from) as ResolvedTarget;
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
