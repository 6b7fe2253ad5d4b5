import { M2MError } from './m2m.error.js';

/** The token store failed. It reaches events and logs only: a failing store is a cache miss, never a failed call. */
export class TokenStoreError extends M2MError {
  static {
    this.prototype.name = 'TokenStoreError';
  }

  readonly code = 'ERR_M2M_TOKEN_STORE';
}
