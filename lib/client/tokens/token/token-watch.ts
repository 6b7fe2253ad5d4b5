import type { RequestedToken } from '../../events/requested-token.js';

/** What is of interest for a log, and not for `events$`. */
export interface TokenWatch {
  /** A call had to wait, and got a new token, or the error. */
  called(requested: RequestedToken, error?: unknown): void;
  /** The token store works again. */
  readonly storeRecovered: () => void;
  /** A subscriber to the changes of a token threw. */
  subscriberFailed(thrown: unknown): void;
  /** The function that returns the client's credential works again. */
  readonly credentialRecovered: () => void;
}
