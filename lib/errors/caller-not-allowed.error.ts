import { M2MError } from './m2m.error.js';

/** The access token is valid, but its client, organization or kind of caller is not allowed here. */
export class CallerNotAllowedError extends M2MError {
  static {
    this.prototype.name = 'CallerNotAllowedError';
  }

  readonly code = 'ERR_M2M_CALLER_NOT_ALLOWED';

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
