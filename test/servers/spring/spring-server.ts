import { renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { AuthorizationServer } from '../../../lib/authorization-servers/authorization-server.js';
import { spring } from '../../../lib/authorization-servers/spring.js';
import { clientSecretBasic } from '../../../lib/client-authentication/client-secret-basic.js';
import { clientSecretJwt } from '../../../lib/client-authentication/client-secret-jwt.js';
import { clientSecretPost } from '../../../lib/client-authentication/client-secret-post.js';
import { privateKeyJwt } from '../../../lib/client-authentication/private-key-jwt.js';
import { mutualTls } from '../../../lib/client-authentication/tls-client-auth.js';
import { TestAuthority } from '../../support/certificates.js';
import { freePort } from '../../support/free-port.js';
import { json, TestHttpServer } from '../../support/http-server.js';
import { newSecret, newSigningKey, TestClientKey } from '../support/keys.js';
import { TOKEN_EXCHANGE, type Method, type RealServer, type ServerDescription } from '../support/real-server.js';
import { ServerProcess, started } from '../support/server-process.js';
import type { DelegatingCaller, Delegation } from '../support/token-exchange.js';
import { logIn } from './log-in.js';
import { SPRING_BOOT, springJar } from './spring-jar.js';

export const SPRING: ServerDescription = {
  name: 'Spring Authorization Server',
  version: `(Boot ${SPRING_BOOT})`,
};

/** A client with both scopes of the shop. */
export const ORDERS = { clientId: 'orders', clientSecret: 'secret-of-orders', scope: 'read:products' };

/** The client that logs users in, and where it sends them back to. */
export const WEB = {
  clientId: 'web',
  clientSecret: newSecret(),
  clientAuthentication: clientSecretBasic(),
  redirectUri: 'http://127.0.0.1/back',
};
const GATEWAY = { clientId: 'gateway', clientSecret: newSecret() };

/** What the server reads about a client. */
interface Registration {
  readonly method: Method;
  readonly secret?: string;
  readonly jwks?: string;
  readonly subject?: string;
  /** Seconds. @default 600 */
  readonly lifetime?: number;
  /** Separated by spaces. @default client credentials */
  readonly grants?: string;
  readonly redirect?: string;
}

const DEFAULTS = { lifetime: 600, scopes: 'read:products write:products', grants: 'client_credentials' };

/** A real Spring Authorization Server on free ports of the loopback interface. */
export class SpringServer implements RealServer, AsyncDisposable {
  readonly authorizationServer: AuthorizationServer;
  readonly audience = 'https://shop-api';
  readonly clients;
  readonly delegation: Delegation;
  readonly rotated = { clientId: 'rotated', clientSecret: newSecret(), scope: 'read:products' };
  readonly shortLived = { clientId: 'short-lived', clientSecret: newSecret(), scope: 'read:products' };
  private readonly process = new ServerProcess();
  private readonly authority = new TestAuthority('Clients of the test');
  private readonly clientKey = new TestClientKey();
  private readonly registrations: Record<string, Registration>;
  private keys = [newSigningKey()];

  private constructor(
    private readonly profile: 'stock' | 'customized',
    private readonly jar: string,
    private readonly port: number,
    private readonly tlsPort: number,
    /** Serves the public key of the client that has one. */
    private readonly clientKeys: TestHttpServer,
  ) {
    this.authorizationServer = spring({ issuer: `http://127.0.0.1:${port}` });
    const [post, jwt] = [newSecret(), newSecret()];
    const certificate = { ...this.authority.issue('by-certificate'), ca: this.authority.cert };
    const mtls = { ...this.authorizationServer, tokenEndpoint: `https://127.0.0.1:${tlsPort}/oauth2/token` };
    this.clients = {
      client_secret_basic: { ...ORDERS, clientAuthentication: clientSecretBasic() },
      client_secret_post: { ...client('by-post'), clientSecret: post, clientAuthentication: clientSecretPost() },
      client_secret_jwt: { ...client('by-secret'), clientSecret: jwt, clientAuthentication: clientSecretJwt() },
      private_key_jwt: {
        ...client('by-key'),
        clientAuthentication: privateKeyJwt({ key: this.clientKey.pem, alg: 'ES256' }),
      },
      tls_client_auth: {
        ...client('by-certificate'),
        // Its metadata has no alias for this endpoint.
        authorizationServer: mtls,
        clientAuthentication: mutualTls(certificate),
      },
    };
    this.delegation = {
      // It exchanges tokens of users only.
      callers: [this.user('alice'), this.user('bob')],
      gateway: GATEWAY,
      // The customizer writes one audience for all.
      audience: this.audience,
      resourceServer: { callers: 'any', allowedClients: [WEB.clientId] },
      target: { audience: this.audience, scope: 'read:products' },
    };
    this.registrations = {
      [ORDERS.clientId]: basic(ORDERS.clientSecret),
      [this.rotated.clientId]: basic(this.rotated.clientSecret),
      [this.shortLived.clientId]: { ...basic(this.shortLived.clientSecret), lifetime: 60 },
      [WEB.clientId]: { ...basic(WEB.clientSecret), grants: 'authorization_code', redirect: WEB.redirectUri },
      [GATEWAY.clientId]: { ...basic(GATEWAY.clientSecret), grants: `client_credentials ${TOKEN_EXCHANGE}` },
      'by-post': { method: 'client_secret_post', secret: `{noop}${post}` },
      'by-secret': { method: 'client_secret_jwt', secret: jwt },
      'by-key': { method: 'private_key_jwt', jwks: clientKeys.url },
      'by-certificate': { method: 'tls_client_auth', subject: 'CN=by-certificate' },
    };
  }

  /** @param profile `customized`: with the token customizer */
  static async start(profile: 'stock' | 'customized'): Promise<SpringServer> {
    const jar = await springJar();
    const clientKeys = await TestHttpServer.start((_request, response) => json(response, 200, server.clientKey.jwks));
    const server = new SpringServer(profile, jar, await freePort(), await freePort(), clientKeys);
    return started(server, async () => {
      const tls = server.authority.issue('127.0.0.1');
      for (const [name, pem] of Object.entries({ ...tls, ca: server.authority.cert })) server.write(`${name}.pem`, pem);
      server.writeKeys();
      server.writeClients();
      await server.run();
    });
  }

  run(): Promise<void> {
    const { issuer } = this.authorizationServer;
    return this.process.run(`${issuer}/.well-known/openid-configuration`, [
      'java',
      '-XX:TieredStopAtLevel=1',
      '-Xmx256m',
      '-jar',
      this.jar,
      `--spring.profiles.active=${this.profile}`,
      `--spring.security.oauth2.authorizationserver.issuer=${issuer}`,
      `--test.keys=${this.file('keys.json')}`,
      `--test.clients=${this.file('clients.properties')}`,
      `--test.port=${this.port}`,
      '--server.address=127.0.0.1',
      `--server.port=${this.tlsPort}`,
      `--server.ssl.certificate=${this.file('cert.pem')}`,
      `--server.ssl.certificate-private-key=${this.file('key.pem')}`,
      `--server.ssl.trust-certificate=${this.file('ca.pem')}`,
      '--server.ssl.client-auth=want',
    ]);
  }

  kill(): Promise<void> {
    return this.process.kill();
  }

  async rotateKey(): Promise<void> {
    this.keys = [newSigningKey(), ...this.keys];
    this.writeKeys();
  }

  async rotateSecret(): Promise<string> {
    const secret = newSecret();
    this.registrations[this.rotated.clientId] = basic(secret);
    this.writeClients();
    return secret;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.process[Symbol.asyncDispose]();
    await this.clientKeys.stop();
  }

  private user(name: 'alice' | 'bob'): DelegatingCaller {
    return { client: WEB, token: () => logIn(this.authorizationServer.issuer, name, WEB) };
  }

  private writeKeys(): void {
    this.write('keys.json', JSON.stringify({ keys: this.keys }));
  }

  private writeClients(): void {
    const lines = Object.entries(this.registrations).flatMap(([id, registration]) =>
      Object.entries({ ...DEFAULTS, ...registration }).map(([name, value]) => `${id}.${name}=${value}`),
    );
    this.write('clients.properties', lines.join('\n'));
  }

  /** Replaced as a whole: the server reads it at any time. */
  private write(name: string, text: string): void {
    writeFileSync(this.file('unfinished'), text);
    renameSync(this.file('unfinished'), this.file(name));
  }

  private file(name: string): string {
    return join(this.process.folder, name);
  }
}

function client(clientId: string) {
  return { clientId, scope: 'read:products' };
}

function basic(secret: string): Registration {
  return { method: 'client_secret_basic', secret: `{noop}${secret}` };
}
