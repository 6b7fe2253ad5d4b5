import type { ResolvedClient } from '../../../options/resolved-options.js';

/** A random number from 0 to 1; simulations put a seeded one in its place. */
export type Random = () => number;

/** Milliseconds that grow with every failure in a row: `first`, twice that, and so on up to `longest`. */
export function growing(failures: number, first: number, longest: number): number {
  return Math.min(longest, first * 2 ** Math.min(failures - 1, 30));
}

/**
 * Milliseconds before the next try of a token request: any part of the growing pause, so that clients that failed
 * together do not come back together.
 */
export function retryPause(attempt: number, { delay, maxDelay }: ResolvedClient['retry'], random: Random): number {
  return random() * growing(attempt, delay, maxDelay);
}

/**
 * Milliseconds before the next renewal in the background: between half of the growing pause and three quarters, so that
 * a token is renewed within `maxDelay` of the end of an outage.
 */
export function renewalPause(failures: number, { delay, maxDelay }: ResolvedClient['retry'], random: Random): number {
  return (0.5 + random() / 4) * growing(failures, delay, maxDelay);
}
