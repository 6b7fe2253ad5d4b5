import { M2MError } from './m2m.error.js';

/** A token was asked for a request whose URL no target allows it to go to; the request was not sent. */
export class UntrustedTargetError extends M2MError {
  static {
    this.prototype.name = 'UntrustedTargetError';
  }

  readonly code = 'ERR_M2M_UNTRUSTED_TARGET';
}
