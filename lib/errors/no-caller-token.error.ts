import { M2MError } from './m2m.error.js';

/** A request to a target is to carry the token of the caller, or one in exchange for it, and there is none that may be used. */
export class NoCallerTokenError extends M2MError {
  static {
    this.prototype.name = 'NoCallerTokenError';
  }

  readonly code = 'ERR_M2M_NO_CALLER_TOKEN';
}
