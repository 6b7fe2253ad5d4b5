import type { ResolvedClient } from '../options/resolved-options.js';

/** A random number from 0 to 1; simulations put a seeded one in its place. */
export type Random = () => number;

/** Milliseconds that grow with every failure in a row: `first`, twice that, and so on up to `longest`. */
export function backoff(failures: number, first: number, longest: number): number {
  return Math.min(longest, first * 2 ** Math.min(failures - 1, 30));
}

/**
 * Milliseconds before the next try of a token request: any part of the growing pause, so that clients that failed
 * together do not come back together.
 */
export function retryPause(attempt: number, { delay, maxDelay }: ResolvedClient['retry'], random: Random): number {
  return random() * backoff(attempt, delay, maxDelay);
}

/** Of the growing pause: as much as lets a token be there within `maxDelay` of the end of an outage. */
const LONGEST_SHARE = 0.75;
/** Milliseconds, the defaults: options may only make the pauses of an outage longer. */
const LEAST_DELAY = 200;
const LEAST_MAX_DELAY = 2000;

/** Milliseconds in which no token request is sent after so many that got no answer. */
export function outagePause(failures: number, retry: ResolvedClient['retry']): number {
  return LONGEST_SHARE * betweenRequests(failures, retry);
}

/** Milliseconds before the next renewal in the background: between half of the growing pause and the longest share. */
export function renewalPause(failures: number, retry: ResolvedClient['retry'], random: Random): number {
  return (0.5 + random() * (LONGEST_SHARE - 0.5)) * betweenRequests(failures, retry);
}

/** Who repeats a request quickly, or at once, still spares a server that is down. */
function betweenRequests(failures: number, { delay, maxDelay }: ResolvedClient['retry']): number {
  return backoff(failures, Math.max(delay, LEAST_DELAY), Math.max(maxDelay, LEAST_MAX_DELAY));
}
