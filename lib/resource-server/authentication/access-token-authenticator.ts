import type { VerifiedCaller } from '../../caller/verified-caller.js';

/**
 * Tells whether an access token is genuine, and whom it names.
 *
 * One implementation stands for each kind of proof: a signature (RFC 7515), the word of the authorization server (RFC 7662).
 */
export interface AccessTokenAuthenticator {
  /**
   * Whether a token is one for this authenticator.
   *
   * @param issuer the `iss` that the token names, unverified; `undefined` if it is not a JWT
   */
  accepts(token: string, issuer: string | undefined): boolean;
  /**
   * @throws InvalidTokenError if the token is not genuine, or not for this resource server
   * @throws CallerNotAllowedError if its caller is not one of those allowed
   * @throws KeysUnavailableError if that cannot be known now
   */
  authenticate(token: string): Promise<AuthenticatedToken>;
  /** Resolves if tokens can be authenticated. @throws KeysUnavailableError */
  ready(): Promise<void>;
}

/** A genuine token: what is kept of it, and what every further request with it is measured by. */
export interface AuthenticatedToken {
  /** Whom it names. `admit` alone hands it out. */
  readonly caller: VerifiedCaller;
  /** Milliseconds since the epoch, by the wall clock. */
  readonly acceptedUntil: number;
  /** Its `cnf`, as it stands there; `undefined` if it is bound to nothing (RFC 7800, section 3.1). */
  readonly confirmation: unknown;
  readonly jti: string | undefined;
  /** Its `iat`, in seconds since the epoch. */
  readonly issuedAt: number | undefined;
  /** Whether the proof that it passed by still holds: a key may be withdrawn. */
  isStillValid(): boolean;
}
