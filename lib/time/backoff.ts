/** A random number from 0 to 1. Simulations use a seeded one. */
export type Random = () => number;

/** The first and the longest pause between requests, in milliseconds. */
export interface RetryDelays {
  readonly delay: number;
  readonly maxDelay: number;
}

/** Share of a growing pause after which a token can still be there within `maxDelay` of the end of an outage. */
const LONGEST_SHARE = 0.75;
/** Milliseconds, the defaults. Options can only make the pauses of an outage longer. */
const LEAST_DELAY = 200;
const LEAST_MAX_DELAY = 2000;

/** Milliseconds that double with every failure in a row: `first`, twice that, and so on up to `longest`. */
export function backoff(failures: number, first: number, longest: number): number {
  return Math.min(longest, first * 2 ** Math.min(failures - 1, 30));
}

/**
 * Milliseconds before the next attempt of a call: a random part of the growing pause, so that clients that failed
 * together do not come back together.
 */
export function retryPause(attempt: number, { delay, maxDelay }: RetryDelays, random: Random): number {
  return random() * backoff(attempt, delay, maxDelay);
}

/** Milliseconds without a request after failures of the server in a row. */
export function outagePause(failures: number, retry: RetryDelays): number {
  return LONGEST_SHARE * betweenRequests(failures, retry);
}

/** Milliseconds before the next renewal in the background: from half of the growing pause to the longest share of it. */
export function renewalPause(failures: number, retry: RetryDelays, random: Random): number {
  return (0.5 + random() * (LONGEST_SHARE - 0.5)) * betweenRequests(failures, retry);
}

/** Even a client that repeats requests at once spares a server that is down. */
function betweenRequests(failures: number, { delay, maxDelay }: RetryDelays): number {
  return backoff(failures, Math.max(delay, LEAST_DELAY), Math.max(maxDelay, LEAST_MAX_DELAY));
}
