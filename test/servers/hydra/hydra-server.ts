import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { hydra } from '../../../lib/authorization-servers/hydra.js';
import { clientSecretBasic } from '../../../lib/client-authentication/client-secret-basic.js';
import { clientSecretPost } from '../../../lib/client-authentication/client-secret-post.js';
import { privateKeyJwt } from '../../../lib/client-authentication/private-key-jwt.js';
import { freePort } from '../../support/free-port.js';
import { newSecret, TestClientKey } from '../support/keys.js';
import { run } from '../support/run.js';
import { NO_TOKEN_EXCHANGE } from '../support/no-token-exchange.js';
import { notOffered, type RealServer, type ServerDescription } from '../support/real-server.js';
import { ServerProcess, started } from '../support/server-process.js';
import { HYDRA_VERSION } from './hydra-binary.js';

export const HYDRA: ServerDescription = {
  name: 'Ory Hydra',
  version: HYDRA_VERSION,
  lacks: { ...notOffered('client_secret_jwt', 'tls_client_auth'), ...NO_TOKEN_EXCHANGE },
};

const SHOP_API = 'https://shop-api';

/** A real Ory Hydra on free ports of the loopback interface. What it knows survives a restart, and goes away with it. */
export class HydraServer implements RealServer, AsyncDisposable {
  readonly authorizationServer;
  readonly audience = SHOP_API;
  readonly clients;
  readonly shortLived = { ...withSecret('short-lived'), clientAuthentication: clientSecretBasic() };
  readonly rotated = { ...withSecret('rotated'), clientAuthentication: clientSecretBasic() };
  private readonly process = new ServerProcess();
  private readonly clientKey = new TestClientKey();
  private readonly env;

  private constructor(
    private readonly binary: string,
    private readonly publicPort: number,
    private readonly adminPort: number,
  ) {
    const issuer = `http://127.0.0.1:${publicPort}`;
    this.authorizationServer = hydra({ issuer });
    this.clients = {
      client_secret_basic: { ...withSecret('by-client_secret_basic'), clientAuthentication: clientSecretBasic() },
      client_secret_post: { ...withSecret('by-client_secret_post'), clientAuthentication: clientSecretPost() },
      private_key_jwt: {
        ...requesting('by-private_key_jwt'),
        clientAuthentication: privateKeyJwt({ key: this.clientKey.pem, alg: 'ES256' }),
      },
    };
    this.env = {
      DSN: `sqlite://${join(this.process.folder, 'database')}?_fk=true`,
      SECRETS_SYSTEM: randomBytes(16).toString('hex'),
      STRATEGIES_ACCESS_TOKEN: 'jwt',
      URLS_SELF_ISSUER: issuer,
      SERVE_PUBLIC_HOST: '127.0.0.1',
      SERVE_PUBLIC_PORT: String(publicPort),
      SERVE_ADMIN_HOST: '127.0.0.1',
      SERVE_ADMIN_PORT: String(adminPort),
      SQA_OPT_OUT: 'true',
    };
  }

  /** Starts it with its clients. @param binary its path */
  static async start(binary: string): Promise<HydraServer> {
    const server = new HydraServer(binary, await freePort(), await freePort());
    return started(server, async () => {
      await run(binary, ['migrate', 'sql', '--read-from-env', '--yes'], server.process.folder, server.env);
      await server.run();
      await server.register();
    });
  }

  run(): Promise<void> {
    const probe = `http://127.0.0.1:${this.publicPort}/health/ready`;
    return this.process.run(probe, [this.binary, 'serve', 'all', '--dev'], this.env);
  }

  kill(): Promise<void> {
    return this.process.kill();
  }

  /** The newest key of the set signs. */
  rotateKey(): Promise<void> {
    const kid = randomBytes(8).toString('hex');
    return this.administer('POST', 'keys/hydra.jwt.access-token', { kid, alg: 'RS256', use: 'sig' });
  }

  async rotateSecret(): Promise<string> {
    const value = newSecret();
    await this.administer('PATCH', 'clients/rotated', [{ op: 'replace', path: '/client_secret', value }]);
    return value;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.process[Symbol.asyncDispose]();
  }

  private async register(): Promise<void> {
    const withKey = { jwks: this.clientKey.jwks, token_endpoint_auth_signing_alg: 'ES256' };
    for (const client of [...Object.values(this.clients), this.shortLived, this.rotated]) {
      await this.administer('POST', 'clients', {
        client_id: client.clientId,
        grant_types: ['client_credentials'],
        scope: client.scope,
        audience: [SHOP_API],
        token_endpoint_auth_method: client.clientAuthentication.method,
        ...('clientSecret' in client ? { client_secret: client.clientSecret } : withKey),
        client_credentials_grant_access_token_lifespan: client === this.shortLived ? '60s' : '1h',
      });
    }
  }

  /** A request to the admin API. @throws Error if it is refused */
  private async administer(method: string, path: string, body: object): Promise<void> {
    const response = await fetch(`http://127.0.0.1:${this.adminPort}/admin/${path}`, {
      method,
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`Hydra answered ${response.status} to ${method} ${path}: ${text}`);
  }
}

function requesting(clientId: string) {
  return { clientId, audience: SHOP_API, scope: 'read:products' };
}

function withSecret(clientId: string) {
  return { ...requesting(clientId), clientSecret: newSecret() };
}
