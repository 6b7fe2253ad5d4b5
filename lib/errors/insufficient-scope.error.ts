import { M2MError } from './m2m.error.js';
import type { RefusedClient } from './refused-client.js';

/** The caller's access token lacks a scope that the route needs. */
export class InsufficientScopeError extends M2MError {
  static {
    this.prototype.name = 'InsufficientScopeError';
  }

  readonly code = 'ERR_M2M_INSUFFICIENT_SCOPE';

  /** The client that was refused; `undefined` if this error was made without it. */
  readonly clientId: string | undefined;
  /** The `issuer` of its authorization server. */
  readonly issuer: string | undefined;

  constructor(message: string, options: ErrorOptions & RefusedClient = {}) {
    super(message, options);
    this.clientId = options.clientId;
    this.issuer = options.issuer;
  }
}
