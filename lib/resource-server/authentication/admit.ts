import type { M2MCaller } from '../../caller/m2m-caller.js';
import { InvalidTokenError } from '../../errors/invalid-token.error.js';
import type { AuthenticatedToken } from './access-token-authenticator.js';
import { expired, tooOld } from './token-time-errors.js';

/** How a token came with one request. */
export interface Presentation {
  readonly scheme: 'Bearer' | 'DPoP';
  /** The SHA-256 thumbprint of the key that a verified DPoP proof was signed with (RFC 9449, section 4.3). */
  readonly proofThumbprint: string | undefined;
  /** The SHA-256 thumbprint of the client's certificate (RFC 8705, section 3.1). */
  readonly certificateThumbprint: string | undefined;
  /** Milliseconds since the epoch, by the wall clock. */
  readonly time: number;
}

/**
 * The one door: lets in the caller of a token that came in this way, whether the token was authenticated now or before.
 *
 * @throws InvalidTokenError if the token has expired or is too old, or is bound to a key or a certificate that the request does not show
 * @see {@link https://www.rfc-editor.org/rfc/rfc7800#section-3.1 RFC 7800, section 3.1}
 */
export function admit(authenticated: AuthenticatedToken, presentation: Presentation): M2MCaller {
  const { caller, acceptedUntil, confirmation } = authenticated;
  if (presentation.time >= acceptedUntil) throw noLongerAccepted(authenticated, presentation.time);
  if (confirmation !== undefined) checkConfirmation(confirmation, presentation);
  else if (presentation.scheme === 'DPoP') throw notBound();
  return caller;
}

/** A token that has not expired is refused by its age. */
function noLongerAccepted({ caller, acceptedUntil }: AuthenticatedToken, time: number): InvalidTokenError {
  return time >= caller.expiresAt ? expired(time - caller.expiresAt) : tooOld(time - acceptedUntil);
}

function checkConfirmation(confirmation: unknown, presentation: Presentation): void {
  const members = typeof confirmation === 'object' && confirmation !== null ? Object.entries(confirmation) : [];
  const isMet = members.length > 0 && members.every(([name, value]) => isShown(name, value, presentation));
  if (!isMet) {
    const message = 'the token is bound to a key or a certificate ("cnf") that did not come with it';
    throw new InvalidTokenError('sender-constrained', message);
  }
  if (presentation.scheme === 'DPoP' && !members.some(([name]) => name === 'jkt')) throw notBound();
}

/** A member that is not understood is a condition that cannot be met. */
function isShown(name: string, value: unknown, presentation: Presentation): boolean {
  const { scheme, proofThumbprint, certificateThumbprint } = presentation;
  if (typeof value !== 'string') return false;
  if (name === 'jkt') return scheme === 'DPoP' && value === proofThumbprint;
  return name === 'x5t#S256' && value === certificateThumbprint;
}

function notBound(): InvalidTokenError {
  return new InvalidTokenError('sender-constrained', 'the token came as DPoP, and is bound to no key');
}
