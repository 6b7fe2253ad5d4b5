import { describe, expect, it } from '@jest/globals';
import { M2MTokenVerifier } from '../../../lib/resource-server/m2m-token-verifier.js';
import { TestAuthorizationServer } from '../../../lib/testing/test-authorization-server.js';
import { TestClock } from '../../../lib/testing/test-clock.js';
import { verificationApp } from '../../e2e/verification/verification-app.js';
import { IntrospectionScene, products } from './introspection-scene.js';

describe('Introspection at several issuers', () => {
  it('asks only the issuer whose opaque tokens begin so (claim 3.14)', async () => {
    const clock = new TestClock();
    const clients = { orders: { tokenFormat: 'opaque' }, 'products-api': 'products-secret' } as const;
    const setup = { clock, clients, resources: ['api'], signingAlg: 'ES256' };
    await using ours = await TestAuthorizationServer.start(setup);
    await using theirs = await TestAuthorizationServer.start(setup);
    const trusted = { audience: 'api', scopes: [], introspection: { ...products, tokenPrefix: 'their_' } };
    await using app = await verificationApp(
      {
        authorizationServer: ours.authorizationServer,
        resourceServer: {
          audience: 'api',
          introspection: products,
          trust: [{ authorizationServer: theirs.authorizationServer, ...trusted }],
        },
      },
      clock,
    );
    const verifier = app.get(M2MTokenVerifier);
    await expect(verifier.verify('their_token')).rejects.toMatchObject({ reason: 'inactive' });
    expect([ours, theirs].map((server) => server.requests('introspection').length)).toEqual([0, 1]);
    expect((await verifier.verify(await ours.mint())).issuer).toBe(ours.issuer);
    expect([ours, theirs].map((server) => server.requests('introspection').length)).toEqual([1, 1]);
  });

  it('tells machines from users by the JWT itself, not by what Keycloak adds to every answer (claim 3.13)', async () => {
    const clients = { orders: 'orders-secret', 'products-api': 'products-secret' };
    const server = { dialect: 'keycloak', clients, resources: ['products-api'] } as const;
    const rules = { audience: 'products-api' };
    await using scene = await IntrospectionScene.set({ when: 'always' }, rules, server);
    const machine = await scene.verifier.verify(await scene.server.mint({ clientId: 'orders' }));
    expect(machine).toMatchObject({ clientId: 'orders', kind: 'machine' });
    const ofUser = await scene.server.mint({ clientId: 'orders', user: 'ada' });
    expect((await scene.failureOf(ofUser)).message).toContain("is a user's");
    // An exchanged token has neither: `client_id`, which the answer has nevertheless, proves nothing.
    const claims = { client_id: undefined, clientHost: undefined, clientAddress: undefined };
    const exchanged = await scene.server.mint({ clientId: 'orders', claims });
    expect((await scene.failureOf(exchanged)).message).toContain('does not tell a machine from a user');
  });

  it('is told nothing by Keycloak about tokens for others', async () => {
    const clients = { orders: 'orders-secret', 'products-api': 'products-secret' };
    const server = { dialect: 'keycloak', clients, resources: ['products-api', 'stock-api'] } as const;
    await using scene = await IntrospectionScene.set({ when: 'always' }, { audience: 'stock-api' }, server);
    const token = await scene.server.mint({ clientId: 'orders', audience: 'stock-api' });
    expect(await scene.fate(token)).toBe('inactive');
  });

  it('stops the start at servers whose metadata names no introspection endpoint, if warmup requires it', async () => {
    const server = await TestAuthorizationServer.start({ dialect: 'cognito' });
    const authorizationServer = { ...server.authorizationServer, introspectionEndpoint: undefined };
    const resourceServer = { audience: 'api', introspection: products, warmup: 'required' } as const;
    await expect(verificationApp({ authorizationServer, resourceServer })).rejects.toMatchObject({
      code: 'ERR_M2M_KEYS_UNAVAILABLE',
    });
    await server.stop();
  });
});
