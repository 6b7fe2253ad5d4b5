import type { M2MTargetName } from '../options/m2m-names.js';
import type { M2MRequestOptions } from './requests/axios-request-config.js';

/**
 * Which token to get. Its fields replace those of the target, which replace those of the client.
 *
 * @example getToken({ target: 'shop', scope: 'write:products' })
 */
export interface TokenRequest extends M2MRequestOptions {
  /** The name of the target whose token it is. @default none: the token that the client's options describe */
  target?: M2MTargetName | undefined;
  /** Ends this caller's wait. A token request that others wait for goes on. @default none */
  signal?: AbortSignal | undefined;
}
