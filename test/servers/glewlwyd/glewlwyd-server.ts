import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from '@jest/globals';
import { decodeJwt } from 'jose';
import type { AuthorizationServer } from '../../../lib/authorization-servers/authorization-server.js';
import { oidc } from '../../../lib/authorization-servers/oidc.js';
import { clientSecretBasic } from '../../../lib/client-authentication/client-secret-basic.js';
import { clientSecretJwt } from '../../../lib/client-authentication/client-secret-jwt.js';
import { clientSecretPost } from '../../../lib/client-authentication/client-secret-post.js';
import { privateKeyJwt } from '../../../lib/client-authentication/private-key-jwt.js';
import { mutualTls } from '../../../lib/client-authentication/tls-client-auth.js';
import { TestAuthority } from '../../support/certificates.js';
import { describeWith } from '../../support/describe-with.js';
import { freePort } from '../../support/free-port.js';
import { newSecret, newSigningKey, TestClientKey } from '../support/keys.js';
import { NO_TOKEN_EXCHANGE } from '../support/no-token-exchange.js';
import type { Method, RealServer, ServerDescription } from '../support/real-server.js';
import { startCaller } from '../support/caller.js';
import { started } from '../support/server-process.js';
import { startShop } from '../support/shop.js';
import { GlewlwydAdmin } from './glewlwyd-admin.js';
import { createDatabase, GlewlwydProcess, type Plugin } from './glewlwyd-process.js';

/** `describe` for tests with glewlwyd; they are skipped if it is missing, but not in CI. */
export const describeWithGlewlwyd = describeWith('glewlwyd', 'glewlwyd dbconfig-sqlite3 sqlite3', [
  ['glewlwyd', spawnSync('glewlwyd', ['--version']).error === undefined],
  ['sqlite3', spawnSync('sqlite3', ['--version']).error === undefined],
]);

export const GLEWLWYD: ServerDescription = {
  name: 'glewlwyd',
  // Debian and Ubuntu have patches of it.
  version: '2.7',
  lacks: {
    ...NO_TOKEN_EXCHANGE,
    '`tls_client_auth` gets a token, and calls with it pass': {
      reason: 'The token is bound to the certificate, which the API does not see',
      proof: async ({ authorizationServer, audience, clients: { tls_client_auth: client } }) => {
        if (!client) throw new Error('no client authenticates by tls_client_auth');
        await using caller = await startCaller({ authorizationServer, ...client });
        await using shop = await startShop({ authorizationServer, audience });
        const token = await caller.m2m.getToken();
        expect(decodeJwt(token)['cnf']).toEqual({ 'x5t#S256': client.clientAuthentication.thumbprint });
        expect(await shop.ask('products', token)).toBe('401 sender-constrained');
      },
    },
  },
};

const SHOP_API = 'https://shop-api';
/** A plugin has one lifetime for all tokens. */
const LIFETIMES = { oidc: 3600, short: 60 };

/** A real glewlwyd on free ports of the loopback interface: one process with HTTP, and one with HTTPS for certificates. */
export class GlewlwydServer implements RealServer, AsyncDisposable {
  readonly authorizationServer: AuthorizationServer;
  readonly audience = SHOP_API;
  readonly clients;
  readonly shortLived;
  readonly rotated;
  private readonly folder = mkdtempSync(join(tmpdir(), 'nestjs-m2m-glewlwyd-'));
  private readonly authority = new TestAuthority('Clients of the test');
  private readonly http;
  private readonly https;
  private readonly keys = [newSigningKey()];
  /** As the server knows them. */
  private readonly registered = new Map<string, object>();
  private loggedIn: GlewlwydAdmin | undefined;

  private constructor(port: number, tlsPort: number) {
    this.http = new GlewlwydProcess(port, join(this.folder, 'database'));
    this.https = new GlewlwydProcess(tlsPort, join(this.folder, 'copy-of-database'), this.authority);
    // The lines of the documentation.
    this.authorizationServer = {
      ...oidc({ issuer: `${this.http.url}/api/oidc` }),
      clientAuthentication: clientSecretBasic({ encoding: 'raw' }),
      assertionAudience: 'token-endpoint',
    };
    const { authorizationServer } = this;
    this.clients = {
      client_secret_basic: {
        ...this.withSecret('by-client_secret_basic'),
        clientAuthentication: clientSecretBasic({ encoding: 'raw' }),
      },
      client_secret_post: {
        ...this.withSecret('by-client_secret_post', 'client_secret_post'),
        clientAuthentication: clientSecretPost(),
      },
      client_secret_jwt: {
        ...this.withSecret('by-client_secret_jwt', 'client_secret_jwt'),
        clientAuthentication: clientSecretJwt(),
      },
      private_key_jwt: this.withKey('by-private_key_jwt'),
      tls_client_auth: {
        ...this.withCertificate('by-tls_client_auth'),
        authorizationServer: { ...authorizationServer, tokenEndpoint: `${this.https.url}//api/oidc/mtls/token` },
      },
    };
    this.rotated = this.withSecret('rotated');
    this.shortLived = {
      ...this.withSecret('short-lived'),
      authorizationServer: { ...authorizationServer, tokenEndpoint: `${this.http.url}//api/short/token` },
    };
  }

  static async start(): Promise<GlewlwydServer> {
    const server = new GlewlwydServer(await freePort(), await freePort());
    const { http, https } = server;
    return started(server, async () => {
      await createDatabase(http.database, ['read:products', 'write:products'], server.plugins);
      await http.run('oidc');
      for (const client of server.registered.values()) await (await server.admin()).request('POST', 'client/', client);
      // A process that finds the database locked starts without its plugin.
      copyFileSync(http.database, https.database);
      await https.run('oidc');
    });
  }

  async run(): Promise<void> {
    await Promise.all([this.http.run('oidc'), this.https.run('oidc')]);
  }

  async kill(): Promise<void> {
    await Promise.all([this.http.kill(), this.https.kill()]);
  }

  async rotateKey(): Promise<void> {
    this.keys.unshift(newSigningKey());
    const [{ name, parameters }] = this.plugins;
    const admin = await this.admin();
    await admin.request('PUT', `mod/plugin/${name}`, { module: 'oidc', name, display_name: name, parameters });
    await admin.request('PUT', `mod/plugin/${name}/reset`);
  }

  async rotateSecret(): Promise<string> {
    const { clientId, clientSecret } = this.withSecret('rotated');
    await (await this.admin()).request('PUT', `client/${clientId}`, this.registered.get(clientId));
    return clientSecret;
  }

  /** Its API for administrators. */
  async admin(): Promise<GlewlwydAdmin> {
    return (this.loggedIn ??= await GlewlwydAdmin.login(this.http.url));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([this.http[Symbol.asyncDispose](), this.https[Symbol.asyncDispose]()]);
    rmSync(this.folder, { recursive: true, force: true });
  }

  /** The server signs with the first key. */
  private get plugins(): readonly [Plugin, ...Plugin[]] {
    const parameters = {
      iss: this.authorizationServer.issuer,
      'jwks-private': JSON.stringify({ keys: this.keys }),
      'jwks-show': true,
      'allow-non-oidc': true,
      'auth-type-client-enabled': true,
      'refresh-token-duration': 3600,
      'code-duration': 600,
      'resource-allowed': true,
      'resource-client-property': 'resource',
      'resource-scope': {},
      'resource-scope-and-client-property': false,
      // Without it no client assertion is taken.
      'request-parameter-allow': true,
      'request-maximum-exp': 3600,
      'introspection-revocation-allowed': true,
      'introspection-revocation-allow-target-client': true,
      'client-jwks-parameter': 'jwks',
      'client-cert-source': 'TLS',
      'client-cert-use-endpoint-aliases': true,
    };
    const plugin = (name: keyof typeof LIFETIMES): Plugin => ({
      name,
      parameters: { ...parameters, 'access-token-duration': LIFETIMES[name] },
    });
    return [plugin('oidc'), plugin('short')];
  }

  /** A client with a new secret. */
  private withSecret(clientId: string, method: Method = 'client_secret_basic') {
    const clientSecret = newSecret();
    this.register(clientId, method, { client_secret: clientSecret });
    return { ...requesting(clientId), clientSecret };
  }

  private withKey(clientId: string) {
    const { pem: key, jwks } = new TestClientKey();
    const kid = `key of ${clientId}`;
    this.register(clientId, 'private_key_jwt', { jwks: { keys: jwks.keys.map((jwk) => ({ ...jwk, kid })) } });
    return { ...requesting(clientId), clientAuthentication: privateKeyJwt({ key, alg: 'ES256', kid }) };
  }

  private withCertificate(clientId: string) {
    const certificate = this.authority.issue(clientId);
    this.register(clientId, 'tls_client_auth', { tls_client_auth_san_ip: '127.0.0.1' });
    return { ...requesting(clientId), clientAuthentication: mutualTls({ ...certificate, ca: this.authority.cert }) };
  }

  private register(clientId: string, method: Method, credentials: object): void {
    this.registered.set(clientId, {
      client_id: clientId,
      name: clientId,
      enabled: true,
      confidential: true,
      authorization_type: ['client_credentials'],
      token_endpoint_auth_method: [method],
      scope: ['read:products'],
      resource: [SHOP_API],
      ...credentials,
    });
  }
}

function requesting(clientId: string) {
  return { clientId, resource: SHOP_API, scope: 'read:products' };
}
