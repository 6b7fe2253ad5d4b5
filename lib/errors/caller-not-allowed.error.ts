import { M2MError } from './m2m.error.js';
import type { RefusedClient } from './refused-client.js';

/** The access token is valid, but its client, organization or kind of caller is not allowed here. */
export class CallerNotAllowedError extends M2MError {
  static {
    this.prototype.name = 'CallerNotAllowedError';
  }

  readonly code = 'ERR_M2M_CALLER_NOT_ALLOWED';

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
