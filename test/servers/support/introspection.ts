import { describe, expect, it } from '@jest/globals';
import type { M2MIntrospectionOptions } from '../../../lib/options/introspection-options.js';
import type { M2MResourceServerOptions } from '../../../lib/options/resource-server-options.js';
import { startCaller } from './caller.js';
import type { RealServer } from './real-server.js';
import { revoke, type BasicClient } from './basic-client.js';
import { ShiftedClock } from './shifted-clock.js';
import { startShop } from './shop.js';

/** Milliseconds. */
const TIMEOUT = 120_000;

/** How an API asks a real server about tokens. */
export interface IntrospectionSetup {
  readonly introspection: M2MIntrospectionOptions;
  /** What the API needs beside it. @default nothing */
  readonly resourceServer?: Partial<M2MResourceServerOptions>;
  /** @default that of the server */
  readonly audience?: null;
  /** Gets the tokens, and ends them. @default the one that authenticates by Basic */
  readonly client?: BasicClient;
}

/** Introspection at a real server: the same checks for each. */
export function describeIntrospection(serverOf: () => RealServer, setupOf: () => IntrospectionSetup): void {
  describe('introspection', () => {
    it(
      'lets an active token in until it is revoked, and refuses what was never issued',
      async () => {
        const { authorizationServer, audience, clients } = serverOf();
        const { client = clients.client_secret_basic, resourceServer, ...setup } = setupOf();
        const clock = new ShiftedClock();
        await using shop = await startShop({
          authorizationServer,
          audience: setup.audience === null ? null : audience,
          resourceServer: { ...resourceServer, introspection: { timeout: 60_000, ...setup.introspection } },
          clock,
        });
        await using caller = await startCaller({ authorizationServer, ...client });
        const token = await caller.m2m.getToken();
        expect(await shop.ask('products', token)).toEqual({ machine: client.clientId });
        expect(await shop.ask('products', 'never-issued')).toBe('401 inactive');

        await revoke(authorizationServer.issuer, client, token);
        expect(await shop.ask('products', token)).toEqual({ machine: client.clientId });
        clock.shift(60_000);
        expect(await shop.ask('products', token)).toBe('401 inactive');
      },
      TIMEOUT,
    );

    it(
      'answers 503 if the secret of the API is wrong, and says what to check',
      async () => {
        const { authorizationServer, audience } = serverOf();
        const { introspection, resourceServer, ...setup } = setupOf();
        const clientSecret = 'a-wrong-secret';
        await using shop = await startShop({
          authorizationServer,
          audience: setup.audience === null ? null : audience,
          resourceServer: { ...resourceServer, introspection: { timeout: 60_000, ...introspection, clientSecret } },
        });
        expect(await shop.ask('products', 'never-issued')).toBe('503 keys-unavailable');
        expect(shop.refusals.at(-1)).toContain('check clientId, clientSecret and clientAuthentication');
        expect(shop.refusals.at(-1)).not.toContain(clientSecret);
      },
      TIMEOUT,
    );
  });
}
