import { describe, expect, it } from '@jest/globals';
import { keycloak } from '../../../lib/authorization-servers/keycloak.js';
import { ShiftedClock } from '../support/shifted-clock.js';
import { startShop } from '../support/shop.js';
import type { KeycloakRealm } from './keycloak-realm.js';
import { SHOP_API } from './shop-realm.js';

/** What happens to tokens while Keycloak rotates its keys. */
export function describeKeys(realmOf: () => KeycloakRealm): void {
  describe('a rotation of keys', () => {
    it('lets tokens of both keys pass, and those of a withdrawn one no longer than keySet.maxAge', async () => {
      const realm = realmOf();
      const clock = new ShiftedClock();
      await using shop = await startShop({
        authorizationServer: keycloak({ url: realm.url, realm: realm.name }),
        jwksUri: realm.endpoint('certs'),
        audience: SHOP_API,
        resourceServer: { keySet: { maxAge: 60_000, cooldown: 1000 } },
        clock,
      });
      const old = (await realm.tokenOf('orders')).access_token;
      const ask = () => Promise.all([old, current].map((token) => shop.ask('products', token)));
      let current = old;
      const letIn = { machine: 'orders' };
      expect(await ask()).toEqual([letIn, letIn]);

      await realm.addSigningKey();
      current = (await realm.tokenOf('orders')).access_token;
      clock.shift(1000);
      expect(await ask()).toEqual([letIn, letIn]);

      await realm.withdrawOldKeys();
      clock.shift(60_000);
      expect(await ask()).toEqual(['401 key', letIn]);
    });
  });
}
