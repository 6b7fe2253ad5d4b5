import { describe, expect, it } from '@jest/globals';
import { decodeJwt } from 'jose';
import { tokenOf } from '../support/caller.js';
import type { RealServer } from '../support/real-server.js';
import { describeTokenExchange, gatewayOf, openShop } from '../support/token-exchange.js';
import { credentialsOf, type KeycloakRealm } from './keycloak-realm.js';
import { logIn } from './log-in.js';
import { ALICE, SHOP_API } from './shop-realm.js';

/** How Keycloak exchanges the token of a caller, and how it refuses to. */
export function describeDelegation(realmOf: () => KeycloakRealm, serverOf: () => RealServer): void {
  describeTokenExchange(serverOf, () => ({
    withoutGrant: {
      client: credentialsOf('orders'),
      error: {
        error: 'invalid_request',
        upstreamStatus: 400,
        errorDescription: 'Standard token exchange is not enabled for the requested client',
        message: expect.stringContaining('Switch "Standard token exchange" on'),
      },
    },
    revoked: { error: { error: 'invalid_request', upstreamStatus: 400, errorDescription: 'Invalid token' } },
  }));

  describe('a gateway at Keycloak', () => {
    it('acts for a user', async () => {
      const server = serverOf();
      await using shop = await openShop(server);
      await using gateway = await gatewayOf(server, shop, { resourceServer: { callers: 'any' } });
      const { access_token } = await logIn(realmOf(), ALICE);
      expect(await gateway.ask('on-behalf', access_token)).toMatchObject({
        sub: decodeJwt(access_token).sub,
        azp: 'gateway',
        aud: SHOP_API,
        preferred_username: ALICE.username,
      });
    });

    it('must be in the audience of the token of its caller, and the error says how', async () => {
      const server = serverOf();
      const { authorizationServer } = server;
      await using shop = await openShop(server);
      await using gateway = await gatewayOf(server, shop, { resourceServer: { audience: SHOP_API } });
      const token = await tokenOf({ authorizationServer, ...credentialsOf('without-roles') });
      expect(decodeJwt(token).aud).toBe(SHOP_API);
      expect(await gateway.ask('on-behalf', token)).toMatchObject({
        error: 'access_denied',
        upstreamStatus: 403,
        message: expect.stringContaining('audience mapper'),
      });
    });

    it.each([
      ['that does not exist', 'nobody', 'invalid_client', 'audience names the client of the called service'],
      [
        'that none of its mappers adds',
        'with-role-only',
        'invalid_request',
        'has no mapper or scope for that audience',
      ],
    ])('is refused an API %s, and keeps its own tokens', async (_what, audience, error, advice) => {
      const server = serverOf();
      const { authorizationServer } = server;
      await using shop = await openShop(server);
      await using gateway = await gatewayOf(server, shop, { target: { audience } });
      const token = await tokenOf({ authorizationServer, ...credentialsOf('batch') });
      expect(await gateway.ask('on-behalf', token)).toMatchObject({
        error,
        upstreamStatus: 400,
        message: expect.stringContaining(advice),
      });
      expect(await gateway.m2m.getToken()).toEqual(expect.any(String));
    });
  });
}
