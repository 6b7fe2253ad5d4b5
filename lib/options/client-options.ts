import type { AuthorizationServer } from '../authorization-servers/authorization-server.js';
import type { ClientAuthentication } from '../client-authentication/client-authenticators.js';
import type { M2MHttpOptions } from '../http/http-options.js';
import type { M2MByName, M2MClientName, M2MTargetName } from './m2m-names.js';
import type { M2MAccessTokenProvider } from './access-token-provider.js';
import type { TokenStore } from './token-store.js';

/** Which token to ask for. */
export interface M2MTokenOptions {
  /** The API that the token is for, if the server takes `audience` (Auth0, Hydra). */
  audience?: string | undefined;
  /** The API that the token is for, if the server takes `resource` (RFC 8707: Logto, oidc-provider). */
  resource?: string | readonly string[] | undefined;
  /** Scopes, as an array or separated by spaces. */
  scope?: string | readonly string[] | undefined;
  /** The tenant that the token is for, if the server knows organizations (Auth0, Logto). */
  organization?: string | undefined;
  /** Further parameters of the token request. May not name `grant_type`, `client_*`, `scope`, `audience`, `resource`. */
  parameters?: Readonly<Record<string, unknown>> | undefined;
}

/** How a target is reached. */
export interface M2MTargetHttpOptions extends M2MHttpOptions {
  /**
   * Milliseconds until a request times out, counted as Axios counts them: until the answer begins, and then while none
   * of it arrives. The wait for its token is part of it. 0: no limit. @default 30000
   */
  timeout?: number | undefined;
}

/** An answer of a target, for `rejectedWhen`. */
export interface M2MTargetAnswer {
  /** Its status. */
  readonly status: number;
  /** Its headers by name in lower case; several of one name are joined with commas. */
  readonly headers: Readonly<Record<string, string>>;
  /** Its body up to 64 KiB; `undefined` for a stream (`responseType: 'stream'`, `M2MClientService.fetch`) and a Blob. */
  text(): string | undefined;
}

/**
 * Whether an answer of a target rejects the token. It has 1 s; if it fails, or takes longer, the answer stands.
 *
 * @example rejectedWhen: ({ status, text }) => status === 403 && text()?.includes('TOKEN_EXPIRED') === true
 */
export type M2MRejectedWhen = (answer: M2MTargetAnswer) => boolean | Promise<boolean>;

/** How the token of a caller is exchanged for one that goes to a target (RFC 8693). */
export interface M2MTokenExchangeOptions {
  /** The `requested_token_type`. @default none: the server's own choice */
  requestedTokenType?: string | undefined;
  /** The `subject_token_type`. @default 'urn:ietf:params:oauth:token-type:access_token' */
  subjectTokenType?: string | undefined;
  /** Whether the client's own token is sent as `actor_token`. @default 'none' */
  actor?: 'none' | 'client' | undefined;
  /**
   * What `aud` of the exchanged token must name, one of these; `null` sends it whatever it is for. @default `audience` and
   * `resource` of the request, and what comes before `/.default` in its scope
   */
  audience?: string | readonly string[] | null | undefined;
}

/** A service to call: its URL, and the token that goes there. What it says replaces what the client says. */
export interface M2MTarget extends Omit<M2MTokenOptions, 'audience'> {
  /**
   * The API that the token is for. A token that is relayed must name it in `aud`, by that or by `null`, which lets every token
   * pass that this service accepts. @default the client's
   */
  audience?: string | null | undefined;
  /**
   * Whose token requests carry. `own`: that of the client. `relay`: the token that the current inbound request came with, as it
   * is. `exchange`: one that the client gets in exchange for that. Without a token of a caller, a request fails with
   * NoCallerTokenError. @default 'own'
   */
  token?: 'own' | 'relay' | 'exchange' | undefined;
  /** How the token of the caller is exchanged, with `token: 'exchange'`. */
  exchange?: M2MTokenExchangeOptions | undefined;
  /** Origin and path prefix. Requests below it, and no others, carry the token. */
  url: string;
  /** A named client whose credentials are used. @default the client that the target belongs to */
  client?: M2MClientName | undefined;
  /**
   * Whose credentials may be used for it. `any-client`: also those of any other named client, by
   * `m2m.client('billing').for('products')` or `m2m: { client: 'billing' }`, with that client's defaults under what the
   * target says. @default 'its-client'
   */
  usableBy?: 'its-client' | 'any-client' | undefined;
  /**
   * Which answers of the target reject the token, so that it is replaced and the request is sent once more.
   *
   * `auto`: a 401, unless its challenge says that something else is wrong. `invalid_token`: a 401 whose challenge says so
   * (RFC 6750, section 3.1). `401`: any 401. `never`: none. A function decides about every answer. With `token: 'relay'`, none
   * does.
   *
   * @default 'auto'
   */
  rejectedWhen?: 'auto' | 'invalid_token' | '401' | 'never' | M2MRejectedWhen | undefined;
  /**
   * Whether a path below the prefix of `url` may hold encoded slashes (`%2F`). Even then no token goes to a path that,
   * decoded up to three times, holds a dot segment or a backslash. A target that is a whole origin takes them anyway.
   * @default 'refuse'
   */
  encodedSlashes?: 'refuse' | 'allow' | undefined;
  /** How the target is reached. @default Axios's own, with a timeout of 30 s */
  http?: M2MTargetHttpOptions | undefined;
}

/**
 * When a token is used up, and when a new one is fetched, in milliseconds. A leeway is capped at half of the lifetime,
 * and renewal begins no earlier than in the second half of what the leeway leaves.
 */
export interface M2MRenewalOptions {
  /** Milliseconds before its expiry from which a token is no longer used. @default min(10 000, 5 % of the lifetime) */
  leeway?: number | undefined;
  /** Milliseconds before its expiry from which a token is renewed in the background. @default min(600 000, 10 % of the lifetime) */
  ahead?: number | undefined;
  /** Milliseconds by which a renewal may come later, so that processes do not renew at once. @default half of the window left */
  jitter?: number | undefined;
}

/** How often a token request is attempted. */
export interface M2MRetryOptions {
  /** Requests in all. @default 3 */
  attempts?: number | undefined;
  /** Milliseconds before the second attempt, doubling, of which a random part is waited. @default 200 */
  delay?: number | undefined;
  /** The longest pause between two attempts, in milliseconds. @default 2000 */
  maxDelay?: number | undefined;
}

/**
 * How many token requests this process may make for a client. A fifth, at least one if there are two, is kept for
 * renewals of tokens in use. Beyond it valid tokens are served, and what needs a new one fails with BudgetExceededError.
 */
export interface M2MBudgetOptions {
  /** In any hour. @default unlimited */
  perHour?: number | undefined;
  /** In any 24 hours. @default unlimited */
  perDay?: number | undefined;
}

/** One OAuth client: its credentials, or the function that gets its tokens, and how it uses them. */
export interface M2MNamedClientOptions extends M2MTokenOptions {
  /** Who issues this client's tokens. @default the module's `authorizationServer` */
  authorizationServer?: AuthorizationServer | undefined;
  /**
   * The `client_id` under which the authorization server knows this service (RFC 6749, section 2.2). Required without
   * `accessTokenProvider`.
   */
  clientId?: string | undefined;
  /**
   * Gets the tokens itself, in place of `clientId` and an authorization server: from a cloud's metadata server, say. Beside
   * it there is no `clientId`, `clientSecret`, `clientAuthentication`, `authorizationServer`, `tokenStore`, `organization`
   * and `parameters`.
   */
  accessTokenProvider?: M2MAccessTokenProvider | undefined;
  /** The secret, or a function that fetches it: it is asked again when the credentials are refused. */
  clientSecret?: string | (() => string | Promise<string>) | undefined;
  /** How the client authenticates. @default what the authorization server takes a plain secret by */
  clientAuthentication?: ClientAuthentication | undefined;
  /** Where tokens are kept. @default this process's memory */
  tokenStore?: TokenStore | undefined;
  /** When tokens are renewed. */
  renewal?: M2MRenewalOptions | undefined;
  /** Milliseconds that a token request may take with all its attempts. @default 10000 */
  timeout?: number | undefined;
  /** How often a token request is attempted within `timeout`. */
  retry?: M2MRetryOptions | undefined;
  /** Whether tokens are fetched at `onApplicationBootstrap`; `required` fails the start without them. @default 'off' */
  warmup?: 'off' | 'background' | 'required' | undefined;
  /** What happens if fewer scopes are granted than requested: an event, an error, nothing. @default 'warn' */
  verifyScope?: 'warn' | 'strict' | 'off' | undefined;
  /** How many token requests may be made. @default unlimited */
  budget?: M2MBudgetOptions | undefined;
}

/** Finds named clients at run time: those of tenants, say. */
export interface M2MClientResolver {
  /**
   * The client of a name; `undefined` if there is none: requests for its token then fail.
   *
   * It is asked when a token of the client is needed, once for all calls that wait. An answer counts for a minute, and is
   * asked for again before that ends, in the background. If that fails, it counts for up to five; `undefined` counts for
   * 30 s. 1,000 clients are alive, those used last. It may take 5 s.
   *
   * @param name of at most 128 characters
   * @throws anything: calls that need the client then fail with CallbackError
   */
  resolve(
    name: M2MClientName,
  ): M2MNamedClientOptions | undefined | null | Promise<M2MNamedClientOptions | undefined | null>;
  /**
   * Hosts at which authorization servers that it returns may be reached although their address is private, link-local or
   * this machine's, without port: `keycloak.internal`, `10.0.0.7`, or `*.idp.internal` for all names below. @default none
   */
  allowedHosts?: readonly string[] | undefined;
}

/** The outbound half: who this service is, and which services it calls. */
export interface M2MClientOptions extends M2MNamedClientOptions {
  /** The services it calls, by name. */
  targets?: M2MByName<M2MTargetName, M2MTarget> | undefined;
  /** Further OAuth clients, by name, or a function that finds them at run time. */
  clients?:
    M2MByName<M2MClientName, M2MNamedClientOptions> | M2MClientResolver['resolve'] | M2MClientResolver | undefined;
}
