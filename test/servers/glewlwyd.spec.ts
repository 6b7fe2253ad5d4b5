import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { oidc } from '../../lib/authorization-servers/oidc.js';
import { clientSecretBasic } from '../../lib/client-authentication/client-secret-basic.js';
import { privateKeyJwt } from '../../lib/client-authentication/private-key-jwt.js';
import type { M2MNamedClientOptions } from '../../lib/options/client-options.js';
import { describeWithGlewlwyd, GLEWLWYD, GlewlwydServer } from './glewlwyd/glewlwyd-server.js';
import { describeBothHalves } from './support/both-halves.js';
import { startCaller } from './support/caller.js';
import { describeIntrospection } from './support/introspection.js';

describeWithGlewlwyd('with a real glewlwyd', () => {
  let server: GlewlwydServer;
  beforeAll(async () => {
    server = await GlewlwydServer.start();
  });
  afterAll(() => server[Symbol.asyncDispose]());

  describeBothHalves(GLEWLWYD, () => server);

  // It tells a client about its own tokens only, and its answers have no `sub`.
  describeIntrospection(
    () => server,
    () => {
      const { clientId, clientSecret, clientAuthentication } = server.clients.client_secret_basic;
      return {
        introspection: { clientId, clientSecret, clientAuthentication, when: 'always' },
        resourceServer: { callers: 'any', allowedClients: [clientId] },
      };
    },
  );

  /** The error of a token request. */
  const refusalOf = async (client: M2MNamedClientOptions): Promise<unknown> => {
    const { authorizationServer } = server;
    await using caller = await startCaller({ authorizationServer, ...client });
    return caller.m2m.getToken().catch((error: unknown) => error);
  };
  /** What its 403 without a body becomes. */
  const wrongCredentials = {
    code: 'ERR_M2M_TOKEN_REQUEST',
    error: 'http_403',
    message: expect.stringContaining('Check clientId, clientSecret and clientAuthentication'),
  };

  describe('what the documentation says about it', () => {
    it('reads a Basic secret as it is, not encoded', async () => {
      const encoded = { ...server.clients.client_secret_basic, clientAuthentication: clientSecretBasic() };
      expect(await refusalOf(encoded)).toMatchObject(wrongCredentials);
    });

    it('wants the token endpoint as the audience of an assertion, as its metadata spells it', async () => {
      const { issuer } = server.authorizationServer;
      const tokenEndpoint = `${issuer}/token`;
      const { private_key_jwt: byKey, client_secret_jwt: bySecret } = server.clients;
      for (const authorizationServer of [oidc({ issuer }), { ...server.authorizationServer, tokenEndpoint }]) {
        expect(await refusalOf({ ...byKey, authorizationServer })).toMatchObject(wrongCredentials);
        expect(await refusalOf({ ...bySecret, authorizationServer })).toMatchObject(wrongCredentials);
      }
    });

    it('wants the key id of an assertion', async () => {
      const { private_key_jwt: client } = server.clients;
      const { credential, alg } = client.clientAuthentication;
      const { key } = credential.parse(undefined, Date.now());
      const nameless = { ...client, clientAuthentication: privateKeyJwt({ key, alg }) };
      expect(await refusalOf(nameless)).toMatchObject(wrongCredentials);
    });

    it('answers a request without a scope like one with a wrong secret', async () => {
      const { client_secret_basic: client } = server.clients;
      expect(await refusalOf({ ...client, scope: [] })).toMatchObject(wrongCredentials);
    });

    it('calls a scope that is not granted "scope_invalid" if there is no other', async () => {
      const { client_secret_basic: client } = server.clients;
      expect(await refusalOf({ ...client, scope: 'write:products' })).toMatchObject({
        error: 'scope_invalid',
        upstreamStatus: 400,
      });
    });

    it('drops a scope that is not granted if there is another, which the client says', async () => {
      const { client_secret_basic: client } = server.clients;
      const { authorizationServer } = server;
      await using caller = await startCaller({
        authorizationServer,
        ...client,
        scope: ['read:products', 'write:products'],
      });
      const events: unknown[] = [];
      caller.m2m.events$.subscribe((event) => events.push(event));
      await caller.m2m.getToken();
      expect(events).toContainEqual(expect.objectContaining({ type: 'scope-missing', missing: ['write:products'] }));
    });
  });
});
