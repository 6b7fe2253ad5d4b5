import { M2MError } from './m2m.error.js';

/** The caller's access token lacks a scope that the route needs. */
export class InsufficientScopeError extends M2MError {
  static {
    this.prototype.name = 'InsufficientScopeError';
  }

  readonly code = 'ERR_M2M_INSUFFICIENT_SCOPE';

  constructor(
    message: string,
    /** The client that the token was issued to; `undefined` if a function of the options threw this error. */
    readonly clientId?: string,
    /** The `issuer` of its authorization server. */
    readonly issuer?: string,
  ) {
    super(message);
  }
}
