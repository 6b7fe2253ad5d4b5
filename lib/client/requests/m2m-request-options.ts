import type { CallerToken } from '../../caller/caller-token.js';
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
   * `undefined` is refused: a request for a tenant that is missing must not get the token of another client.
   * @default the target's client; for `m2m.client('billing')`, that one
   */
  client?: M2MClientName;
  /**
   * The caller on whose behalf the request is made, for a target with `token: 'relay'` or `'exchange'`: what `@CallerToken()`
   * gives a handler.
   * `undefined` is refused. @default the caller of the inbound request that the code runs for
   */
  onBehalfOf?: CallerToken;
  /** Fetches a new token even if the current one is valid. @default false */
  forceRenewal?: boolean | undefined;
}
