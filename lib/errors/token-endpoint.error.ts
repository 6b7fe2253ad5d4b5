import { M2MError } from './m2m.error.js';

/** The token endpoint could not be reached, or answered something that is not a token response. */
export class TokenEndpointError extends M2MError {
  static {
    this.prototype.name = 'TokenEndpointError';
  }

  readonly code = 'ERR_M2M_TOKEN_ENDPOINT';
}
