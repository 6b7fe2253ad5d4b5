import { describe, expect, it } from '@jest/globals';
import type { M2MResourceServerOptions } from '../../../lib/options/resource-server-options.js';
import { describeTokenExchange, gatewayOf, openShop } from '../support/token-exchange.js';
import { OPAQUE_API, type OidcProviderServer } from './oidc-provider-server.js';

/** Token exchange at oidc-provider, by the grant of `token-exchange.mjs`. */
export function describeDelegation(serverOf: () => OidcProviderServer): void {
  const introspecting = (): Partial<M2MResourceServerOptions> => {
    const { clientId, clientSecret, clientAuthentication } = serverOf().clients.client_secret_post;
    return { introspection: { clientId, clientSecret, clientAuthentication, timeout: 60_000 } };
  };

  describeTokenExchange(serverOf, () => ({
    withoutGrant: {
      client: serverOf().withoutGrant,
      error: {
        error: 'invalid_request',
        upstreamStatus: 400,
        errorDescription: 'requested grant type is not allowed for this client',
        message: expect.stringContaining('Allow this client to exchange tokens'),
      },
    },
    revoked: {
      caller: serverOf().opaqueCaller,
      // The answer about a machine's token has no `sub`.
      resourceServer: { ...introspecting(), callers: 'any' },
      error: { error: 'invalid_request', upstreamStatus: 400, errorDescription: 'invalid subject_token' },
    },
  }));

  describe('a gateway at oidc-provider', () => {
    it('sends an opaque token, which the shop introspects', async () => {
      const server = serverOf();
      await using shop = await openShop(server, introspecting());
      await using gateway = await gatewayOf(server, shop, { target: { resource: OPAQUE_API } });
      const [caller] = server.delegation.callers;
      expect(await gateway.ask('on-behalf', await caller.token())).toMatchObject({
        active: true,
        sub: caller.client.clientId,
        client_id: 'gateway',
        aud: server.audience,
      });
    });

    it('is named as the actor if its target says so', async () => {
      const server = serverOf();
      await using shop = await openShop(server);
      const target = { ...server.delegation.target, exchange: { actor: 'client' } } as const;
      await using gateway = await gatewayOf(server, shop, { target });
      const [caller] = server.delegation.callers;
      expect(await gateway.ask('on-behalf', await caller.token())).toMatchObject({
        sub: caller.client.clientId,
        act: { sub: 'gateway' },
      });
    });

    it('is refused an API that the server does not know, and keeps its own tokens', async () => {
      const server = serverOf();
      await using shop = await openShop(server);
      await using gateway = await gatewayOf(server, shop, { target: { resource: 'https://unknown-api' } });
      const token = await server.delegation.callers[0].token();
      expect(await gateway.ask('on-behalf', token)).toMatchObject({
        error: 'invalid_target',
        upstreamStatus: 400,
        message: expect.stringContaining('Check audience or resource'),
      });
      expect(await gateway.m2m.getToken()).toEqual(expect.any(String));
    });
  });
}
