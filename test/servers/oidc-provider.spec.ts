import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { clientSecretJwt } from '../../lib/client-authentication/client-secret-jwt.js';
import { clientSecretPost } from '../../lib/client-authentication/client-secret-post.js';
import type { M2MNamedClientOptions } from '../../lib/options/client-options.js';
import { describeDelegation } from './oidc-provider/delegation.js';
import { OIDC_PROVIDER, OidcProviderServer, OPAQUE_API } from './oidc-provider/oidc-provider-server.js';
import { describeBothHalves } from './support/both-halves.js';
import { startCaller } from './support/caller.js';
import { describeIntrospection } from './support/introspection.js';
import { startShop } from './support/shop.js';

describe('with a real oidc-provider', () => {
  let server: OidcProviderServer;
  beforeAll(async () => {
    server = await OidcProviderServer.start();
  });
  afterAll(() => server[Symbol.asyncDispose]());

  describeBothHalves(OIDC_PROVIDER, () => server);

  // Its answers have no `sub`.
  describeIntrospection(
    () => server,
    () => {
      const { client_secret_basic: client, client_secret_post: api } = server.clients;
      const { clientId, clientSecret, clientAuthentication } = api;
      return {
        introspection: { clientId, clientSecret, clientAuthentication },
        resourceServer: { callers: 'any', allowedClients: [client.clientId] },
        client: { ...client, resource: OPAQUE_API },
      };
    },
  );

  describeDelegation(() => server);

  /** A token of a client that differs from the one that authenticates by Basic. */
  const tokenOf = async (difference: Partial<M2MNamedClientOptions>): Promise<string> => {
    const { authorizationServer, clients } = server;
    await using caller = await startCaller({ authorizationServer, ...clients.client_secret_basic, ...difference });
    return caller.m2m.getToken();
  };

  describe('what the documentation says about it', () => {
    it('issues an opaque token, which the API refuses, if no resource is named', async () => {
      await using shop = await startShop(server);
      expect(await shop.ask('products', await tokenOf({ resource: [] }))).toBe('401 malformed');
    });

    it('issues a token without scopes if none is requested', async () => {
      await using shop = await startShop(server);
      expect(await shop.ask('scopes', await tokenOf({ scope: [] }))).toEqual([]);
    });

    it('refuses a scope that is not granted', async () => {
      await expect(tokenOf({ scope: ['read:products', 'write:products'] })).rejects.toMatchObject({
        error: 'invalid_scope',
        upstreamStatus: 400,
      });
    });

    it('accepts a secret in the body of a client that is registered with Basic, and no assertion', async () => {
      await using shop = await startShop(server);
      const token = await tokenOf({ clientAuthentication: clientSecretPost() });
      expect(await shop.ask('products', token)).toEqual({ machine: server.clients.client_secret_basic.clientId });
      await expect(tokenOf({ clientAuthentication: clientSecretJwt() })).rejects.toMatchObject({
        error: 'invalid_client',
        upstreamStatus: 401,
      });
    });
  });
});
