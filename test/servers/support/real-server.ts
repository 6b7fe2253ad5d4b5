import { expect } from '@jest/globals';
import type { AuthorizationServer } from '../../../lib/authorization-servers/authorization-server.js';
import type { ClientAuthentication } from '../../../lib/client-authentication/client-authenticators.js';
import type { M2MNamedClientOptions } from '../../../lib/options/client-options.js';
import type { Check } from './checks.js';
import type { Delegation } from './token-exchange.js';

/** The real servers that every run of `npm run test:servers` starts. */
export const SERVERS = ['better-auth', 'glewlwyd', 'Keycloak', 'oidc-provider', 'Spring Authorization Server'] as const;

/** How a client can authenticate, by the names of the IANA registry. */
export const METHODS = [
  'client_secret_basic',
  'client_secret_post',
  'client_secret_jwt',
  'private_key_jwt',
  'tls_client_auth',
] as const;
export type Method = (typeof METHODS)[number];

/** The grant type of token exchange (RFC 8693, section 2.1). */
export const TOKEN_EXCHANGE = 'urn:ietf:params:oauth:grant-type:token-exchange';

/** What is known about a server before it runs. */
export interface ServerDescription {
  readonly name: (typeof SERVERS)[number] | 'Ory Hydra';
  /** As far as it is pinned: it is printed in the documentation. */
  readonly version: string;
  /** What this server cannot do. @default nothing */
  readonly lacks?: Readonly<Partial<Record<Check, Lack>>>;
}

/** Why a server cannot do something. */
export interface Lack {
  /** Printed in the documentation: a sentence without its full stop. */
  readonly reason: string;
  /** Fails if the server can do it. */
  readonly proof: (server: RealServer) => Promise<unknown>;
}

/** A client that is registered at a server, with the way in which it authenticates. */
export type RegisteredClient<M extends Method = Method> = M2MNamedClientOptions & {
  readonly clientAuthentication: Extract<ClientAuthentication, { method: M }>;
};

/**
 * A real authorization server that runs.
 *
 * Every client requests tokens for {@link audience} with the scope `read:products`, and none of them has `write:products`.
 */
export interface RealServer {
  /** From the product's factory, or `oidc`. */
  readonly authorizationServer: AuthorizationServer;
  /** The `aud` of the tokens. */
  readonly audience: string;
  /** One for each method that the server has. */
  readonly clients: { readonly [M in Method]?: RegisteredClient<M> } & {
    readonly client_secret_basic: RegisteredClient<'client_secret_basic'> & { readonly clientSecret: string };
  };
  /** @default the server exchanges no tokens */
  readonly delegation?: Delegation;
  /** Gets tokens that live for 60 s. */
  readonly shortLived: M2MNamedClientOptions;
  /** Its secret is replaced by {@link rotateSecret}. */
  readonly rotated: M2MNamedClientOptions & { readonly clientSecret: string };
  /** Adds a signing key, and signs with it from now on. The ones before stay published. */
  rotateKey(): Promise<void>;
  /** Gives {@link rotated} another secret, and returns it. The one before is refused from now on. */
  rotateSecret(): Promise<string>;
  /** Ends it at once, as a lost machine would. */
  kill(): Promise<void>;
  /** Starts it again after {@link kill} at the same URL, with the same clients and keys, and waits until it answers. */
  run(): Promise<void>;
}

/** Says that a server does not have some methods, and proves it by its metadata. */
export function notOffered(...methods: readonly Method[]): ServerDescription['lacks'] {
  const entries = methods.map((method): [Check, Lack] => [
    `\`${method}\` gets a token, and calls with it pass`,
    {
      reason: 'The metadata of the server does not list the method',
      proof: async ({ authorizationServer: { issuer } }) => {
        const response = await fetch(`${issuer}/.well-known/openid-configuration`);
        const metadata = (await response.json()) as { token_endpoint_auth_methods_supported: string[] };
        expect(metadata.token_endpoint_auth_methods_supported).not.toContain(method);
      },
    },
  ]);
  return Object.fromEntries(entries);
}
