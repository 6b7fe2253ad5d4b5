import type { M2MClientName, M2MTargetName } from '../../options/m2m-names.js';
import type { M2MError } from '../../errors/m2m.error.js';
import type { RequestedToken } from './requested-token.js';

/** The fields of every event about one kind of token. */
export interface TokenEvent {
  /** The named client of the options; `undefined` for the module's own. */
  readonly client: M2MClientName | undefined;
  /** What was requested for the token. */
  readonly requested: RequestedToken;
}

/** A token request brought the first token, or a token after the last one was used up. */
export interface TokenIssuedEvent extends TokenEvent {
  /** The kind of event. */
  readonly type: 'issued';
  /** Milliseconds that the token lives. */
  readonly lifetime: number;
  /** Milliseconds that its request took, further attempts and pauses between them included. */
  readonly duration: number;
}

/** A token request brought a token while the one before was still valid. */
export interface TokenRenewedEvent extends TokenEvent {
  /** The kind of event. */
  readonly type: 'renewed';
  /** Milliseconds that the token lives. */
  readonly lifetime: number;
  /** Milliseconds that its request took, further attempts and pauses between them included. */
  readonly duration: number;
}

/** What a failed token request means: nobody gets a token of that endpoint, or of that client, or that token. */
export type FailedRequestsSubject = 'endpoint' | 'client' | 'token';

/** No token could be had, and calls that needed one failed. */
export interface TokenRequestFailedEvent extends TokenEvent {
  /** The kind of event. */
  readonly type: 'request-failed';
  /** The error that the calls got. */
  readonly error: Error;
  /** What fails: all requests to that endpoint, all of that client, or those for that token. */
  readonly concerns: FailedRequestsSubject;
  /** Milliseconds that the request took, further attempts and pauses between them included. */
  readonly duration: number;
}

/** A renewal failed while the token before is still valid, and goes on being used. */
export interface TokenRenewalFailedEvent extends TokenEvent {
  /** The kind of event. */
  readonly type: 'renewal-failed';
  /** The reason. No call got it. */
  readonly error: Error;
  /** What fails: all requests to that endpoint, all of that client, or those for that token. */
  readonly concerns: FailedRequestsSubject;
  /** Milliseconds that the request took, further attempts and pauses between them included. */
  readonly duration: number;
}

/** A call got a token that is about to expire, because no newer one can be had. */
export interface TokenServedDuringOutageEvent extends TokenEvent {
  /** The kind of event. */
  readonly type: 'served-during-outage';
  /** Milliseconds until the token expires. */
  readonly remaining: number;
}

/** A target rejected a token. */
export interface TokenRejectedEvent extends TokenEvent {
  /** The kind of event. */
  readonly type: 'rejected';
  /** The target's name. */
  readonly target: M2MTargetName;
  /** Whether there is another token now. The request is sent once more with it, unless its body was a stream. */
  readonly renewed: boolean;
}

/**
 * A target answered 401 without a challenge to a token and to its replacement. Such answers are not listened to for some
 * time, and their tokens are not replaced.
 */
export interface RejectionsIgnoredEvent extends TokenEvent {
  /** The kind of event. */
  readonly type: 'rejections-ignored';
  /** The target's name. */
  readonly target: M2MTargetName;
  /** Milliseconds. */
  readonly duration: number;
}

/** A target rejected a token that is bound to a client certificate, and its connection presents none or another (RFC 8705). */
export interface CertificateMissingEvent extends TokenEvent {
  /** The kind of event. */
  readonly type: 'certificate-missing';
  /** The target's name. */
  readonly target: M2MTargetName;
}

/** A target refused a request, because its token has too few scopes (RFC 6750, section 3.1). */
export interface ScopeRefusedEvent extends TokenEvent {
  /** The kind of event. */
  readonly type: 'scope-refused';
  /** The target's name. */
  readonly target: M2MTargetName;
  /** The scopes that the target asks for; empty if it does not say. */
  readonly missing: readonly string[];
}

/** The function `rejectedWhen` of a target failed. The answer that it was asked about stands. */
export interface RejectedWhenFailedEvent extends TokenEvent {
  /** The kind of event. */
  readonly type: 'rejected-when-failed';
  /** The target's name. */
  readonly target: M2MTargetName;
  /** The reason. No call got it. */
  readonly error: M2MError;
}

/** Fewer scopes were granted than requested (RFC 6749, section 5.1). */
export interface ScopeMissingEvent extends TokenEvent {
  /** The kind of event. */
  readonly type: 'scope-missing';
  /** The scopes that were requested and not granted. */
  readonly missing: readonly string[];
}

/** The token store failed, or held a value that cannot be used. The token was got without it. */
export interface TokenStoreFailedEvent {
  /** The kind of event. */
  readonly type: 'store-failed';
  /** The named client of the options; `undefined` for the module's own. */
  readonly client: M2MClientName | undefined;
  /** The reason. No call got it. */
  readonly error: M2MError;
  /** Whether it is passed over for a second. If not, one of its values cannot be used. */
  readonly isDown: boolean;
}

/** The function that returns what a client authenticates with failed, or returned nothing usable. What it returned before is used. */
export interface CredentialFailedEvent {
  /** The kind of event. */
  readonly type: 'credential-failed';
  /** The named client of the options; `undefined` for the module's own. */
  readonly client: M2MClientName | undefined;
  /** The reason. No call got it. */
  readonly error: M2MError;
}

/** A function of the options returned another secret, key or certificate, which is used from now on. */
export interface CredentialChangedEvent {
  /** The kind of event. */
  readonly type: 'credential-changed';
  /** The named client of the options; `undefined` for the module's own. */
  readonly client: M2MClientName | undefined;
  /** SHA-256 of the public key (SPKI) or of the certificate, base64url. `undefined` for a secret. */
  readonly thumbprint: string | undefined;
}

/** An event of the tokens of outbound calls. It never holds a token or a secret. A minor version may add types. */
export type M2MClientEvent =
  | TokenIssuedEvent
  | TokenRenewedEvent
  | TokenRequestFailedEvent
  | TokenRenewalFailedEvent
  | TokenServedDuringOutageEvent
  | TokenRejectedEvent
  | RejectionsIgnoredEvent
  | CertificateMissingEvent
  | ScopeRefusedEvent
  | RejectedWhenFailedEvent
  | ScopeMissingEvent
  | TokenStoreFailedEvent
  | CredentialFailedEvent
  | CredentialChangedEvent;
