import type { ClientAuthentication } from '../client-authentication/client-authenticators.js';
import type { JsonWebKeySet } from '../json-web-keys/json-web-key-set.js';

/** The parameters of a token request. Lists are sorted and free of duplicates. An empty list asks for nothing. */
export interface TokenParameters {
  /** The API that the token is for, at servers that take `audience`. */
  readonly audience?: string | undefined;
  /** The APIs that the token is for (RFC 8707, section 2). */
  readonly resource: readonly string[];
  /** RFC 6749, section 3.3. */
  readonly scope: readonly string[];
  /** The tenant that the token is for. */
  readonly organization?: string | undefined;
  /** Further parameters, as they are sent. */
  readonly parameters: Readonly<Record<string, unknown>>;
  /** The `grant_type` of the request. @default 'client_credentials' */
  readonly grantType?: string | undefined;
}

/** The claims of an access token, parsed but not yet checked. */
export type Claims = Readonly<Record<string, unknown>>;

/** Whether a token was issued to a machine for itself, or to a client on behalf of a user. */
export type CallerKind = 'machine' | 'user' | 'unknown';

/** What an access token says of its caller, in the same terms for every authorization server. */
export interface CallerClaims {
  /** The client that the token was issued to. A token without it is refused. */
  readonly clientId?: string | undefined;
  /** The granted scopes, and what counts as scopes: roles or permissions. */
  readonly scopes: readonly string[];
  /** The APIs that the token is for. One of them must be the resource server. */
  readonly audience: readonly string[];
  /** The tenant that the token is for. */
  readonly organization?: string | undefined;
  /** Whether the caller is a machine. */
  readonly kind: CallerKind;
}

/** An error response of the token endpoint (RFC 6749, section 5.2). */
export interface TokenErrorAnswer {
  /** The HTTP status. */
  readonly status: number;
  /** The OAuth error. Absent if the response names none. */
  readonly error?: string | undefined;
  /** Its text for humans. */
  readonly errorDescription?: string | undefined;
}

/** A request to an authorization server, before it is sent. */
export interface AuthorizationServerRequest {
  /** Its reason: a token, the key set, the metadata, or an introspection. */
  readonly purpose: 'token' | 'jwks' | 'metadata' | 'introspection';
  /** Its URL. */
  readonly url: string;
}

/** A successful response of the token endpoint (RFC 6749, section 5.1). It is checked like any answer of a server. */
export interface TokenResponseBody {
  /** The token: a text. */
  readonly access_token: unknown;
  /** Any word but `DPoP`, `N_A` and `mac`. @default 'Bearer' */
  readonly token_type?: unknown;
  /** Seconds, as a number or a text. @default what the token says, else `defaultLifetime` */
  readonly expires_in?: unknown;
  /** The granted scopes, as a list or separated by spaces. @default what the token says, else what `absentScope` says */
  readonly scope?: unknown;
  /** Further members, which `AccessToken.extra` holds. */
  readonly [member: string]: unknown;
}

/**
 * An authorization server, and how it differs from the standard.
 *
 * Only `issuer` is required. Endpoints that are given are used as they are. The others are discovered when
 * they are first needed. No method uses `this`, so that a server can be extended by spreading it.
 *
 * @example { ...oidc({ issuer }), jwksUri: 'http://127.0.0.1:4710/jwks.json' }
 */
export interface AuthorizationServer {
  /** The product, for messages. @default 'authorization server' */
  readonly name?: string | undefined;
  /** The exact string that tokens carry in `iss`. It is compared with `===`. */
  readonly issuer: string;
  /** Every `iss` that inbound tokens may carry beside `issuer`, if the server writes several. @default none */
  readonly acceptedIssuers?: readonly string[] | undefined;
  /**
   * Whether anybody can get a token of this server for any audience: Google, GitHub Actions, a cluster that is shared. A
   * resource server then needs `allowedClients` and an `audience`. Known issuers of this kind count as open anyway.
   *
   * @default false
   */
  readonly openToStrangers?: boolean | undefined;
  /**
   * URL at which the metadata is read (RFC 8414, section 3), if a service reaches the server by another name than the
   * issuer's. The `issuer` in it must still be this issuer. @default the well-known URLs of the issuer
   */
  readonly metadataUrl?: string | undefined;
  /** URL at which tokens are requested (RFC 6749, section 3.2). @default discovered */
  readonly tokenEndpoint?: string | undefined;
  /** URL of the key set (RFC 7517, section 5). @default discovered */
  readonly jwksUri?: string | undefined;
  /**
   * The keys themselves, in place of `jwksUri`, or a function that returns them: from a file, a secret store, a cluster.
   * Nothing is discovered or requested for keys then. A function is asked as often as a key set would be fetched, may take
   * `keySet.timeout`, and while it fails, tokens that need it are answered 503.
   *
   * @default the key set at `jwksUri`
   * @throws anything: KeysUnavailableError then has a CallbackError as its `cause`
   * @example { ...oidc({ issuer }), jwks: async () => JSON.parse(await readFile('/run/keys/jwks.json', 'utf8')) }
   */
  readonly jwks?: JsonWebKeySet | (() => JsonWebKeySet | Promise<JsonWebKeySet>) | undefined;
  /** URL at which tokens are introspected (RFC 7662, section 2), if `resourceServer.introspection` is on. @default discovered */
  readonly introspectionEndpoint?: string | undefined;
  /** How a client with a plain `clientSecret` authenticates. @default clientSecretBasic() */
  readonly clientAuthentication?: ClientAuthentication | undefined;
  /** `aud` of a client assertion; `token-endpoint`: the URL at which the token is requested. @default the issuer, as one string */
  readonly assertionAudience?: string | undefined;
  /** Media type of the token request's body. @default 'form' */
  readonly requestFormat?: 'form' | 'json' | undefined;
  /**
   * What a token response without `scope` means: the scopes that were requested (RFC 6749, section 5.1), or none.
   * `as-in-token`: none if the token is a JWT that names no rights in any claim, else those requested.
   *
   * @default 'as-in-token'
   */
  readonly absentScope?: 'as-requested' | 'none' | 'as-in-token' | undefined;
  /** Milliseconds that a token lives if neither `expires_in` nor the token says. @default 300000 */
  readonly defaultLifetime?: number | undefined;
  /**
   * Further headers of requests to this server: the key of a gateway before it. They go to the origin of the issuer and
   * to URLs that are written here, never to another URL that the metadata names. `Host`, `Content-*`, `Cookie`, `DPoP`,
   * `Proxy-*` and those of the connection may not be set, nor `Authorization` of a token request.
   *
   * @default none
   * @throws anything: calls then fail with CallbackError
   * @example ({ purpose }) => ({ 'x-api-key': apiKey })
   */
  requestHeaders?(
    request: AuthorizationServerRequest,
  ): Readonly<Record<string, string | undefined>> | Promise<Readonly<Record<string, string | undefined>>>;
  /**
   * Translates an answer that is not as RFC 6749, section 5.1 wants it: a copy of the JSON object of a 2xx answer without
   * an `error`. It may take as long as the token request.
   *
   * @default the answer as it is
   * @throws anything: calls then fail with CallbackError
   * @example ({ accessToken, expiresIn }) => ({ access_token: accessToken, expires_in: expiresIn })
   */
  readTokenResponse?(body: Record<string, unknown>): TokenResponseBody | Promise<TokenResponseBody>;
  /** Whether an error beside `invalid_client` and any 401 means that the client's credentials are wrong. @default never */
  wrongCredentials?(answer: TokenErrorAnswer): boolean;
  /**
   * How the server exchanges the token of a caller: as RFC 8693 says, as Entra ID does (`on-behalf-of`), or not at all.
   * @default 'standard'
   */
  readonly tokenExchange?: 'standard' | 'on-behalf-of' | 'none' | undefined;
  /**
   * The parameters of a token request as they are sent. @default those of RFC 6749 and RFC 8707
   * @throws M2MConfigurationError for a field that this server does not understand, or needs and did not get
   */
  tokenParameters?(request: TokenParameters): Record<string, unknown>;
  /**
   * Reads the caller from verified claims. `audience` is what the resource server is configured with.
   *
   * @default by RFC 9068: see `oidc()`
   * @throws InvalidTokenError for claims that contradict each other
   */
  readClaims?(claims: Claims, audience: readonly string[]): CallerClaims;
  /** Checks further claims. @throws InvalidTokenError */
  checkClaims?(claims: Claims): void;
}

/** How the issuers of a product look, and what makes the authorization server of one. */
export interface IssuerPattern<Part extends string = string> {
  /** Matches every issuer of the product. Named groups are its parts. */
  readonly issuer: RegExp;
  /** An issuer that matches, for messages. */
  readonly example: string;
  /** Matches issuers that no other product has. Absent if its issuers look like any other. */
  readonly unmistakable?: RegExp;
  /**
   * Calls the product's factory.
   *
   * @throws M2MConfigurationError if a part is not what the factory takes
   */
  create(parts: Readonly<Record<Part, string>>, issuer: string): AuthorizationServer;
}
