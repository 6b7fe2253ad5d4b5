import type { TokenParameters } from '../../authorization-servers/authorization-server.js';
import type { M2MError } from '../../errors/m2m.error.js';

/** What a token was asked for. Further parameters are left out: nobody knows what they hold. */
export type RequestedToken = Omit<TokenParameters, 'parameters'>;

interface TokenEvent {
  /** The named client of the options; `undefined` for the module's own. */
  readonly client: string | undefined;
  readonly requested: RequestedToken;
}

/** A token request brought the first token, or a token after the last one was used up. */
export interface TokenIssuedEvent extends TokenEvent {
  readonly type: 'issued';
  /** Milliseconds that the token lives. */
  readonly lifetime: number;
}

/** A token request brought a token while the one before was still valid. */
export interface TokenRenewedEvent extends TokenEvent {
  readonly type: 'renewed';
  /** Milliseconds that the token lives. */
  readonly lifetime: number;
}

/** No token could be had, and calls that needed one failed. */
export interface TokenRequestFailedEvent extends TokenEvent {
  readonly type: 'request-failed';
  readonly error: Error;
}

/** A renewal failed while the token before is still valid, and goes on being used. */
export interface TokenRenewalFailedEvent extends TokenEvent {
  readonly type: 'renewal-failed';
  readonly error: Error;
}

/** A call got a token that is about to expire, because no newer one can be had. */
export interface TokenServedDuringOutageEvent extends TokenEvent {
  readonly type: 'served-during-outage';
  /** Milliseconds until the token expires. */
  readonly remaining: number;
}

/** A target answered 401 to a token. */
export interface TokenRejectedEvent extends TokenEvent {
  readonly type: 'rejected';
  /** The target's name. */
  readonly target: string;
  /** Whether a new token is fetched and the request sent once more. */
  readonly renewed: boolean;
}

/** Fewer scopes were granted than asked for. */
export interface ScopeMissingEvent extends TokenEvent {
  readonly type: 'scope-missing';
  readonly missing: readonly string[];
}

/** The token store failed, or held what cannot be used; it was passed over. */
export interface TokenStoreFailedEvent {
  readonly type: 'store-failed';
  /** The named client of the options; `undefined` for the module's own. */
  readonly client: string | undefined;
  readonly error: M2MError;
}

/** What happens to the tokens of outbound calls. Never holds a token or a secret. Types may be added in a minor version. */
export type M2MClientEvent =
  | TokenIssuedEvent
  | TokenRenewedEvent
  | TokenRequestFailedEvent
  | TokenRenewalFailedEvent
  | TokenServedDuringOutageEvent
  | TokenRejectedEvent
  | ScopeMissingEvent
  | TokenStoreFailedEvent;
