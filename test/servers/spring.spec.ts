import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { AuthorizationServer } from '../../lib/authorization-servers/authorization-server.js';
import { MarkdownPage } from '../support/markdown.js';
import { describeBothHalves } from './support/both-halves.js';
import { startCaller } from './support/caller.js';
import { describeIntrospection } from './support/introspection.js';
import { describeWithJava } from './support/java.js';
import { startShop, type ShopOptions } from './support/shop.js';
import { describeTokenExchange, gatewayOf, openShop } from './support/token-exchange.js';
import { ORDERS, SPRING, SpringServer } from './spring/spring-server.js';

const API = 'https://shop-api';

function onlyClient(clientId: string) {
  return { audience: null, resourceServer: { allowedClients: [clientId] } };
}

function withoutIndent(code: string): string {
  return code.replaceAll(/^ +/gm, '');
}

describeWithJava('with a real Spring Authorization Server', () => {
  let server: SpringServer;
  let authorizationServer: AuthorizationServer;

  const tokenOf = async (options: object = {}): Promise<string> => {
    await using caller = await startCaller({ authorizationServer, ...ORDERS, ...options });
    return caller.m2m.getToken();
  };

  /** What a shop answers to a token. */
  const answersOf = async (options: Omit<ShopOptions, 'authorizationServer'>, token: string) => {
    await using shop = await startShop({ authorizationServer, ...options });
    const [caller, products] = [await shop.ask('caller', token), await shop.ask('products', token)];
    return { caller, products, message: shop.refusals.at(-1) };
  };

  const letIn = { caller: { clientId: 'orders', kind: 'machine' }, products: { machine: 'orders' } };

  describe('a stock token', () => {
    beforeAll(async () => {
      server = await SpringServer.start('stock');
      ({ authorizationServer } = server);
    });
    afterAll(async () => server[Symbol.asyncDispose]());

    it('passes with audience: null, if its client is allowed', async () => {
      const token = await tokenOf();
      expect(await answersOf(onlyClient('orders'), token)).toMatchObject(letIn);
      expect(await answersOf(onlyClient('billing'), token)).toMatchObject({
        caller: '403 caller-refused',
        products: '403 caller-refused',
      });
    });

    it('needs the scope of the route', async () => {
      expect(await answersOf(onlyClient('orders'), await tokenOf({ scope: 'write:products' }))).toMatchObject({
        ...letIn,
        products: '403 caller-refused',
      });
    });

    it('is refused by an API with an audience, with what to write', async () => {
      expect(await answersOf({ audience: API }, await tokenOf())).toEqual({
        caller: '401 audience',
        products: '401 audience',
        message: expect.stringContaining('write audience: null with allowedClients, or add aud and client_id'),
      });
    });

    it('is not issued for a wrong secret', async () => {
      await expect(tokenOf({ clientSecret: 'wrong-secret' })).rejects.toMatchObject({ upstreamStatus: 401 });
    });
  });

  describe('a token of the customizer in the documentation', () => {
    beforeAll(async () => {
      server = await SpringServer.start('customized');
      ({ authorizationServer } = server);
    });
    afterAll(async () => server[Symbol.asyncDispose]());

    it('comes from the code that is printed there', () => {
      const java = 'spring/authorization-server/src/main/java/test/AuthorizationServer.java';
      const [printed = 'none'] = new MarkdownPage('docs/authorization-servers.md').blocks('java');
      const source = readFileSync(join(import.meta.dirname, java), 'utf8');
      expect(withoutIndent(source)).toContain(withoutIndent(printed));
    });

    it('passes by its audience', async () => {
      const token = await tokenOf();
      expect(await answersOf({ audience: API }, token)).toMatchObject(letIn);
      expect(await answersOf({ audience: 'https://other-api' }, token)).toMatchObject({ caller: '401 audience' });
    });

    describeBothHalves(SPRING, () => server);
    describeIntrospection(
      () => server,
      () => {
        const { clientId, clientSecret, clientAuthentication } = server.clients.client_secret_post;
        return { introspection: { clientId, clientSecret, clientAuthentication, when: 'always' } };
      },
    );
    describeTokenExchange(
      () => server,
      () => ({
        withoutGrant: {
          client: ORDERS,
          error: {
            error: 'unauthorized_client',
            upstreamStatus: 400,
            message: expect.stringContaining('Allow this client to exchange tokens'),
          },
        },
        revoked: { error: { error: 'invalid_grant', upstreamStatus: 400 } },
      }),
    );

    describe('a gateway', () => {
      it("is refused an exchange of a machine's token, and keeps its own tokens", async () => {
        await using shop = await openShop(server);
        const resourceServer = { allowedClients: [ORDERS.clientId] };
        await using gateway = await gatewayOf(server, shop, { resourceServer });
        expect(await gateway.ask('on-behalf', await tokenOf())).toMatchObject({
          error: 'invalid_grant',
          upstreamStatus: 400,
          message: expect.stringContaining("not a user's"),
        });
        expect(await gateway.m2m.getToken()).toEqual(expect.any(String));
      });

      it('does not send a token that names another API than the one requested, which the server ignores', async () => {
        await using shop = await openShop(server);
        await using gateway = await gatewayOf(server, shop, { target: { audience: 'https://other-api' } });
        const token = await server.delegation.callers[0].token();
        const message = expect.stringContaining('its aud does not name https://other-api');
        expect(await gateway.ask('on-behalf', token)).toMatchObject({ message });
        expect(await gateway.m2m.getToken()).toEqual(expect.any(String));
      });
    });
  });
});
