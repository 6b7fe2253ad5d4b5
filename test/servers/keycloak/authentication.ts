import { beforeAll, describe, expect, it } from '@jest/globals';
import type { AuthorizationServer } from '../../../lib/authorization-servers/authorization-server.js';
import { keycloak } from '../../../lib/authorization-servers/keycloak.js';
import { clientSecretJwt } from '../../../lib/client-authentication/client-secret-jwt.js';
import { privateKeyJwt } from '../../../lib/client-authentication/private-key-jwt.js';
import { mutualTls } from '../../../lib/client-authentication/tls-client-auth.js';
import { TestClock } from '../../../lib/testing/test-clock.js';
import { TestAuthority } from '../../support/certificates.js';
import { startCaller } from '../support/caller.js';
import type { KeycloakRealm } from './keycloak-realm.js';
import type { KeycloakServer } from './keycloak-server.js';
import { ED25519_KEY } from './shop-realm.js';

/** How Keycloak refuses clients. */
export function describeAuthentication(serverOf: () => KeycloakServer, realmOf: () => KeycloakRealm): void {
  describe('a client of Keycloak', () => {
    let authorizationServer: AuthorizationServer;
    beforeAll(() => {
      const { url, name } = realmOf();
      authorizationServer = keycloak({ url, realm: name });
    });

    it('is told what to check if another secret signed its assertion', async () => {
      await using caller = await startCaller({
        authorizationServer,
        clientId: 'by-client_secret_jwt',
        clientSecret: 'a-wrong-secret-of-32-bytes-or-more',
        clientAuthentication: clientSecretJwt(),
      });
      await expect(caller.m2m.getToken()).rejects.toMatchObject({
        error: 'unauthorized_client',
        upstreamStatus: 400,
        message: expect.stringContaining('Check clientId, clientSecret and clientAuthentication'),
      });
    });

    it('with an Ed25519 key writes EdDSA, because Keycloak does not know the name Ed25519', async () => {
      const clients = { 'by-its-new-name': withEd25519('Ed25519') };
      await using caller = await startCaller({ authorizationServer, ...withEd25519('EdDSA'), clients });
      await expect(caller.m2m.getToken()).resolves.toEqual(expect.any(String));
      await expect(caller.m2m.client('by-its-new-name').getToken()).rejects.toMatchObject({
        error: 'invalid_client',
        errorDescription: 'Invalid signature algorithm',
      });
    });

    it('is cut off with a certificate that Keycloak does not trust, and goes on with the next one', async () => {
      const server = serverOf();
      const clientId = 'by-tls_client_auth';
      let shown = new TestAuthority('Somebody else').issue(clientId);
      const certificate = { cert: () => shown.cert, key: () => shown.key, ca: server.ca };
      const clock = new TestClock();
      await using caller = await startCaller(
        {
          authorizationServer: keycloak({ url: server.url, realm: realmOf().name, internalUrl: server.httpsUrl }),
          clientId,
          clientAuthentication: mutualTls(certificate),
          retry: { attempts: 1 },
        },
        clock,
      );
      await expect(caller.m2m.getToken()).rejects.toMatchObject({
        code: 'ERR_M2M_TOKEN_ENDPOINT',
        message: expect.stringContaining('CERTIFICATE'),
      });
      shown = server.clientCertificate(clientId);
      // The functions have just been called.
      await clock.advance(5000);
      await caller.m2m.retryNow();
      await expect(caller.m2m.getToken()).resolves.toEqual(expect.any(String));
    });
  });
}

function withEd25519(alg: 'EdDSA' | 'Ed25519') {
  return { clientId: 'with-ed25519', clientAuthentication: privateKeyJwt({ key: ED25519_KEY, alg }) };
}
