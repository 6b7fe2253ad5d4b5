import type { M2MTokenOptions } from '../../options/client-options.js';

/**
 * Which token one request carries. Its fields replace those of the target.
 *
 * @example http.post(url, product, { m2m: { scope: ['write:products'] } })
 */
export interface M2MRequestOptions extends M2MTokenOptions {
  /** Fetches a new token even if the current one is valid. @default false */
  forceRenewal?: boolean | undefined;
}
