import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { AuthorizationServer } from '../../../lib/authorization-servers/authorization-server.js';
import { oidc } from '../../../lib/authorization-servers/oidc.js';
import { clientSecretBasic } from '../../../lib/client-authentication/client-secret-basic.js';
import { clientSecretJwt } from '../../../lib/client-authentication/client-secret-jwt.js';
import { clientSecretPost } from '../../../lib/client-authentication/client-secret-post.js';
import { privateKeyJwt } from '../../../lib/client-authentication/private-key-jwt.js';
import { mutualTls } from '../../../lib/client-authentication/tls-client-auth.js';
import { TestAuthority } from '../../support/certificates.js';
import { freePort } from '../../support/free-port.js';
import { tokenOf } from '../support/caller.js';
import { newSecret, newSigningKey, TestClientKey } from '../support/keys.js';
import { NodeServer } from '../support/node-server.js';
import { TOKEN_EXCHANGE, type Method, type RealServer, type ServerDescription } from '../support/real-server.js';
import type { DelegatingCaller, Delegation } from '../support/token-exchange.js';

export const OIDC_PROVIDER: ServerDescription = { name: 'oidc-provider', version: installedVersion() };

const SHOP_API = 'https://shop-api';
/** Tokens for it have the audience of the shop, and live for 60 s. */
const SHORT_LIVED_API = 'https://shop-api/short-lived';

/** Tokens for it have the audience of the shop, and are opaque. */
export const OPAQUE_API = 'https://shop-api/opaque';

/** The API of the gateway, which calls the shop on behalf of its callers. */
const GATEWAY_API = 'https://gateway-api';
/** Tokens for it have the audience of the gateway, and are opaque. */
const OPAQUE_GATEWAY_API = 'https://gateway-api/opaque';

/** The API of each client that exchanges tokens. */
const EXCHANGERS = { gateway: GATEWAY_API, 'gateway-without-grant': GATEWAY_API };

/** The `oidc-provider` package in a process of its own, on free ports of the loopback interface. */
export class OidcProviderServer extends NodeServer implements RealServer {
  readonly authorizationServer: AuthorizationServer;
  readonly audience = SHOP_API;
  readonly clients;
  readonly shortLived;
  readonly rotated;
  readonly delegation: Delegation;
  /** A gateway that may not exchange tokens. */
  readonly withoutGrant;
  /** A caller of the gateway whose tokens can be revoked. */
  readonly opaqueCaller;
  private readonly authority = new TestAuthority('Clients of the test');
  private readonly clientKey = new TestClientKey();
  private readonly secrets = new Map<string, string>();
  private keys = [newSigningKey()];

  private constructor(
    private readonly port: number,
    private readonly tlsPort: number,
  ) {
    super(join(import.meta.dirname, 'server.mjs'));
    this.authorizationServer = oidc({ issuer: `http://127.0.0.1:${port}` });
    const certificate = { ...this.authority.issue('by-tls_client_auth'), ca: this.authority.cert };
    this.clients = {
      client_secret_basic: { ...this.withSecret('by-client_secret_basic'), clientAuthentication: clientSecretBasic() },
      client_secret_post: { ...this.withSecret('by-client_secret_post'), clientAuthentication: clientSecretPost() },
      client_secret_jwt: { ...this.withSecret('by-client_secret_jwt'), clientAuthentication: clientSecretJwt() },
      private_key_jwt: {
        ...requesting('by-private_key_jwt'),
        clientAuthentication: privateKeyJwt({ key: this.clientKey.pem, alg: 'ES256' }),
      },
      tls_client_auth: { ...requesting('by-tls_client_auth'), clientAuthentication: mutualTls(certificate) },
    };
    this.rotated = this.withSecret('rotated');
    this.shortLived = { ...this.withSecret('short-lived'), resource: SHORT_LIVED_API };
    this.delegation = {
      callers: [this.machine('batch', GATEWAY_API), this.machine('web', GATEWAY_API)],
      gateway: this.withSecret('gateway'),
      audience: GATEWAY_API,
      target: { resource: SHOP_API, scope: 'read:products' },
    };
    this.withoutGrant = this.withSecret('gateway-without-grant');
    this.opaqueCaller = this.machine('with-opaque-token', OPAQUE_GATEWAY_API);
  }

  static async start(): Promise<OidcProviderServer> {
    const server = new OidcProviderServer(await freePort(), await freePort());
    await server.run();
    return server;
  }

  rotateKey(): Promise<void> {
    this.keys = [newSigningKey(), ...this.keys];
    return this.change();
  }

  async rotateSecret(): Promise<string> {
    const { clientSecret } = this.withSecret('rotated');
    await this.change();
    return clientSecret;
  }

  /** A client with a new secret. */
  private withSecret(clientId: string) {
    const clientSecret = newSecret();
    this.secrets.set(clientId, clientSecret);
    return { ...requesting(clientId), clientSecret };
  }

  private machine(clientId: string, resource: string): DelegatingCaller {
    const client = { ...this.withSecret(clientId), resource, clientAuthentication: clientSecretBasic() };
    return { client, token: () => tokenOf({ authorizationServer: this.authorizationServer, ...client }) };
  }

  protected get setup(): object {
    const secrets = [...this.secrets].map(([clientId, secret]) =>
      registered(clientId, methodOf(clientId), { client_secret: secret }),
    );
    return {
      issuer: this.authorizationServer.issuer,
      port: this.port,
      tlsPort: this.tlsPort,
      tls: { ...this.authority.issue('127.0.0.1'), ca: this.authority.cert },
      keys: this.keys,
      resources: {
        [SHOP_API]: { audience: SHOP_API, accessTokenTTL: 3600 },
        [OPAQUE_API]: { audience: SHOP_API, accessTokenFormat: 'opaque' },
        [SHORT_LIVED_API]: { audience: SHOP_API, accessTokenTTL: 60 },
        [GATEWAY_API]: { audience: GATEWAY_API },
        [OPAQUE_GATEWAY_API]: { audience: GATEWAY_API, accessTokenFormat: 'opaque' },
      },
      exchangers: EXCHANGERS,
      clients: [
        ...secrets,
        registered('by-private_key_jwt', 'private_key_jwt', { jwks: this.clientKey.jwks }),
        registered('by-tls_client_auth', 'tls_client_auth', { tls_client_auth_subject_dn: 'CN=by-tls_client_auth' }),
      ],
    };
  }
}

function requesting(clientId: string) {
  return { clientId, resource: SHOP_API, scope: 'read:products' };
}

/** Client metadata (RFC 7591, section 2). */
function registered(clientId: string, method: Method, credentials: object): object {
  return {
    client_id: clientId,
    grant_types: clientId === 'gateway' ? ['client_credentials', TOKEN_EXCHANGE] : ['client_credentials'],
    redirect_uris: [],
    response_types: [],
    scope: 'read:products',
    token_endpoint_auth_method: method,
    ...credentials,
  };
}

function methodOf(clientId: string): Method {
  return clientId.startsWith('by-') ? (clientId.slice('by-'.length) as Method) : 'client_secret_basic';
}

function installedVersion(): string {
  const { version } = JSON.parse(readFileSync('node_modules/oidc-provider/package.json', 'utf8')) as {
    version: string;
  };
  return version;
}
