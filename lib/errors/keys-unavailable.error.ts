import { M2MError } from './m2m.error.js';

/**
 * The keys to verify a token with could not be obtained, or the authorization server did not say whether it is active: the
 * token is not at fault.
 */
export class KeysUnavailableError extends M2MError {
  static {
    this.prototype.name = 'KeysUnavailableError';
  }

  readonly code = 'ERR_M2M_KEYS_UNAVAILABLE';

  constructor(
    message: string,
    /** Seconds until it is worth asking again; at least 1. */
    readonly retryAfter: number,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}
