import type { M2MTokenOptions } from '../../options/client-options.js';
import type { M2MClientName } from '../../options/m2m-names.js';

/**
 * Which token one request carries. Its fields replace those of the target.
 *
 * @example http.post(url, product, { m2m: { scope: ['write:products'] } })
 */
export interface M2MRequestOptions extends M2MTokenOptions {
  /**
   * The named client whose credentials are used, for a target of that client, or one that is `usableBy: 'any-client'`.
   * @default the target's client; for `m2m.client('billing')`, that one
   */
  client?: M2MClientName | undefined;
  /** Fetches a new token even if the current one is valid. @default false */
  forceRenewal?: boolean | undefined;
}
