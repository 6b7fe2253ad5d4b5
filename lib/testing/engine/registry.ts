import { X509Certificate } from 'node:crypto';
import { assertionKey, type AssertionKey } from './assertion-keys.js';
import { checkClient } from '../options/check-arguments.js';
import type { TestAuthorizationServerOptions, TestClient } from '../options/test-authorization-server-options.js';

/** The clients of a server that is started without any. */
export const DEFAULT_CLIENTS = { 'test-client': 'test-secret' };
const DEFAULT_RESOURCES = ['https://api.example.test'];
/** The scopes of a server that is started without any. */
export const DEFAULT_SCOPES = ['read:products', 'write:products'];

/** A client as the endpoints see it. */
export interface RegisteredClient extends Readonly<Omit<TestClient, 'publicKey' | 'certificate'>> {
  readonly id: string;
  /** What its assertions are verified with, while it rotates several. */
  readonly assertionKeys: readonly AssertionKey[];
  /** The certificates that it may show, while it rotates several. */
  readonly certificates: readonly X509Certificate[];
  readonly expiredSecrets: readonly string[];
}

/** Who may ask (clients) for what (resources and their scopes). */
export class Registry {
  readonly firstClientId: string;
  readonly firstResource: string;
  private readonly clients: Map<string, RegisteredClient>;
  private readonly scopes: ReadonlyMap<string, readonly string[]>;

  constructor(options: TestAuthorizationServerOptions) {
    const { clients = DEFAULT_CLIENTS } = options;
    this.clients = new Map(Object.entries(clients).map(([id, client]) => [id, registered(id, client)]));
    this.scopes = scopesByResource(options);
    this.firstClientId = this.clientIds[0] ?? empty("clients: { 'test-client': 'test-secret' }");
    this.firstResource = this.resources[0] ?? empty("resources: ['https://api.example.test']");
  }

  get clientIds(): readonly string[] {
    return [...this.clients.keys()];
  }

  get resources(): readonly string[] {
    return [...this.scopes.keys()];
  }

  find(id: string): RegisteredClient | undefined {
    return this.clients.get(id);
  }

  /** @throws TypeError for a client that was not registered */
  get(id = this.firstClientId): RegisteredClient {
    const client = this.clients.get(id);
    if (client) return client;
    throw new TypeError(
      `no client '${id}'; write: TestAuthorizationServer.start({ clients: { '${id}': 'its-secret' } })`,
    );
  }

  /** The scopes of a resource; none if there is no such resource. */
  scopesOf(resource: string): readonly string[] {
    return this.scopes.get(resource) ?? [];
  }

  /** The resources that a client may ask tokens for. */
  resourcesOf(client: RegisteredClient): readonly string[] {
    return this.resources.filter((name) => client.resources?.includes(name) ?? true);
  }

  /** The scopes that a client may have at a resource. */
  grantable(client: RegisteredClient, resource: string): readonly string[] {
    return this.scopesOf(resource).filter((scope) => client.scopes?.includes(scope) ?? true);
  }

  /** @throws M2MConfigurationError */
  register(id: string, client: string | TestClient): void {
    checkClient(client);
    this.clients.set(id, registered(id, client));
  }

  replaceSecret(id: string | undefined, secret: string): void {
    const client = this.get(id);
    const expiredSecrets = [...client.expiredSecrets, ...(client.secret === undefined ? [] : [client.secret])];
    this.clients.set(client.id, { ...client, secret, expiredSecrets });
  }
}

function empty(write: string): never {
  throw new TypeError(`${write.split(':')[0]} is empty; write: ${write}`);
}

function scopesByResource({
  resources = DEFAULT_RESOURCES,
  scopes = DEFAULT_SCOPES,
}: TestAuthorizationServerOptions): ReadonlyMap<string, readonly string[]> {
  return new Map(isList(resources) ? resources.map((name) => [name, scopes]) : Object.entries(resources));
}

function isList(value: NonNullable<TestAuthorizationServerOptions['resources']>): value is readonly string[] {
  return Array.isArray(value);
}

export function registered(id: string, given: string | TestClient): RegisteredClient {
  const { publicKey, certificate, ...client } = typeof given === 'string' ? { secret: given } : given;
  return {
    ...client,
    id,
    assertionKeys: [publicKey ?? []].flat().map(assertionKey),
    certificates: [certificate ?? []].flat().map((pem) => new X509Certificate(pem)),
    expiredSecrets: [],
  };
}

/** Whether a client is registered with nothing that it could authenticate with. */
export function isPublic({ secret, assertionKeys, certificates }: RegisteredClient): boolean {
  return secret === undefined && assertionKeys.length === 0 && certificates.length === 0;
}
