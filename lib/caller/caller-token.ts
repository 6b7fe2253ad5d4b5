import { inspect } from 'node:util';
import { NoCallerTokenError } from '../errors/no-caller-token.error.js';
import type { M2MCaller } from './m2m-caller.js';

/** What everything prints in place of a token. */
const PRINTED = '[token]';

/**
 * A handle of the access token that an inbound request came with, for `m2m: { onBehalfOf }`. It is of use as long as that
 * request is open, and shows the token to nobody: it prints as `[token]`.
 */
export interface CallerToken {
  /** Its kind, as printers name it. */
  readonly [Symbol.toStringTag]: 'CallerToken';
  /** `[token]` */
  toString(): string;
  /** `[token]` */
  toJSON(): string;
}

/** The token that a guard accepted of a request. */
export interface AcceptedToken {
  readonly value: string;
  /**
   * Lets it in once more, as with a new request: it may have expired, or have been withdrawn meanwhile.
   *
   * @throws InvalidTokenError, CallerNotAllowedError, KeysUnavailableError
   */
  readonly admit: () => Promise<M2MCaller>;
}

/** The token of a caller, as it is used for one outbound request. */
export interface SubjectToken {
  readonly value: string;
  /** Whom it names. */
  readonly caller: M2MCaller;
}

/** What handles stand for; those of requests that have ended are not in it. */
const acceptedTokens = new WeakMap<object, AcceptedToken>();

class Handle implements CallerToken {
  get [Symbol.toStringTag](): 'CallerToken' {
    return 'CallerToken';
  }

  toString(): string {
    return PRINTED;
  }

  toJSON(): string {
    return PRINTED;
  }

  /** @internal */
  [inspect.custom](): string {
    return PRINTED;
  }
}

/** A handle of its own for the token of one request. */
export function openCallerToken(token: AcceptedToken): CallerToken {
  const handle = Object.freeze(new Handle());
  acceptedTokens.set(handle, token);
  return handle;
}

/** Whether a handle stands for a token. */
export function standsFor(handle: CallerToken, { value }: AcceptedToken): boolean {
  return acceptedTokens.get(handle)?.value === value;
}

/** A handle of a request that has ended. */
export function endedCallerToken(): CallerToken {
  return Object.freeze(new Handle());
}

/** Makes a handle useless for good. */
export function eraseCallerToken(handle: CallerToken): void {
  acceptedTokens.delete(handle);
}

/** Whether a value is a handle, of a request that is open or not. */
export function isCallerToken(value: unknown): value is CallerToken {
  return value instanceof Handle;
}

/**
 * The token that a handle stands for, let in once more.
 *
 * @throws NoCallerTokenError if its request has ended, if it is accepted no longer, or if it is bound to a key or certificate
 */
export async function presentCallerToken(handle: CallerToken): Promise<SubjectToken> {
  const accepted = acceptedOf(handle);
  let caller: M2MCaller;
  try {
    caller = await accepted.admit();
  } catch (cause) {
    throw new NoCallerTokenError("the caller's token is accepted no longer", { cause });
  }
  requireOpen(handle);
  // The key stays with the caller (RFC 7800, section 3.1).
  if (caller.claims['cnf'] !== undefined) {
    throw new NoCallerTokenError("the caller's token is bound to a key or a certificate that only the caller has");
  }
  return Object.freeze({ value: accepted.value, caller });
}

/** Whether the request of a handle is still open. */
export function isOpen(handle: CallerToken): boolean {
  return acceptedTokens.has(handle);
}

/** Stops what began while a request was open, and has taken a while. @throws NoCallerTokenError if the request has ended */
export function requireOpen(handle: CallerToken): void {
  acceptedOf(handle);
}

function acceptedOf(handle: CallerToken): AcceptedToken {
  const accepted = acceptedTokens.get(handle);
  if (accepted) return accepted;
  throw new NoCallerTokenError('the request that the token came with has ended');
}
