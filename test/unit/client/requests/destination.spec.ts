import { describe, expect, it } from '@jest/globals';
import { AxiosHeaders, type InternalAxiosRequestConfig } from 'axios';
import { UntrustedTargetError } from '../../../../lib/errors/untrusted-target.error.js';
import { ServiceAccess } from '../../../../lib/client/clients/service-access.js';
import { Destinations } from '../../../../lib/client/requests/destination.js';
import { TargetIndex } from '../../../../lib/client/requests/target-index.js';
import type { ResolvedTarget } from '../../../../lib/options/resolved-options.js';
import { ALL_TARGETS } from '../../../support/all-targets.js';
import { resolveOptions } from '../../../../lib/options/resolve-options.js';

const { client } = resolveOptions({
  authorizationServer: { name: 'test', issuer: 'http://127.0.0.1:1' },
  client: {
    clientId: 'orders',
    clientSecret: 'secret',
    targets: { shop: { url: 'https://shop.example/api' }, local: { url: 'http://127.0.0.1:3000' } },
  },
});
const targets = new TargetIndex(client?.targets ?? []);
const destinations = new Destinations(targets, ALL_TARGETS);
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
    const shop = targets.get('shop') as ResolvedTarget;
    const only = new Destinations(targets, ALL_TARGETS, { target: shop, isOnly: true });
    const at = (url: string, config = {}) => only.of({ url, headers: new AxiosHeaders(), ...config });
    expect(at('https://shop.example/api/1')).toMatchObject({ target: { name: 'shop' } });
    expect(() => at('https://other.example')).toThrow('outside of the target shop (https://shop.example/api)');
    expect(() => at('http://127.0.0.1:3000')).toThrow("for('local')");
    expect(at('https://other.example', { m2m: false })).toBeUndefined();
    expect(at('https://shop.example/api', { auth: { username: 'a', password: 'b' } })).toBeUndefined();
  });

  it('refuse a target of another client, unless the request wants no token', () => {
    const none = new Destinations(targets, new ServiceAccess('billing', () => undefined));
    const config = { url: 'https://shop.example/api', headers: new AxiosHeaders() };
    expect(() => none.of(config)).toThrow(
      "lies under the target shop, which uses the credentials of the module's own client alone; write usableBy: 'any-client' in client.targets.shop",
    );
    expect(() => none.of({ ...config, m2m: {} })).toThrow(UntrustedTargetError);
    expect(() => none.of({ ...config, url: 'https://other.example', m2m: {} })).toThrow('none is configured');
    expect(none.of({ ...config, url: 'https://other.example' })).toBeUndefined();
    expect(none.of({ ...config, m2m: false })).toBeUndefined();
  });
});
