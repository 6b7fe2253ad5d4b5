import { generateKeyPairSync, type JsonWebKey } from 'node:crypto';
import { createServer, type IncomingMessage, type RequestListener, type Server, type ServerResponse } from 'node:http';
import { createServer as createSecureServer, type ServerOptions as SecureServerOptions } from 'node:https';
import type { AddressInfo } from 'node:net';
import { jwkOf } from './jwk-of.js';

/** An API that the authorization server issues tokens for, by its resource indicator. */
export interface TestResource {
  /** Scopes, separated by spaces. */
  readonly scope: string;
  /** `aud` of its tokens. @default the resource indicator */
  readonly audience?: string;
  /** Seconds. @default 3600 */
  readonly lifetime?: number;
  /** @default 'jwt' */
  readonly format?: 'jwt' | 'opaque';
  /** @default 'RS256' */
  readonly algorithm?: string;
}

export interface TestOidcProviderOptions {
  /** Client metadata (RFC 7591), in place of {@link testClients}. */
  readonly clients?: readonly Record<string, unknown>[];
  /** By resource indicator, in place of {@link testResources}. */
  readonly resources?: Readonly<Record<string, TestResource>>;
  /** Sees every request first; one that it answers itself (`true`) never reaches the authorization server. */
  readonly intercept?: (request: IncomingMessage, response: ServerResponse) => boolean | Promise<boolean>;
  /** Serves HTTPS, with these options of `node:tls`. */
  readonly tls?: SecureServerOptions;
  /** A port that is known to be free. @default any */
  readonly port?: number;
  /** Further configuration of `oidc-provider`, over this one's. */
  readonly configuration?: Record<string, unknown>;
}

const machine = {
  grant_types: ['client_credentials'],
  redirect_uris: [],
  response_types: [],
  token_endpoint_auth_method: 'client_secret_basic',
};

/** `orders` may read and write, `reports` may only read and posts its secret, `odd:client` has characters that Basic must encode. */
export const testClients = [
  { ...machine, client_id: 'orders', client_secret: 'orders-secret', scope: 'read:products write:products' },
  {
    ...machine,
    client_id: 'reports',
    client_secret: 'reports-secret',
    scope: 'read:products',
    token_endpoint_auth_method: 'client_secret_post',
  },
  { ...machine, client_id: 'odd:client', client_secret: 'p%ss word+&=/:' },
];

export const PRODUCTS_API = 'https://products.example.com';
export const ORDERS_API = 'https://orders.example.com';

export const testResources: Readonly<Record<string, TestResource>> = {
  [PRODUCTS_API]: { scope: 'read:products write:products' },
  [ORDERS_API]: { scope: 'read:orders', algorithm: 'ES256' },
};

const unavailable: RequestListener = (_request, response) => void response.writeHead(503).end();

/** A real authorization server, the `oidc-provider` package, on a free port of the loopback interface. */
export class TestOidcProvider implements AsyncDisposable {
  private constructor(
    private readonly server: Server,
    readonly issuer: string,
    private readonly counts: Map<string, number>,
  ) {}

  static async start(options: TestOidcProviderOptions = {}): Promise<TestOidcProvider> {
    const counts = new Map<string, number>();
    let serve = unavailable;
    const listen = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
      const path = request.url?.split('?')[0] ?? '';
      counts.set(path, (counts.get(path) ?? 0) + 1);
      if (!(await options.intercept?.(request, response))) serve(request, response);
    };
    const listener: RequestListener = (request, response) => void listen(request, response);
    const server = options.tls ? createSecureServer(options.tls, listener) : createServer(listener);
    await new Promise<void>((resolve) => server.listen(options.port ?? 0, '127.0.0.1', resolve));

    // The issuer holds the port, so the port must be known before the authorization server is made.
    const issuer = `${options.tls ? 'https' : 'http'}://127.0.0.1:${(server.address() as AddressInfo).port}`;
    try {
      serve = await authorizationServer(issuer, options);
    } catch (error) {
      server.close();
      throw error;
    }
    return new TestOidcProvider(server, issuer, counts);
  }

  get tokenEndpoint(): string {
    return `${this.issuer}/token`;
  }

  get jwksUri(): string {
    return `${this.issuer}/jwks`;
  }

  /** How many token requests came so far. */
  get tokenRequests(): number {
    return this.requests('/token');
  }

  /** How many requests for a path came so far. */
  requests(path: string): number {
    return this.counts.get(path) ?? 0;
  }

  async stop(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.stop();
  }
}

async function authorizationServer(issuer: string, options: TestOidcProviderOptions): Promise<RequestListener> {
  modules ??= importQuietly();
  const { Provider, createMemoryAdapter } = await modules;
  const resources = options.resources ?? testResources;
  const provider = new Provider(issuer, {
    adapter: createMemoryAdapter(0),
    clients: options.clients ?? testClients,
    jwks: { keys: signingKeys() },
    cookies: { keys: ['test'] },
    clientAuthMethods: ['client_secret_basic', 'client_secret_post', 'client_secret_jwt', 'private_key_jwt', 'none'],
    scopes: [...new Set(Object.values(resources).flatMap(({ scope }) => scope.split(' ')))],
    ttl: { ClientCredentials: lifetimeOf },
    ...options.configuration,
    features: {
      devInteractions: { enabled: false },
      clientCredentials: { enabled: true },
      resourceIndicators: {
        enabled: true,
        defaultResource: () => undefined,
        getResourceServerInfo: (_context: unknown, indicator: string) => resourceServer(indicator, resources),
      },
      ...(options.configuration?.['features'] as object | undefined),
    },
  });
  return provider.callback();
}

function resourceServer(indicator: string, resources: Readonly<Record<string, TestResource>>): object {
  const resource = resources[indicator];
  if (!resource) {
    throw Object.assign(new Error('invalid_target'), {
      error: 'invalid_target',
      error_description: 'resource indicator is missing, or unknown',
      status: 400,
      statusCode: 400,
      expose: true,
    });
  }
  const { scope, audience = indicator, lifetime = 3600, format = 'jwt', algorithm = 'RS256' } = resource;
  return {
    scope,
    audience,
    accessTokenTTL: lifetime,
    accessTokenFormat: format,
    ...(format === 'jwt' && { jwt: { sign: { alg: algorithm } } }),
  };
}

function lifetimeOf(_context: unknown, token: { resourceServer?: { accessTokenTTL: number } }): number {
  return token.resourceServer?.accessTokenTTL ?? 3600;
}

let keys: JsonWebKey[] | undefined;

/** One key each for RS256, ES256, ES384 and EdDSA, made once in a process. */
function signingKeys(): JsonWebKey[] {
  keys ??= [
    generateKeyPairSync('rsa', { modulusLength: 2048 }),
    generateKeyPairSync('ec', { namedCurve: 'P-256' }),
    generateKeyPairSync('ec', { namedCurve: 'P-384' }),
    generateKeyPairSync('ed25519'),
  ].map(({ privateKey }, index) => ({ ...jwkOf(privateKey), kid: `key-${index}`, use: 'sig' }));
  return keys;
}

let modules: ReturnType<typeof importQuietly> | undefined;

/** Imported without its warning that this version of Node is too old, and so that it runs in Jest. */
async function importQuietly() {
  // Jest's own clones objects into another realm, where oidc-provider does not take them for plain objects.
  globalThis.structuredClone = <T>(value: T): T => JSON.parse(JSON.stringify(value)) as T;
  const { warn } = globalThis.console;
  globalThis.console.warn = () => undefined;
  try {
    // One after the other: at once, Jest never finishes linking the modules that they share.
    const { Provider } = await import('oidc-provider');
    const { createMemoryAdapter } = await import('oidc-provider/lib/adapters/memory_adapter.js');
    return { Provider, createMemoryAdapter };
  } finally {
    globalThis.console.warn = warn;
  }
}
