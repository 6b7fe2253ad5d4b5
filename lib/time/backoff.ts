/** A random number from 0 to 1. Simulations use a seeded one. */
export type Random = () => number;

/** The first and the longest pause between requests, in milliseconds. */
export interface RetryDelays {
  readonly delay: number;
  readonly maxDelay: number;
}

/** Milliseconds, the defaults. Even a client that repeats requests at once spares a server that is down. */
export const LEAST_DELAY = 200;
export const LEAST_MAX_DELAY = 2000;
/** Milliseconds. Options can only make the pauses of an outage longer. */
const LONGEST_OUTAGE_PAUSE = 30_000;

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

/**
 * Milliseconds without a request after failures of an endpoint in a row: from three quarters of the growing pause to all
 * of it, so that processes do not come back together.
 */
export function outagePause(failures: number, { delay, maxDelay }: RetryDelays, random: Random): number {
  const longest = Math.max(maxDelay, LONGEST_OUTAGE_PAUSE);
  return (0.75 + random() / 4) * backoff(failures, Math.max(delay, LEAST_DELAY), longest);
}

/** Milliseconds before a renewal in the background is tried again: from half of the growing pause to three quarters. */
export function renewalPause(failures: number, { delay, maxDelay }: RetryDelays, random: Random): number {
  const longest = Math.max(maxDelay, LEAST_MAX_DELAY);
  return (0.5 + random() / 4) * backoff(failures, Math.max(delay, LEAST_DELAY), longest);
}
