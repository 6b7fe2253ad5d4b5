import type { Grant } from '../grants/grant.js';

/** A token request that is ready to be sent any number of times. */
export interface PreparedTokenRequest {
  /** The key under which its tokens and failures are kept. */
  readonly key: string;
  readonly grant: Grant;
}
