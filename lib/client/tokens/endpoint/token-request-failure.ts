import { TokenRequestError } from '../../../errors/token-request.error.js';
import type { FailureClass } from './failure-class.js';

/** The facts about a failed token request. */
export interface TokenRequestFailureFacts {
  readonly failureClass: FailureClass;
  /** Whether the request was sent. */
  readonly sent: boolean;
  /** Fingerprint of the credential that the request was sent with, if there was one. */
  readonly credential?: string | undefined;
}

/** A token request failed. It never reaches a caller, who gets its `error`. */
export class TokenRequestFailure extends Error {
  readonly failureClass: FailureClass;
  readonly sent: boolean;
  readonly credential: string | undefined;

  /** @param error the error for the caller */
  constructor(
    readonly error: Error,
    { failureClass, sent, credential }: TokenRequestFailureFacts,
  ) {
    super(error.message);
    this.failureClass = failureClass;
    this.sent = sent;
    this.credential = credential;
  }

  /** Seconds, as the server asked in `Retry-After`. */
  get retryAfter(): number | undefined {
    return this.error instanceof TokenRequestError ? this.error.retryAfter : undefined;
  }
}
