import type { RequestedToken } from '../../events/m2m-client-event.js';
import type { WireParameters } from '../endpoint/token-request-parameters.js';

/** What tokens are requested with, and the key they are kept under. */
export interface PreparedTokenRequest {
  readonly key: string;
  readonly parameters: WireParameters;
  readonly requested: RequestedToken;
}
