import { backoff, outagePause, type RetryDelays } from '../../../time/backoff.js';
import type { TokenRequestFailure } from '../endpoint/token-request-failure.js';

/** What keeps requests away: an outage, refused credentials or a refused request. */
export type FailureKind = 'outage' | 'credentials' | 'refused';

/** Milliseconds. */
const FIRST_PAUSE = 5000;
/** Milliseconds. */
const LONGEST_PAUSE = 5 * 60 * 1000;
/** Milliseconds for which a server may keep requests away with `Retry-After`. */
export const LONGEST_RETRY_AFTER = 60 * 60 * 1000;

/**
 * Milliseconds without a request after failures in a row.
 *
 * @param count how many there were
 * @param retryAfter seconds, as the server asked with the last one
 */
export function failurePause(
  kind: FailureKind,
  count: number,
  retryAfter: TokenRequestFailure['retryAfter'],
  retry: RetryDelays,
): number {
  if (kind !== 'outage') return backoff(count, FIRST_PAUSE, LONGEST_PAUSE);
  // A server that says 0 would be asked more often than one that says nothing.
  return Math.max(outagePause(count, retry), Math.min((retryAfter ?? 0) * 1000, LONGEST_RETRY_AFTER));
}
