import type { Type } from '@nestjs/common';
import type { AuthorizationServer } from '../authorization-servers/authorization-server.js';
import type { InboundTransportOption } from './inbound-transport-option.js';
import type { M2MIntrospectionOptions } from './introspection-options.js';
import type { JwsAlgorithm } from './jws-algorithm.js';
import type { M2MResourceMetadataOptions } from './resource-metadata-options.js';

/** Tokens are accepted by their `aud` (RFC 7519, section 4.1.3). */
export interface M2MCheckedAudience {
  /** What a token must have in `aud`: one of these. */
  audience: string | readonly string[];
  /** The only clients of the issuer that may call. Required if the issuer is open to strangers. @default all */
  allowedClients?: readonly string[] | undefined;
}

/** The `aud` of tokens is not checked, and their client is. */
export interface M2MUncheckedAudience {
  /** `null` leaves `aud` unchecked. Refused if the issuer is open to strangers. */
  audience: null;
  /** The only clients of the issuer that may call. Required, because every token of the issuer would be accepted without. */
  allowedClients: readonly string[];
}

/** There is no primary issuer: the issuers in `trust` are all. */
export interface M2MTrustAlone {
  /** What the `aud` of every token must have beside what its issuer's entry says: one of these. @default no such rule */
  audience?: string | readonly string[] | undefined;
  /** That of each issuer stands in its entry in `trust`. */
  allowedClients?: undefined;
  /** That of each issuer stands in its entry in `trust`. */
  introspection?: undefined;
  /** The issuers whose tokens are accepted: at least one. */
  trust: readonly (TrustedIssuer | TrustedIssuerResolver)[];
}

/** A further issuer, and what its tokens may say here. Nothing of the primary issuer's options applies to it. */
export type TrustedIssuer = TrustedIssuerOptions & (M2MCheckedAudience | M2MUncheckedAudience);

/** Finds issuers at run time: those of tenants, say. */
export interface TrustedIssuerResolver {
  /**
   * The issuer that is named in the `iss` of a token; `undefined` if its tokens are not accepted. Nobody has verified the
   * token yet: anybody can have any issuer asked for.
   *
   * It is asked for absolute `https:` URLs in normal form alone, of at most 512 characters, without user information, query
   * and fragment; once for all requests that wait, at most four times at once, and for at most 20 new issuers a second. An
   * answer counts if the issuer is its `issuer` or one of its `acceptedIssuers`, and if it names no issuer of the options.
   * It is asked again after a minute, and kept for up to five while that fails; `undefined` is kept for 30 s. It may take 2 s.
   *
   * @throws anything: requests are then answered 503
   */
  resolve(issuer: string): TrustedIssuer | undefined | Promise<TrustedIssuer | undefined>;
  /**
   * Hosts at which authorization servers that it finds may be reached although their address is private, link-local or
   * this machine's, without port: `keycloak.internal`, `10.0.0.7`, or `*.idp.internal` for all names below. @default none
   */
  allowedHosts?: readonly string[] | undefined;
}

interface TrustedIssuerOptions {
  /** Whose tokens are accepted beside those of the primary issuer. */
  authorizationServer: AuthorizationServer;
  /** The only scopes honoured from this issuer. */
  scopes: readonly string[];
  /** The tenant whose issuer it is: `M2MCaller.tenant`. @default none */
  tenant?: string | undefined;
  /** The only organizations whose tokens are accepted. @default all */
  allowedOrganizations?: readonly string[] | undefined;
  /** Who may call. `any` also takes users' tokens, and those of servers that cannot tell. @default 'machine' */
  callers?: 'machine' | 'any' | undefined;
  /** Whether the issuer is asked about its tokens (RFC 7662). Refused in what `resolve` answers. @default no */
  introspection?: M2MIntrospectionOptions | undefined;
}

/** The cache of verified tokens. */
export interface M2MTokenCacheOptions {
  /** Entries, at most 1000000. @default 10000 */
  maxTokens?: number | undefined;
  /** Milliseconds that an entry is used at most. @default 60000 */
  ttl?: number | undefined;
}

/** How an issuer's key set is kept. */
export interface M2MKeySetOptions {
  /** Milliseconds that a key set is used. @default 600000 */
  maxAge?: number | undefined;
  /**
   * Milliseconds after a fetch until an unknown `kid`, or a bad signature, may cause the next; also the longest pause
   * after failed ones.
   *
   * @default 30000
   */
  cooldown?: number | undefined;
  /** Milliseconds that a fetch may take. @default 5000 */
  timeout?: number | undefined;
  /** Milliseconds that a set is used beyond `maxAge` while no new one can be had. @default 3600000 */
  staleIfError?: number | undefined;
}

/** The inbound half: whose tokens this service accepts. */
export type M2MResourceServerOptions = ResourceServerOptions &
  (M2MCheckedAudience | M2MUncheckedAudience | M2MTrustAlone);

interface ResourceServerOptions {
  /** Whose tokens are accepted. @default the module's `authorizationServer`; none beside `trust` without `audience` */
  authorizationServer?: AuthorizationServer | undefined;
  /** The only organizations whose tokens are accepted. @default all */
  allowedOrganizations?: readonly string[] | undefined;
  /** Further issuers, and at most one function that finds more at run time. @default none */
  trust?: readonly (TrustedIssuer | TrustedIssuerResolver)[] | undefined;
  /** Who may call. `any` also takes users' tokens, and those of servers that cannot tell. @default 'machine' */
  callers?: 'machine' | 'any' | undefined;
  /** Whether the authorization server is asked about its tokens (RFC 7662): for those that are opaque, or for all. @default no */
  introspection?: M2MIntrospectionOptions | undefined;
  /** Accepted `alg` values. @default RS, PS and ES with 256, 384 and 512, EdDSA and Ed25519 */
  algorithms?: readonly JwsAlgorithm[] | undefined;
  /** Whether `typ` must say that it is an access token (RFC 9068). @default 'any' */
  tokenType?: 'at+jwt' | 'any' | undefined;
  /** Milliseconds by which clocks may differ; at most 60000. @default 5000 */
  clockTolerance?: number | undefined;
  /** Milliseconds since `iat` after which a token is refused, at least 1000; a token without `iat` too. @default unlimited */
  maxTokenAge?: number | undefined;
  /** How verified tokens are remembered; `false` verifies every token anew. @default 10000 tokens for 60000 ms */
  cache?: M2MTokenCacheOptions | false | undefined;
  /** How key sets are kept, one for each issuer. */
  keySet?: M2MKeySetOptions | undefined;
  /** `realm` of the challenges. @default 'api' */
  realm?: string | undefined;
  /** What is published about this resource server (RFC 9728): MCP clients find its authorization servers there. @default nothing */
  resourceMetadata?: M2MResourceMetadataOptions | undefined;
  /** Other people's controllers (metrics, health) that a global guard lets through. */
  publicControllers?: readonly Type[] | undefined;
  /**
   * Whether HTTP handlers may be reached without a guard that authenticates, and without `@Public()`: `warn` names them
   * at the start, `refuse` stops it. @default 'warn'
   */
  unguarded?: 'allow' | 'warn' | 'refuse' | undefined;
  /** Guards of your own that authenticate users, beside passport's `AuthGuard`: handlers behind them are not unguarded. */
  userGuards?: readonly Type[] | undefined;
  /**
   * The metadata key of your own `@Public()`: handlers and classes with a true value there are not unguarded. `M2MGuard`
   * does not read it, and still asks for a token where it stands.
   */
  publicMetadata?: string | symbol | undefined;
  /** How requests reach handlers beside HTTP, which is always on: `[graphql()]`. @default none */
  transports?: readonly InboundTransportOption[] | undefined;
  /** Whether key sets are fetched at `onApplicationBootstrap`; `required` fails the start without them. @default 'off' */
  warmup?: 'off' | 'background' | 'required' | undefined;
}
