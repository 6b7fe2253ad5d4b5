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

/** The token requests of a client since the start of the application, and the calls that needed none. */
export interface M2MClientStats {
  /** Requests sent to the token endpoint, repeated ones included. A request counts when it ends. */
  readonly tokenRequests: number;
  /** Token requests that brought no token. */
  readonly failures: number;
  /** Calls that got a token out of memory. */
  readonly servedFromMemory: number;
  /** Tokens found in the store, requested by another process. */
  readonly servedFromStore: number;
  /** Calls that had to wait for a token. */
  readonly waits: number;
  /** The server's last word on its quota; empty if it says nothing. */
  readonly quota: readonly TokenQuota[];
}

/** The counters of `M2MClientStats`, while they are counted. */
export type Counts = { -readonly [Name in Exclude<keyof M2MClientStats, 'quota'>]: number };

/** Counters that all begin at zero. */
export function noCounts(): Counts {
  return { tokenRequests: 0, failures: 0, servedFromMemory: 0, servedFromStore: 0, waits: 0 };
}
