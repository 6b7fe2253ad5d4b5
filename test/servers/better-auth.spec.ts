import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { decodeProtectedHeader } from 'jose';
import { TestClock } from '../../lib/testing/test-clock.js';
import { BETTER_AUTH, BetterAuthServer } from './better-auth/better-auth-server.js';
import { describeBothHalves } from './support/both-halves.js';
import { startCaller } from './support/caller.js';
import { startShop } from './support/shop.js';

describe('with a real better-auth', () => {
  let server: BetterAuthServer;
  beforeAll(async () => {
    server = await BetterAuthServer.start({ tokensPerMinute: 1000 });
  });
  afterAll(() => server[Symbol.asyncDispose]());

  describeBothHalves(BETTER_AUTH, () => server);

  describe('what the documentation says about it', () => {
    it('issues an opaque token, which the API refuses, if no resource is named', async () => {
      const { authorizationServer, audience, clients } = server;
      await using caller = await startCaller({
        authorizationServer,
        ...clients.client_secret_basic,
        resource: [],
      });
      await using shop = await startShop({ authorizationServer, audience });
      expect(await shop.ask('products', await caller.m2m.getToken())).toBe('401 malformed');
    });

    it('signs with EdDSA', async () => {
      const { authorizationServer, clients } = server;
      await using caller = await startCaller({ authorizationServer, ...clients.client_secret_basic });
      expect(decodeProtectedHeader(await caller.m2m.getToken())).toMatchObject({ alg: 'EdDSA', typ: 'at+jwt' });
    });

    it('takes 20 token requests a minute, and the client waits for the rest of it', async () => {
      await using limited = await BetterAuthServer.start();
      const { authorizationServer, clients } = limited;
      await using caller = await startCaller({ authorizationServer, ...clients.client_secret_basic }, new TestClock());
      for (let request = 1; request <= 20; request += 1) await caller.m2m.getToken({ forceRenewal: true });
      const refused = () => caller.m2m.getToken({ forceRenewal: true }).catch((error: unknown) => error);
      expect(await refused()).toMatchObject({ upstreamStatus: 429, retryAfter: expect.any(Number) });
      const { tokenRequests } = caller.m2m.stats();
      expect(await refused()).toMatchObject({ upstreamStatus: 429 });
      expect(caller.m2m.stats()).toMatchObject({ tokenRequests });
    });
  });
});
