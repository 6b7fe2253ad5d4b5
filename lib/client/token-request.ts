import type { M2MRequestOptions } from './requests/axios-request-config.js';

/** Which token to get. What it says replaces what the target says, which replaces what the client says. */
export interface TokenRequest extends M2MRequestOptions {
  /** The target whose token it is. @default none: what the client says is asked for */
  target?: string | undefined;
  /** Ends this caller's wait; a request that others wait for goes on. */
  signal?: AbortSignal | undefined;
}
