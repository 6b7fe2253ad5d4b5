import type { AskedToken } from '../../events.js';
import type { WireParameters } from '../endpoint/token-parameters-on-the-wire.js';

/** What tokens are requested with, and the key they are kept under. */
export interface TokenDemand {
  readonly key: string;
  readonly parameters: WireParameters;
  readonly asked: AskedToken;
}
