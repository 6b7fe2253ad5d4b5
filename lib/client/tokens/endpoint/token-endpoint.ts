import type { TokenQuota } from '../../events/stats.js';
import type { Grant } from '../grants/grant.js';
import type { IssuedToken } from '../token/cached-token.js';

/** A place that issues tokens to one client. */
export interface TokenEndpoint {
  /** How many token requests the server still takes, if it says. */
  readonly quota?: readonly TokenQuota[];
  /** Whether it keeps a credential for further requests, so that a refused one may be out of date. */
  readonly keepsCredential?: boolean;

  /**
   * Requests a token, once.
   *
   * @param attempt.timeout milliseconds for all of it
   * @throws TokenRequestFailure
   */
  request(grant: Grant, attempt: { readonly timeout: number }): Promise<IssuedToken>;

  /**
   * Whether the next request would be sent with another credential than the one that was refused.
   *
   * @param refused its fingerprint
   * @param timeout milliseconds
   */
  hasNewCredential?(refused: string, timeout: number): Promise<boolean>;
}
