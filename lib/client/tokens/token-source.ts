import type { TokenParameters } from '../../authorization-servers/authorization-server.js';
import type { AccessToken } from './token/access-token.js';

/** How one caller wants its token. */
export interface TokenSourceOptions {
  /** Ends this caller's wait, and no one else's. */
  readonly signal?: AbortSignal | undefined;
  /** Fetch a new token even if the current one is valid. */
  readonly forceRenewal?: boolean | undefined;
  /** Whether it is for a call that got a token before, and is counted already. */
  readonly again?: boolean | undefined;
}

/** Where the tokens of one OAuth client come from. */
export interface TokenSource {
  getAccessToken(parameters: TokenParameters, options?: TokenSourceOptions): Promise<AccessToken>;
  /** Forgets a token; with `ifValue`, only if it is still that one. */
  invalidate(parameters: TokenParameters, ifValue?: string): Promise<void>;
}
