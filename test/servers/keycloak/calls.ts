import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { AuthorizationServer } from '../../../lib/authorization-servers/authorization-server.js';
import { keycloak } from '../../../lib/authorization-servers/keycloak.js';
import type { M2MClientOptions } from '../../../lib/options/client-options.js';
import { TestClock } from '../../../lib/testing/test-clock.js';
import { until } from '../../support/until.js';
import { startCaller } from '../support/caller.js';
import { startShop, type Shop } from '../support/shop.js';
import { secretOf, type KeycloakRealm } from './keycloak-realm.js';
import { SHOP_API } from './shop-realm.js';

/** One of our applications calls another with tokens of Keycloak. */
export function describeCalls(realmOf: () => KeycloakRealm): void {
  describe('a call', () => {
    let realm: KeycloakRealm;
    let authorizationServer: AuthorizationServer;
    let shop: Shop;
    beforeAll(async () => {
      realm = realmOf();
      authorizationServer = keycloak({ url: realm.url, realm: realm.name });
      shop = await startShop({ authorizationServer, jwksUri: realm.endpoint('certs'), audience: SHOP_API });
    });
    afterAll(async () => shop[Symbol.asyncDispose]());

    const start = (clientId: string, options: Partial<M2MClientOptions> = {}, clock?: TestClock) => {
      const client = { authorizationServer, clientId, clientSecret: secretOf(clientId), ...options };
      return startCaller({ ...client, targets: { shop: { url: shop.url } } }, clock);
    };

    it('reaches a route for machines', async () => {
      await using caller = await start('orders');
      const { status, data } = await caller.m2m.for('shop').axiosRef.get('/products');
      expect({ status, data }).toEqual({ status: 200, data: { machine: 'orders' } });
    });

    it.each(['orders', 'without-roles'])('is a 403 without the role that the route asks for: %s', async (clientId) => {
      await using caller = await start(clientId);
      const path = clientId === 'orders' ? { method: 'POST' } : { method: 'GET' };
      const { status, headers } = await caller.m2m.fetch('/products', path, { target: 'shop' });
      expect({ status, challenge: headers.get('www-authenticate') }).toEqual({
        status: 403,
        challenge: expect.stringContaining('error="insufficient_scope"'),
      });
    });

    it('fails for a wrong secret with an error that hides it', async () => {
      await using caller = await start('orders', { clientSecret: 'wrong-secret' });
      const thrown: unknown = await caller.m2m.getToken().catch((error: unknown) => error);
      expect(thrown).toMatchObject({
        code: 'ERR_M2M_TOKEN_REQUEST',
        error: 'unauthorized_client',
        upstreamStatus: 401,
        message: expect.stringContaining('Check clientId, clientSecret and clientAuthentication'),
      });
      expect(String(thrown)).not.toContain('wrong-secret');
    });

    it('fails for a scope that the client may not have', async () => {
      await using caller = await start('orders', { scope: 'admin' });
      await expect(caller.m2m.getToken()).rejects.toMatchObject({ error: 'invalid_scope', upstreamStatus: 400 });
    });

    it('goes on over a new secret, which a function reads', async () => {
      let secret = secretOf('rotated');
      await using caller = await start('rotated', { clientSecret: () => secret });
      const before = await caller.m2m.getToken();
      secret = await realm.rotateSecret('rotated');
      await caller.m2m.invalidate();
      const after = await caller.m2m.getToken();
      expect(await Promise.all([before, after].map((token) => shop.ask('products', token)))).toEqual([
        { machine: 'rotated' },
        { machine: 'rotated' },
      ]);
      await expect(realm.tokenOf('rotated')).rejects.toThrow('unauthorized_client');
    });

    it('goes on over two renewals of tokens of 60 s, none of which it waits for', async () => {
      const clock = new TestClock();
      await using caller = await start('short-lived', {}, clock);
      const events: string[] = [];
      caller.m2m.events$.subscribe(({ type }) => events.push(type));
      const call = async (): Promise<unknown> => (await caller.m2m.for('shop').axiosRef.get('/products')).data;
      const answers = [await call()];
      const tokens = [await caller.m2m.getToken()];
      for (const renewals of [1, 2]) {
        await clock.advance(56_500);
        answers.push(await call());
        await until(() => events.length > renewals);
        tokens.push(await caller.m2m.getToken());
      }
      expect(answers).toEqual(Array.from(tokens, () => ({ machine: 'short-lived' })));
      expect({ tokens: new Set(tokens).size, events, waits: caller.m2m.stats().waits }).toEqual({
        tokens: 3,
        events: ['issued', 'renewed', 'renewed'],
        waits: 1,
      });
    });
  });
}
