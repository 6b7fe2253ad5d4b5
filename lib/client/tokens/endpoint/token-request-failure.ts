import { TokenRequestError } from '../../../errors/token-request.error.js';
import type { FailureClass } from './failure-class.js';

/** A token request failed. It never reaches a caller, who gets its `error`. */
export class TokenRequestFailure extends Error {
  /**
   * @param error the error for the caller
   * @param sent whether the request was sent
   * @param credential fingerprint of the credential that the request was sent with, if there was one
   */
  constructor(
    readonly error: Error,
    readonly failureClass: FailureClass,
    readonly sent: boolean,
    readonly credential?: string,
  ) {
    super(error.message);
  }

  /** Seconds, as the server asked in `Retry-After`. */
  get retryAfter(): number | undefined {
    return this.error instanceof TokenRequestError ? this.error.retryAfter : undefined;
  }
}
