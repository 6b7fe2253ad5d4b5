import { describe, expect, it } from '@jest/globals';
import { keycloak } from '../../../lib/authorization-servers/keycloak.js';
import { TestClock } from '../../../lib/testing/test-clock.js';
import { until } from '../../support/until.js';
import { startCaller, type CallingApp } from '../support/caller.js';
import { RepeatedCalls } from '../support/repeated-calls.js';
import { startShop } from '../support/shop.js';
import { secretOf, type KeycloakRealm } from './keycloak-realm.js';
import type { KeycloakServer } from './keycloak-server.js';
import { SHOP_API } from './shop-realm.js';

/** What happens to calls while Keycloak is away. */
export function describeRestart(serverOf: () => KeycloakServer, realmOf: () => KeycloakRealm): void {
  describe('a restart', () => {
    it('fails no call that has a token and keys, and all others until it is over', async () => {
      const [server, realm] = [serverOf(), realmOf()];
      const authorizationServer = keycloak({ url: realm.url, realm: realm.name });
      const shopOptions = { authorizationServer, jwksUri: realm.endpoint('certs'), audience: SHOP_API };
      await using shop = await startShop(shopOptions);
      const start = (clientId: string, clock?: TestClock): Promise<CallingApp> => {
        const client = { authorizationServer, clientId, clientSecret: secretOf(clientId) };
        return startCaller({ ...client, targets: { shop: { url: shop.url } } }, clock);
      };
      const clock = new TestClock();
      await using caller = await start('short-lived', clock);
      await using newcomer = await start('orders');
      const calling = new RepeatedCalls(() => caller.m2m.for('shop').axiosRef.get('/products'));
      await calling.hasMade(10);
      const token = await caller.m2m.getToken();

      await server.kill();
      // Its token is due for renewal from here on.
      await clock.advance(55_500);
      await calling.hasMade(10);
      await using coldShop = await startShop(shopOptions);
      expect(await coldShop.ask('products', token)).toBe('503 keys-unavailable');
      await expect(newcomer.m2m.getToken()).rejects.toMatchObject({ code: 'ERR_M2M_TOKEN_ENDPOINT' });
      await expect(caller.m2m.getToken()).resolves.toBe(token);

      await server.run();
      await calling.hasMade(10);
      expect(await calling.stop()).toEqual([]);
      await newcomer.m2m.retryNow();
      const renewed = await newcomer.m2m.getToken();
      expect(await shop.ask('products', renewed)).toEqual({ machine: 'orders' });
      // The keys are those from before.
      await until(async () => (await coldShop.ask('products', token)) !== '503 keys-unavailable');
      expect(await coldShop.ask('products', token)).toEqual({ machine: 'short-lived' });
    });
  });
}
