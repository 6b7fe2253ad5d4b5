import type { Grant } from '../grants/grant.js';
import type { CachedToken } from './cached-token.js';

/** A token request that is ready to be sent any number of times. */
export interface PreparedTokenRequest {
  /** The key under which its tokens and failures are kept. */
  readonly key: string;
  readonly grant: Grant;
}

/** The last token, for the search of the next one. */
export interface PreviousToken {
  readonly value: string;
  /** Whether it is used until the next one comes. */
  readonly valid: boolean;
  /** Milliseconds that the next one has to live at least, to be a better one. 0 if this one was rejected. */
  readonly remaining: number;
  /** Milliseconds by which the next one may be postponed, because nobody waits for it. */
  readonly spare: number;
}

/** The way to new tokens. */
export interface TokenAcquirer {
  /**
   * Acquires a token other than the previous one.
   *
   * @throws RequestPostponed if the same request failed a moment ago
   * @throws RenewalPostponed if the previous token should be used for some more time
   * @throws TokenRequestError, TokenEndpointError, DiscoveryError, BudgetExceededError, M2MConfigurationError
   */
  acquire(request: PreparedTokenRequest, previous: PreviousToken | undefined): Promise<CachedToken>;
  /** Removes a token that is kept for other processes. With `ifValue`, only if it is still that one. */
  forget?(key: string, ifValue: string | undefined): Promise<void>;
  /** Removes tokens that are kept for other processes, and leaves none of those that are on their way. */
  discard?(keys: readonly string[]): Promise<void>;
  /** Resolves when other processes can see the result of all requests that have ended. */
  settled?(): Promise<void>;
}
