import type { TokenParameters } from '../authorization-servers/authorization-server.js';
import type { M2MHttpOptions } from '../http/http-options.js';
import type { Values } from '../validation/fields.js';
import type { M2MAccessTokenProvider } from './access-token-provider.js';
import type { ResolvedAuthorizationServer } from './authorization-server-fields.js';
import type { ResolvedIntrospection } from './introspection-fields.js';
import type { TOKEN_MANAGEMENT_FIELDS } from './client-fields.js';
import type { ResolvedCredentials } from './resolve-credentials.js';
import type { ISSUER_FIELDS, VERIFICATION_FIELDS } from './resource-server-fields.js';
import type { TARGET_FIELDS } from './target-fields.js';
import type { TOKEN_FIELDS } from './token-fields.js';

/** What everything after `options/` reads: validated, defaulted, frozen. */
export interface ResolvedOptions {
  readonly client: ResolvedClientOptions | undefined;
  readonly resourceServer: ResolvedResourceServerOptions | undefined;
  readonly http: Readonly<M2MHttpOptions>;
  /** Plain HTTP origins beside loopback that may be used. */
  readonly insecureOrigins: readonly string[];
}

/** The module's own client, with its targets and the named clients. */
export type ResolvedClientOptions = ResolvedClient & {
  readonly targets: readonly ResolvedTarget[];
  /** Those of the options. */
  readonly clients: ReadonlyMap<string, ResolvedClient>;
  /** Finds named clients at run time, in place of those. */
  readonly clientResolver: ResolvedClientResolver | undefined;
};

/** The function of `clients`. */
export interface ResolvedClientResolver {
  /** What the function answers: anything. */
  readonly resolve: (name: string) => unknown;
  /**
   * Makes of an answer the client that it describes.
   *
   * @throws M2MConfigurationError that lists everything that is wrong with it
   */
  readonly read: (name: string, answer: unknown) => FoundClientOptions;
  /** Hosts of the servers that it returns which may have other addresses than public ones. */
  readonly allowedHosts: readonly string[];
}

/** A client that a function found. */
export interface FoundClientOptions {
  readonly client: ResolvedClient;
  /** Whether its authorization server stands in the options, and may get what is the module's own. */
  readonly isServerOwn: boolean;
}

/** One client, by where its tokens come from. */
export type ResolvedClient = ResolvedOAuthClient | ResolvedProviderClient;

/** What all clients have. */
interface ResolvedAnyClient extends Values<typeof TOKEN_MANAGEMENT_FIELDS> {
  /** `undefined` for the module's own client. */
  readonly name: string | undefined;
  /** What every token is requested for, unless a target or a request says otherwise. */
  readonly defaults: TokenParameters;
}

/** A client whose tokens a function of the options gets. */
export interface ResolvedProviderClient extends ResolvedAnyClient {
  readonly accessTokenProvider: M2MAccessTokenProvider;
  readonly authorizationServer: undefined;
  readonly clientId: undefined;
  readonly clientSecret: undefined;
  readonly clientAuthentication: undefined;
}

/** A client that an authorization server knows. */
export interface ResolvedOAuthClient extends ResolvedAnyClient, ResolvedCredentials {
  readonly accessTokenProvider: undefined;
  readonly authorizationServer: ResolvedAuthorizationServer;
  readonly clientId: string;
}

/** One service to call. */
export interface ResolvedTarget extends Pick<
  Values<typeof TARGET_FIELDS>,
  'exchange' | 'usableBy' | 'rejectedWhen' | 'encodedSlashes' | 'http'
> {
  readonly name: string;
  /** Normalized by the URL parser. */
  readonly origin: string;
  /** Normalized, and without a slash at its end; empty for a whole origin. */
  readonly path: string;
  /** The base URL of its requests: origin and path, with the slash at the end of the path that the options have. */
  readonly baseUrl: string;
  /** The name of the client whose credentials it uses; `undefined`: the module's own. */
  readonly client: string | undefined;
  /** Whose token its requests carry. */
  readonly tokenChoice: Values<typeof TARGET_FIELDS>['token'];
  /**
   * What it says about its token. It replaces what the client says. If the token is relayed, `audience` is what its `aud` must
   * name; `undefined`: anything.
   */
  readonly token: Values<typeof TOKEN_FIELDS>;
}

/** How tokens are verified, and whose. */
export interface ResolvedResourceServerOptions extends Values<typeof VERIFICATION_FIELDS> {
  /** The issuers of the options: the primary issuer first, if there is one, then the trusted ones. */
  readonly issuers: readonly ResolvedIssuer[];
  /** Clients and audiences that are named without an issuer are its own. */
  readonly primary: ResolvedIssuer | undefined;
  /** What the `aud` of a token of any issuer must have: one of these. */
  readonly commonAudience: readonly string[] | undefined;
  /** Finds further issuers at run time. */
  readonly resolver: ResolvedIssuerResolver | undefined;
}

/** The function of `trust` that finds issuers. */
export interface ResolvedIssuerResolver {
  /** What the function answers: anything. */
  readonly resolve: (issuer: string) => unknown;
  /** Hosts of the servers that it finds which may have other addresses than public ones. */
  readonly allowedHosts: readonly string[];
}

/** One issuer, and what its tokens must and may say. */
export interface ResolvedIssuer extends Omit<Values<typeof ISSUER_FIELDS>, 'authorizationServer' | 'introspection'> {
  readonly authorizationServer: ResolvedAuthorizationServer;
  /** The only scopes honoured from it; `undefined`: all. */
  readonly scopes: readonly string[] | undefined;
  readonly tenant: string | undefined;
  /** How it is asked about its tokens; `undefined`: it is not. */
  readonly introspection: ResolvedIntrospection | undefined;
  /** Its place in the options. */
  readonly path: string;
}
