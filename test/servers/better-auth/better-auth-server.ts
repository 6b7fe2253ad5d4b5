import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { cpSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { oidc } from '../../../lib/authorization-servers/oidc.js';
import { clientSecretBasic } from '../../../lib/client-authentication/client-secret-basic.js';
import { clientSecretPost } from '../../../lib/client-authentication/client-secret-post.js';
import { privateKeyJwt } from '../../../lib/client-authentication/private-key-jwt.js';
import { freePort } from '../../support/free-port.js';
import { jwkOf } from '../../support/jwk-of.js';
import { keptFolder } from '../support/kept-folder.js';
import { run } from '../support/run.js';
import { newSecret, TestClientKey } from '../support/keys.js';
import { NodeServer } from '../support/node-server.js';
import { NO_TOKEN_EXCHANGE } from '../support/no-token-exchange.js';
import { notOffered, type Method, type RealServer, type ServerDescription } from '../support/real-server.js';

const SOURCES = join(import.meta.dirname, 'authorization-server');

export const BETTER_AUTH: ServerDescription = {
  name: 'better-auth',
  version: lockedVersion(),
  lacks: { ...notOffered('client_secret_jwt', 'tls_client_auth'), ...NO_TOKEN_EXCHANGE },
};

const SHOP_API = 'https://shop-api';

/** The `better-auth` package with its OAuth provider in a process of its own, on a free port of the loopback interface. */
export class BetterAuthServer extends NodeServer implements RealServer {
  readonly authorizationServer;
  readonly audience = SHOP_API;
  readonly clients;
  readonly shortLived;
  readonly rotated;
  /** As the server knows them. */
  private readonly registered = new Map<string, object>();
  private keys = [signingKey()];

  private constructor(
    folder: string,
    private readonly port: number,
    private readonly tokensPerMinute: number | undefined,
  ) {
    super(join(folder, 'server.mjs'));
    this.authorizationServer = oidc({ issuer: `http://127.0.0.1:${port}/api/auth` });
    this.clients = {
      client_secret_basic: { ...this.withSecret('by-client_secret_basic'), clientAuthentication: clientSecretBasic() },
      client_secret_post: {
        ...this.withSecret('by-client_secret_post', { method: 'client_secret_post' }),
        clientAuthentication: clientSecretPost(),
      },
      private_key_jwt: this.withKey('by-private_key_jwt'),
    };
    this.rotated = this.withSecret('rotated');
    this.shortLived = this.withSecret('short-lived', { scope: 'read:products short-lived' });
  }

  /** @param options.tokensPerMinute how many tokens it issues to one address. Default: the product's own limit */
  static async start({ tokensPerMinute }: { tokensPerMinute?: number } = {}): Promise<BetterAuthServer> {
    const server = new BetterAuthServer(await installedServer(), await freePort(), tokensPerMinute);
    await server.run();
    return server;
  }

  rotateKey(): Promise<void> {
    const now = Date.now();
    // As with `jwks.rotationInterval`: a key that has expired stays published for a grace period.
    this.keys = [...this.keys.map((key) => ({ expiresAt: now, ...key })), signingKey()];
    return this.change();
  }

  async rotateSecret(): Promise<string> {
    const { clientSecret } = this.withSecret('rotated');
    await this.change();
    return clientSecret;
  }

  protected get setup(): object {
    const { port, keys, tokensPerMinute } = this;
    return { port, keys, tokensPerMinute, resources: [SHOP_API], clients: [...this.registered.values()] };
  }

  /** A client with a new secret. */
  private withSecret(
    clientId: string,
    { method = 'client_secret_basic', scope = 'read:products' }: { method?: Method; scope?: string } = {},
  ) {
    const clientSecret = newSecret();
    this.registered.set(clientId, { clientId, method, secret: clientSecret, scopes: scope.split(' ') });
    return { clientId, clientSecret, resource: SHOP_API, scope };
  }

  private withKey(clientId: string) {
    const { pem: key, jwks } = new TestClientKey();
    const scope = 'read:products';
    this.registered.set(clientId, { clientId, method: 'private_key_jwt', jwks, scopes: [scope] });
    return { clientId, resource: SHOP_API, scope, clientAuthentication: privateKeyJwt({ key, alg: 'ES256' }) };
  }
}

/** The folder of the server with its packages; the first call on a machine downloads 35 MB. */
function installedServer(): Promise<string> {
  const sources = readdirSync(SOURCES).map((name) => readFileSync(join(SOURCES, name), 'utf8'));
  return keptFolder('better-auth', sources.join('\n'), async (folder) => {
    cpSync(SOURCES, folder, { recursive: true });
    await run('npm', ['ci', '--omit=dev', '--ignore-scripts', '--no-audit', '--no-fund'], folder);
  });
}

function lockedVersion(): string {
  const lock = JSON.parse(readFileSync(join(SOURCES, 'package-lock.json'), 'utf8')) as {
    packages: Record<string, { version: string }>;
  };
  return lock.packages['node_modules/better-auth']?.version ?? 'unknown';
}

/** It signs from when it is made until it expires. */
function signingKey(): { privateJwk: object; publicJwk: object; createdAt: number; expiresAt?: number } {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519');
  const kid = randomBytes(8).toString('hex');
  return { privateJwk: { ...jwkOf(privateKey), kid }, publicJwk: { ...jwkOf(publicKey) }, createdAt: Date.now() };
}
