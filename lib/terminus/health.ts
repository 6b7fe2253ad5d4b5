/** Half of an application, in a word: the one that gets tokens, or the one that accepts them. */
export type HalfHealth = 'up' | 'degraded' | 'down';

/**
 * Milliseconds for which a failure counts. An instance that gets no requests because it is down does not try again, so that
 * it would be down for ever.
 */
const RECENT = 60_000;

/** The word for what failed at a time, and has nothing left to work with. Both times in milliseconds since the epoch. */
export function failedWithoutRest(failedAt: number, time: number): HalfHealth {
  return time - failedAt < RECENT ? 'down' : 'degraded';
}

/** The word for a half with these parts. It is down only if nothing of it works. */
export function together(parts: readonly HalfHealth[]): HalfHealth {
  if (parts.every((part) => part === 'up')) return 'up';
  return parts.every((part) => part === 'down') ? 'down' : 'degraded';
}
