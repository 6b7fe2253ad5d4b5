import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { decodeJwt } from 'jose';
import { clientSecretBasic } from '../../lib/client-authentication/client-secret-basic.js';
import { clientSecretPost } from '../../lib/client-authentication/client-secret-post.js';
import { oidc } from '../../lib/authorization-servers/oidc.js';
import type { M2MNamedClientOptions } from '../../lib/options/client-options.js';
import { asking, clientTokenManager } from '../support/client-token-manager.js';
import { PRODUCTS_API, TestOidcProvider } from '../support/oidc-provider.js';

let server: TestOidcProvider;
beforeAll(async () => {
  server = await TestOidcProvider.start();
});
afterAll(() => server.stop());

const managerOf = (options: Partial<M2MNamedClientOptions> = {}) =>
  clientTokenManager({ authorizationServer: oidc({ issuer: server.issuer }), ...options });
const products = asking({ resource: PRODUCTS_API, scope: 'read:products' });

describe('tokens from a real authorization server', () => {
  it('are found by discovery and requested once by 1000 who ask at once', async () => {
    const { manager } = managerOf();
    const before = server.tokenRequests;
    const tokens = await Promise.all(Array.from({ length: 1000 }, () => manager.getAccessToken(products)));
    expect(server.tokenRequests - before).toBe(1);
    expect(server.requests('/.well-known/openid-configuration')).toBe(1);
    expect(new Set(tokens.map(({ value }) => value)).size).toBe(1);
    expect(decodeJwt(tokens[0]?.value ?? '')).toMatchObject({ aud: PRODUCTS_API, scope: 'read:products' });
    expect(tokens[0]?.scope).toEqual(['read:products']);
  });

  it.each<[string, Partial<M2MNamedClientOptions>]>([
    ['a Basic header', { clientAuthentication: clientSecretBasic() }],
    ['a Basic header with characters to encode', { clientId: 'odd:client', clientSecret: 'p%ss word+&=/:' }],
    ['the body', { clientId: 'reports', clientSecret: 'reports-secret', clientAuthentication: clientSecretPost() }],
  ])('are issued to a client that authenticates by %s', async (_name, options) => {
    const { manager } = managerOf(options);
    const { value } = await manager.getAccessToken(asking({ resource: PRODUCTS_API }));
    expect(decodeJwt(value)).toMatchObject({ client_id: options.clientId ?? 'orders' });
  });

  it.each([
    ['a wrong secret', { clientSecret: 'wrong' }, products, 'invalid_client', 401],
    ['an unknown client', { clientId: 'nobody' }, products, 'invalid_client', 401],
    ['an unknown resource', {}, asking({ resource: 'https://nowhere.example.com' }), 'invalid_target', 400],
    [
      'a scope not granted',
      { clientId: 'reports', clientSecret: 'reports-secret', clientAuthentication: clientSecretPost() },
      asking({ resource: PRODUCTS_API, scope: 'write:products' }),
      'invalid_scope',
      400,
    ],
  ])('are refused for %s', async (_name, options, asked, error, upstreamStatus) => {
    const { manager } = managerOf(options);
    await expect(manager.getAccessToken(asked)).rejects.toMatchObject({ error, upstreamStatus });
  });

  it('are opaque where no resource is named, and live as long as the answer says', async () => {
    const { expiresAt, value } = await managerOf().manager.getAccessToken(asking());
    expect(() => decodeJwt(value)).toThrow('Invalid JWT');
    expect(expiresAt.getTime() - Date.now()).toBeGreaterThan(3_500_000);
  });
});
