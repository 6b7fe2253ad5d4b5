import type { ExchangedAccess, ExchangeRequest, GrantedAccess, GrantRequest, IssuedToken } from './grant.js';
import type { KeySetStyle } from './key-ring.js';
import type { RefusalAnswer, RefusalTable } from './refusal.js';
import type { TestClientAuthenticationMethod } from '../options/test-authorization-server-options.js';

/** How one product behaves; paths are below the server's origin. */
export interface Dialect {
  readonly issuerPath: string;
  /** Whether the issuer is made from the `Host` of each request. */
  readonly issuerFollowsHost: boolean;
  readonly paths: {
    readonly token: string;
    readonly keys: string;
    readonly discovery: readonly string[];
    readonly introspection?: string | undefined;
    readonly revocation?: string | undefined;
  };
  /** Further members of the metadata, or replacements. */
  readonly metadata: Readonly<Record<string, unknown>>;
  readonly bodies: readonly ('form' | 'json')[];
  readonly clientAuthentication: {
    readonly methods: readonly TestClientAuthenticationMethod[];
    /** What a client that was registered without a method may use, if the product is strict. @default all of them */
    readonly registered?: TestClientAuthenticationMethod | undefined;
    /** How id and secret are read from a Basic header; `raw-pair` refuses a second colon. */
    readonly basic: 'form' | 'raw' | 'raw-pair';
    /** What an assertion may carry in `aud`. */
    readonly assertionAudience: readonly ('issuer' | 'token-endpoint')[];
    /** Whether the header of an assertion must name a registered certificate, by `x5t#S256` or `x5t`. @default false */
    readonly assertionNamesCertificate?: boolean | undefined;
    /** `WWW-Authenticate` of a 401. */
    readonly challenge?: string | undefined;
  };
  readonly keySet: KeySetStyle;
  /** `typ` of an access token. */
  readonly tokenType?: string | undefined;
  /** Whether `aud` of a token names APIs. If not, a resource server goes by clients. */
  readonly tokensNameApis: boolean;
  /** Whether a token tells that it is a machine's. If not, a resource server takes those of clients that it names. */
  readonly tokensTellMachines: boolean;
  /** Whether a token may be for an organization. */
  readonly hasOrganizations: boolean;
  /** Milliseconds that an access token lives. */
  readonly tokenLifetime: number;
  readonly introspectsJwts: boolean;
  /** Whether a client may introspect a token. @default every client may */
  mayIntrospect?(clientId: string, claims: Readonly<Record<string, unknown>>): boolean;
  /** What the answer about an active token says beside, or in place of, the claims of the token. @default nothing */
  introspected?(claims: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>>;
  /** What a request gets. @throws Refusal */
  grant(request: GrantRequest): GrantedAccess;
  /** How it gives a client a token for one that was given to that client. @default it does not */
  readonly exchange?: TokenExchange | undefined;
  /** What to ask for to get these scopes of a resource. */
  asks(resource: string, scopes: readonly string[]): TokenRequestParameters;
  /** How one scope of a resource is written on the wire. */
  wireScope(resource: string, scope: string): string;
  /** The claims of an access token besides `iss`, `iat`, `exp` and `jti`. */
  claims(token: IssuedToken): Readonly<Record<string, unknown>>;
  /** A token response, for an access token that is signed already. */
  response(token: IssuedToken, accessToken: string): Readonly<Record<string, unknown>>;
  /** Headers of the token endpoint's answers that report the client's quota. */
  quotaHeaders(quota: readonly QuotaState[]): Readonly<Record<string, string>>;
  readonly refusals: RefusalTable;
  refusalBody(refusal: RefusalAnswer, now: Date): unknown;
}

/** The grant that takes a token of somebody else. */
export interface TokenExchange {
  /** Its `grant_type`. */
  readonly grantType: string;
  /** What to send, besides `grant_type`, to get a token for a resource. */
  asks(token: string, resource: string): Readonly<Record<string, string>>;
  /** What a request gets. @throws Refusal */
  grant(request: ExchangeRequest): Promise<ExchangedAccess>;
}

/** What decides about a token, by its names on the wire. */
export interface TokenRequestParameters {
  /** The API that the token is for, if the product takes `audience`. */
  readonly audience?: string;
  /** The API that the token is for, if the product takes `resource` (RFC 8707). */
  readonly resource?: string;
  /** Scopes, separated by spaces. */
  readonly scope?: string;
}

/** One of a client's quotas; times in seconds. */
export interface QuotaState {
  readonly bucket: 'per_hour' | 'per_day';
  readonly limit: number;
  readonly remaining: number;
  readonly resetsIn: number;
}
