import { M2MError } from './m2m.error.js';

/** The authorization server's metadata could not be read, or is not that of the issuer asked for. */
export class DiscoveryError extends M2MError {
  static {
    this.prototype.name = 'DiscoveryError';
  }

  readonly code = 'ERR_M2M_DISCOVERY';
}
