import type { M2MTargetName } from '../../options/m2m-names.js';

/** How many token requests a server still takes, as it says itself (Auth0). */
export interface TokenQuota {
  /** The period by the server's name: `per_hour`, `per_day`. */
  readonly period: string;
  /** Token requests in a period. */
  readonly limit: number;
  /** Token requests left in this period. */
  readonly remaining: number;
  /** Milliseconds from the answer that said so until the next period. */
  readonly resetsIn: number;
}

/** What is known of a token now. */
export interface TokenState {
  /** Milliseconds until it expires; 0 if there is none. */
  readonly remaining: number;
  /** Milliseconds that it lived when it came; 0 if there is none. */
  readonly lifetime: number;
  /** When the last attempt to get the next one failed, in milliseconds since the epoch; `undefined` if it did not fail. */
  readonly failedAt: number | undefined;
}

/** A token that the options describe, and that was requested. */
export interface M2MTokenStats extends TokenState {
  /** The target that it is for; `undefined`: the one that is got without a target. */
  readonly target: M2MTargetName | undefined;
}

/** The token requests of a client since the start of the application, and the calls that needed none. */
export interface M2MClientStats {
  /** Requests sent to the token endpoint, repeated ones included. A request counts when it ends. */
  readonly tokenRequests: number;
  /** Token requests that brought no token. */
  readonly failures: number;
  /** Calls that got a token out of memory. */
  readonly servedFromMemory: number;
  /** Those of them that got a token about to expire, because no newer one could be had. */
  readonly servedDuringOutage: number;
  /** Tokens found in the store, requested by another process. */
  readonly servedFromStore: number;
  /** Calls that had to wait for a token. */
  readonly waits: number;
  /** The server's last word on its quota; empty if it says nothing. */
  readonly quota: readonly TokenQuota[];
  /**
   * Milliseconds that the clock of the authorization server is ahead of this one, by the `Date` of its last answer, which
   * has whole seconds; `undefined` if it was not asked yet, or says nothing.
   */
  readonly clockSkew: number | undefined;
  /** The token of the client's own options and those of its targets, as far as they were requested. */
  readonly tokens: readonly M2MTokenStats[];
}

/** The counters of `M2MClientStats`, while they are counted. */
export type Counts = { -readonly [Name in Exclude<keyof M2MClientStats, 'quota' | 'clockSkew' | 'tokens'>]: number };

/** Counters that all begin at zero. */
export function noCounts(): Counts {
  return { tokenRequests: 0, failures: 0, servedFromMemory: 0, servedDuringOutage: 0, servedFromStore: 0, waits: 0 };
}
