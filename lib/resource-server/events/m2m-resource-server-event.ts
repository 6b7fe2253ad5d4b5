import type { M2MCaller } from '../../caller/m2m-caller.js';
import type { CallerNotAllowedError } from '../../errors/caller-not-allowed.error.js';
import type { InsufficientScopeError } from '../../errors/insufficient-scope.error.js';
import type { InvalidTokenError } from '../../errors/invalid-token.error.js';
import type { KeysUnavailableError } from '../../errors/keys-unavailable.error.js';

/** A token that was not in the cache was verified and accepted. */
export interface TokenVerifiedEvent {
  /** Tells the events apart. */
  readonly type: 'token-verified';
  /** Who is calling. */
  readonly caller: M2MCaller;
  /** Milliseconds that it took, with what was fetched for it. */
  readonly duration: number;
}

/** A token was not accepted. */
export interface TokenRefusedEvent {
  /** Tells the events apart. */
  readonly type: 'token-refused';
  /** Its `reason` is not answered. */
  readonly error: InvalidTokenError;
}

/** A token was accepted, its caller was not. */
export interface CallerRefusedEvent {
  /** Tells the events apart. */
  readonly type: 'caller-refused';
  /** Its message is not answered. */
  readonly error: CallerNotAllowedError | InsufficientScopeError;
  /** `undefined` if it was refused before it could be read. */
  readonly caller?: M2MCaller | undefined;
}

/** A token could not be verified, and the answer was 503. */
export interface KeysUnavailableEvent {
  /** Tells the events apart. */
  readonly type: 'keys-unavailable';
  /** Why: its `cause` is what the fetch failed with. */
  readonly error: KeysUnavailableError;
}

/** A key set was fetched. */
export interface KeySetFetchedEvent {
  /** Tells the events apart. */
  readonly type: 'key-set-fetched';
  /** The `issuer` of the authorization server. */
  readonly issuer: string;
  /** The `kid`s of the usable keys; `undefined` for a key without. */
  readonly keys: readonly (string | undefined)[];
  /** The `kid`s of the keys that are gone. Tokens signed with them no longer pass. */
  readonly withdrawn: readonly (string | undefined)[];
}

/** A key set could not be fetched. The keys at hand stay in use for `keySet.staleIfError`. */
export interface KeySetFailedEvent {
  /** Tells the events apart. */
  readonly type: 'key-set-failed';
  /** The `issuer` of the authorization server. */
  readonly issuer: string;
  /** What the fetch failed with. */
  readonly error: Error;
}

/** `trust.resolve` could not be asked again for an issuer that it had found. What it answered before is used for up to 5 min. */
export interface IssuerLookupFailedEvent {
  /** Tells the events apart. */
  readonly type: 'issuer-lookup-failed';
  /** The issuer that it was asked for. */
  readonly issuer: string;
  /** Why: its `cause` says what the function did. */
  readonly error: Error;
}

/** What happened at the inbound half, with reasons that no caller gets. Types may be added in a minor version. */
export type M2MResourceServerEvent =
  | TokenVerifiedEvent
  | TokenRefusedEvent
  | CallerRefusedEvent
  | KeysUnavailableEvent
  | KeySetFetchedEvent
  | KeySetFailedEvent
  | IssuerLookupFailedEvent;
