import type { CredentialCallback } from '../../../client-authentication/credential-callback.js';
import type { TokenQuota } from '../../events/stats.js';
import type { Grant } from '../grants/grant.js';
import type { IssuedToken } from '../token/cached-token.js';

/** A place that issues tokens to one client. */
export interface TokenEndpoint {
  /** How many token requests the server still takes, if it says. */
  readonly quota?: readonly TokenQuota[];
  /** Milliseconds that the clock of the server is ahead of this one, if its last answer says. */
  readonly clockSkew?: number | undefined;
  /** The client's credential. A refused one may be out of date, if a function of the options returned it. */
  readonly credential?: Pick<CredentialCallback, 'isCached' | 'changedSince' | 'recheck'> | undefined;

  /**
   * SHA-256 thumbprint of the certificate that the next request shows. `undefined`: none, or it is not known yet. Tokens that
   * are bound to another one are out of date.
   */
  readonly certificate?: string | undefined;

  /** Whether its requests may show a client certificate, so that tokens may be bound to that (RFC 8705, section 3). */
  presentsCertificate?(): boolean;

  /**
   * Requests a token, once.
   *
   * @param attempt.timeout milliseconds for all of it
   * @param attempt.answerTimeout milliseconds of them for the answers of the server. Default: all of them
   * @throws TokenRequestFailure
   */
  request(
    grant: Grant,
    attempt: { readonly timeout: number; readonly answerTimeout?: number | undefined },
  ): Promise<IssuedToken>;
}
