import type { ClientAuthentication } from '../client-authentication/client-authentication.js';

/** What a token is asked for. Lists are sorted and free of duplicates; an empty one asks for nothing. */
export interface TokenParameters {
  readonly audience?: string | undefined;
  readonly resource: readonly string[];
  readonly scope: readonly string[];
  readonly organization?: string | undefined;
  /** Anything else, as it goes on the wire. */
  readonly parameters: Readonly<Record<string, unknown>>;
}

/** The claims of an access token, parsed but not yet judged. */
export type Claims = Readonly<Record<string, unknown>>;

/** Whether a token was issued to a machine for itself, or to a client on behalf of a user. */
export type CallerKind = 'machine' | 'user' | 'unknown';

/** What an authorization server's access token says, in one vocabulary. */
export interface CallerClaims {
  /** Absent where the token does not say; such a token is refused. */
  readonly clientId?: string | undefined;
  readonly scopes: readonly string[];
  /** Whom the token is for; one of them must be the resource server. */
  readonly audience: readonly string[];
  readonly organization?: string | undefined;
  readonly kind: CallerKind;
}

/** A refusal by the token endpoint, as far as it decides what to do next. */
export interface TokenErrorAnswer {
  readonly status: number;
  /** Absent where the answer names none. */
  readonly error?: string | undefined;
  readonly errorDescription?: string | undefined;
}

/**
 * Who issues tokens, and how that server differs from the standard.
 *
 * Only `issuer` is required. Endpoints that are given are used as they are; the others are discovered when
 * they are first needed. No method uses `this`, so that a server can be extended by spreading it.
 *
 * @example { ...oidc({ issuer }), jwksUri: 'http://127.0.0.1:4710/jwks.json' }
 */
export interface AuthorizationServer {
  /** The product, for messages. @default 'authorization server' */
  readonly name?: string | undefined;
  /** The exact string that tokens carry in `iss`; compared with `===`. */
  readonly issuer: string;
  /** Every `iss` accepted on inbound tokens, where one server writes several. @default [issuer] */
  readonly acceptedIssuers?: readonly string[] | undefined;
  /** Where tokens are requested. @default discovered */
  readonly tokenEndpoint?: string | undefined;
  /** Where the key set is (RFC 7517, section 5). @default discovered */
  readonly jwksUri?: string | undefined;
  /** Where tokens are introspected (RFC 7662). For the application: nothing here asks there. */
  readonly introspectionEndpoint?: string | undefined;
  /** What a plain `clientSecret` means here. @default clientSecretBasic() */
  readonly clientAuthentication?: ClientAuthentication | undefined;
  /** `aud` of a client assertion. @default the issuer, as one string */
  readonly assertionAudience?: string | undefined;
  /** Media type of the token request's body. @default 'form' */
  readonly requestFormat?: 'form' | 'json' | undefined;
  /** What a token response without `scope` means. @default 'as-asked' (RFC 6749, section 5.1) */
  readonly absentScope?: 'as-asked' | 'none' | undefined;
  /** Whether a refusal means that the client's credentials are wrong, beyond `invalid_client`. @default never */
  wrongCredentials?(answer: TokenErrorAnswer): boolean;
  /**
   * The parameters of a token request as they go on the wire. @default those of RFC 6749 and RFC 8707
   * @throws M2MConfigurationError for a field that this server does not understand, or needs and did not get
   */
  tokenParameters?(request: TokenParameters): Record<string, unknown>;
  /**
   * Who is calling, read from verified claims. `audience` is what the resource server is configured with.
   *
   * @default by RFC 9068: see `oidc()`
   * @throws InvalidTokenError for claims that contradict each other
   */
  readClaims?(claims: Claims, audience: readonly string[]): CallerClaims;
  /** What else must hold. @throws InvalidTokenError */
  checkClaims?(claims: Claims): void;
}
