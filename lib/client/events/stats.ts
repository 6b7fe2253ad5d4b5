/** How many token requests a server still takes, as it says itself (Auth0). */
export interface TokenQuota {
  /** As the server calls it: `per_hour`, `per_day`. */
  readonly period: string;
  readonly limit: number;
  readonly remaining: number;
  /** Milliseconds from the answer that said so. */
  readonly resetsIn: number;
}

/** What a client's tokens cost so far, since the application started. */
export interface M2MClientStats {
  /** Requests sent to the token endpoint, repeated ones included. */
  readonly tokenRequests: number;
  /** Token requests that brought no token. */
  readonly failures: number;
  /** Calls that got a token out of memory. */
  readonly servedFromMemory: number;
  /** Tokens found in the store, bought by another process. */
  readonly servedFromStore: number;
  /** Calls that had to wait for a token. */
  readonly waits: number;
  /** What the server said last; empty where it says nothing. */
  readonly quota: readonly TokenQuota[];
}

/** The same, while it is counted. */
export type Counts = { -readonly [Name in Exclude<keyof M2MClientStats, 'quota'>]: number };

export function noCounts(): Counts {
  return { tokenRequests: 0, failures: 0, servedFromMemory: 0, servedFromStore: 0, waits: 0 };
}
