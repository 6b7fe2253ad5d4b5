import { keycloak } from '../../../lib/authorization-servers/keycloak.js';
import { clientSecretBasic } from '../../../lib/client-authentication/client-secret-basic.js';
import { clientSecretJwt } from '../../../lib/client-authentication/client-secret-jwt.js';
import { clientSecretPost } from '../../../lib/client-authentication/client-secret-post.js';
import { privateKeyJwt } from '../../../lib/client-authentication/private-key-jwt.js';
import { mutualTls } from '../../../lib/client-authentication/tls-client-auth.js';
import type { RealServer, ServerDescription } from '../support/real-server.js';
import { tokenOf } from '../support/caller.js';
import type { DelegatingCaller } from '../support/token-exchange.js';
import { KEYCLOAK_VERSION } from './distribution.js';
import { credentialsOf, type KeycloakRealm } from './keycloak-realm.js';
import type { KeycloakServer } from './keycloak-server.js';
import { CLIENT_KEY, SHOP_API } from './shop-realm.js';

export const KEYCLOAK: ServerDescription = { name: 'Keycloak', version: KEYCLOAK_VERSION };

/** The server with the realm of the shop. Its HTTPS port is for the client with a certificate. */
export function realKeycloak(server: KeycloakServer, realm: KeycloakRealm): RealServer {
  const { url, name } = realm;
  const authorizationServer = keycloak({ url, realm: name });
  const machine = (clientId: string): DelegatingCaller => {
    const client = byBasic(clientId);
    return { client, token: () => tokenOf({ authorizationServer, ...client }) };
  };
  const certificate = server.clientCertificate('by-tls_client_auth');
  return {
    authorizationServer,
    audience: SHOP_API,
    clients: {
      client_secret_basic: byBasic('orders'),
      client_secret_post: { ...credentialsOf('orders'), clientAuthentication: clientSecretPost() },
      client_secret_jwt: { ...credentialsOf('by-client_secret_jwt'), clientAuthentication: clientSecretJwt() },
      private_key_jwt: {
        clientId: 'by-private_key_jwt',
        clientAuthentication: privateKeyJwt({ key: CLIENT_KEY.pem, alg: 'ES256' }),
      },
      tls_client_auth: {
        authorizationServer: keycloak({ url, realm: name, internalUrl: server.httpsUrl }),
        clientId: 'by-tls_client_auth',
        clientAuthentication: mutualTls({ ...certificate, ca: server.ca }),
      },
    },
    delegation: {
      callers: [machine('batch'), machine('orders')],
      gateway: credentialsOf('gateway'),
      audience: 'gateway',
      target: { audience: SHOP_API },
    },
    shortLived: credentialsOf('short-lived'),
    rotated: credentialsOf('rotated'),
    rotateKey: () => realm.addSigningKey(),
    rotateSecret: () => realm.rotateSecret('rotated'),
    kill: () => server.kill(),
    run: () => server.run(),
  };
}

function byBasic(clientId: string) {
  return { ...credentialsOf(clientId), clientAuthentication: clientSecretBasic() };
}
