import { afterEach, describe, expect, it } from '@jest/globals';
import { decodeJwt } from 'jose';
import { TestAuthorizationServer, type TestAuthorizationServerOptions } from '../../../lib/testing/index.js';
import type { M2MTarget } from '../../../lib/options/client-options.js';
import { tokenOf } from '../../support/caller.js';
import { clientService } from '../../support/calling-service.js';

let server: TestAuthorizationServer;
afterEach(() => server.stop());

/** A token for products that orders gets on behalf of anna. */
async function exchanged(options: TestAuthorizationServerOptions, orders: string, target: Partial<M2MTarget>) {
  server = await TestAuthorizationServer.start({ signingAlg: 'ES256', ...options });
  const { m2m } = clientService({
    authorizationServer: server.authorizationServer,
    client: {
      clientId: 'orders',
      clientSecret: 's3cret',
      targets: { products: { url: 'https://products.example', token: 'exchange', ...target } },
    },
    resourceServer: { audience: orders },
  });
  const token = await server.mint({ clientId: 'web', user: 'anna', audience: orders });
  const { issuer } = server.authorizationServer;
  const onBehalfOf = tokenOf(token, { issuer, clientId: 'web', audience: [orders] });
  return decodeJwt(await m2m.getToken({ target: 'products', onBehalfOf }));
}

describe('the token of a caller is exchanged at a server of the dialect', () => {
  const clients = { web: 'w', orders: 's3cret' };

  it('standard', async () => {
    const resources = { 'https://orders.example': ['read'], 'https://products.example': ['read'] };
    const target = { audience: 'https://products.example' };
    const claims = await exchanged({ clients, resources }, 'https://orders.example', target);
    expect(claims).toMatchObject({ sub: 'anna', aud: 'https://products.example' });
  });

  it('keycloak, with the audience that a request for a token of its own does not take', async () => {
    const resources = { orders: ['read'], products: ['read'] };
    const claims = await exchanged({ dialect: 'keycloak', clients, resources }, 'orders', { audience: 'products' });
    expect(claims).toMatchObject({ sub: 'anna', aud: 'products', azp: 'orders' });
  });

  it('keycloak, which says what to do if the exchange is off', async () => {
    const off = { ...clients, orders: { secret: 's3cret', tokenExchange: false } };
    const resources = { orders: ['read'], products: ['read'] };
    const call = exchanged({ dialect: 'keycloak', clients: off, resources }, 'orders', { audience: 'products' });
    await expect(call).rejects.toThrow('Switch "Standard token exchange" on');
  });

  it('entraId, by its on-behalf-of flow', async () => {
    const resources = { 'api://orders': ['orders.read'], 'https://products.example': ['products.read'] };
    const target = { scope: 'https://products.example/.default' };
    const claims = await exchanged({ dialect: 'entraId', clients, resources }, 'api://orders', target);
    expect(claims['aud']).toBe('https://products.example');
    expect(server.requests('token')).toHaveLength(1);
  });
});
