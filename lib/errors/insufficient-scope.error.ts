import { M2MError } from './m2m.error.js';

/** The caller's access token lacks a scope that the route needs. */
export class InsufficientScopeError extends M2MError {
  static {
    this.prototype.name = 'InsufficientScopeError';
  }

  readonly code = 'ERR_M2M_INSUFFICIENT_SCOPE';
}
