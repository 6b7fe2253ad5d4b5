import { createPrivateKey, generateKeyPairSync, randomUUID } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import type { ClientMetadata, Configuration, Provider } from 'oidc-provider';

/** The products API, as the tokens name it in `aud`. */
export const PRODUCTS_API = 'https://products.example.com';

const machine = {
  grant_types: ['client_credentials'],
  redirect_uris: [],
  response_types: [],
} satisfies Partial<ClientMetadata>;

const clients = [
  { ...machine, client_id: 'orders', client_secret: 'orders-secret', scope: 'read:products write:products' },
  { ...machine, client_id: 'reports', client_secret: 'reports-secret', scope: 'read:products' },
] satisfies ClientMetadata[];

const configuration: Configuration = {
  clients,
  jwks: { keys: [signingKey()] },
  cookies: { keys: ['unused'] },
  scopes: ['read:products', 'write:products'],
  ttl: { ClientCredentials: 3600 },
  features: {
    devInteractions: { enabled: false },
    clientCredentials: { enabled: true },
    resourceIndicators: {
      enabled: true,
      defaultResource: () => PRODUCTS_API,
      getResourceServerInfo: () => ({
        scope: 'read:products write:products',
        audience: PRODUCTS_API,
        accessTokenFormat: 'jwt',
        jwt: { sign: { alg: 'RS256' } },
      }),
    },
  },
};

/** A real authorization server, the `oidc-provider` package, on this machine. It counts the tokens it is asked for. */
export class AuthorizationServer {
  tokenRequests = 0;

  private constructor(
    readonly issuer: string,
    private readonly server: Server,
  ) {}

  static async start(port: number): Promise<AuthorizationServer> {
    const issuer = `http://127.0.0.1:${port}`;
    const answer = (await createProvider(issuer)).callback();
    const server = createServer();
    const authorizationServer = new AuthorizationServer(issuer, server);
    server.on('request', (request, response) => {
      if (request.url === '/token') authorizationServer.tokenRequests += 1;
      void answer(request, response);
    });
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject).listen(port, '127.0.0.1', resolve);
    });
    return authorizationServer;
  }

  async stop(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }
}

/** Without its notices that this set-up is none for production. */
async function createProvider(issuer: string): Promise<Provider> {
  const { warn } = console;
  console.warn = () => undefined;
  try {
    const oidcProvider = await import('oidc-provider');
    return new oidcProvider.Provider(issuer, configuration);
  } finally {
    console.warn = warn;
  }
}

/** A new key at every start, under a name of its own: by the name, APIs that are still running see that it is new. */
function signingKey() {
  const { privateKey } = generateKeyPairSync('rsa', {
    modulusLength: 2048,
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  });
  // By way of PEM: Node 20 may hang while it exports a key as a JWK that it has just generated.
  return { ...createPrivateKey(privateKey).export({ format: 'jwk' }), kid: randomUUID(), use: 'sig' };
}
