import type { Type } from '@nestjs/common';
import type {
  AuthorizationServer,
  CallerClaims,
  Claims,
  TokenParameters,
} from '../authorization-servers/authorization-server.js';
import type { ClientAuthentication } from '../client-authentication/client-authentication.js';
import type { M2MTarget } from './client-options.js';
import type { M2MHttpOptions } from '../http/http-options.js';
import type { TokenStore } from './token-store.js';

/** What everything after `options/` reads: validated, defaulted, frozen. */
export interface ResolvedOptions {
  readonly client: ResolvedClientOptions | undefined;
  readonly resourceServer: ResolvedResourceServerOptions | undefined;
  readonly http: Readonly<M2MHttpOptions>;
}

/** An authorization server of which it is known what it says by default. */
export interface ResolvedAuthorizationServer extends AuthorizationServer {
  readonly name: string;
  readonly acceptedIssuers: readonly string[];
  tokenParameters(request: TokenParameters): Record<string, unknown>;
  readClaims(claims: Claims, audience: readonly string[]): CallerClaims;
}

export interface ResolvedClientOptions extends ResolvedClient {
  readonly targets: readonly ResolvedTarget[];
  readonly clients: ReadonlyMap<string, ResolvedClient>;
}

/** One OAuth client. The secret is a function, so that nothing that prints options can print it. */
export interface ResolvedClient {
  /** `undefined` for the module's own client, else the name of a named one. */
  readonly name: string | undefined;
  readonly authorizationServer: ResolvedAuthorizationServer;
  readonly clientId: string;
  readonly clientSecret: (() => string | Promise<string>) | undefined;
  readonly clientAuthentication: ClientAuthentication;
  /** What every request asks for unless its target or itself says otherwise. */
  readonly defaults: TokenParameters;
  readonly tokenStore: TokenStore | undefined;
  readonly renewal: {
    readonly leeway: number | undefined;
    readonly ahead: number | undefined;
    readonly jitter: number | undefined;
  };
  readonly timeout: number;
  readonly retry: { readonly attempts: number; readonly delay: number; readonly maxDelay: number };
  readonly warmup: 'off' | 'background' | 'required';
  readonly verifyScope: 'warn' | 'strict' | 'off';
  readonly budget: { readonly perHour: number; readonly perDay: number };
}

export interface ResolvedTarget {
  readonly name: string;
  /** Normalized by the URL parser; its path has no trailing slash (`''` for the whole origin). */
  readonly origin: string;
  readonly path: string;
  /** The client whose credentials it uses. */
  readonly client: ResolvedClient;
  readonly request: TokenParameters;
  readonly renewOn401: NonNullable<M2MTarget['renewOn401']>;
  readonly http: Readonly<NonNullable<M2MTarget['http']>>;
}

export interface ResolvedResourceServerOptions {
  /** The primary issuer first, then the trusted ones. */
  readonly issuers: readonly ResolvedIssuer[];
  readonly algorithms: readonly string[];
  readonly tokenType: 'at+jwt' | 'any';
  readonly clockTolerance: number;
  readonly maxTokenAge: number | undefined;
  readonly cache: { readonly maxTokens: number; readonly ttl: number } | false;
  readonly keySet: {
    readonly maxAge: number;
    readonly cooldown: number;
    readonly timeout: number;
    readonly staleIfError: number;
  };
  readonly realm: string;
  readonly publicControllers: readonly Type[];
  readonly warmup: 'off' | 'background' | 'required';
}

/** One issuer, and what its tokens must and may say. */
export interface ResolvedIssuer {
  readonly authorizationServer: ResolvedAuthorizationServer;
  /** `null`: deliberately unchecked. */
  readonly audience: readonly string[] | null;
  /** The only scopes honoured from it; `undefined`: all. */
  readonly scopes: readonly string[] | undefined;
  readonly allowedClients: readonly string[] | undefined;
  readonly allowedOrganizations: readonly string[] | undefined;
  readonly callers: 'machine' | 'any';
}
