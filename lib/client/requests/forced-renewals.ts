import { backoff } from '../../time/backoff.js';
import type { AccessToken } from '../tokens/token/access-token.js';

const FIRST_PAUSE = 10_000;
const HOUR = 60 * 60 * 1000;
/** No target gets more, even if it accepts tokens in between: one of several hosts behind it may be the one that rejects. */
const MOST_AN_HOUR = 9;

/** The renewals that a target forced, for one kind of token. All times are milliseconds of the monotonic clock. */
export interface ForcedRenewals {
  /** From the last one until the next is allowed. */
  readonly pause: number;
  /** When they began, in order: the last one, and those of the hour before it. */
  readonly starts: readonly number[];
  /** When the target last rejected a token. */
  rejectedAt: number;
  /** Whether the target has accepted a token in place of a rejected one since. */
  accepted: boolean;
  /** The value of the token that the last one brought, if the target had not said why it rejected the one before. */
  unexplained?: string | undefined;
  /** The last one, while it is under way. `undefined` comes of it if the rejected token is issued again. */
  flight?: Promise<AccessToken | undefined> | undefined;
}

/**
 * The next renewal that a target forces; `undefined` if it is not allowed now. Between two there are 10 s, doubling to
 * 1 h until a renewal helps and nothing is rejected for as long; and there are at most 9 an hour.
 *
 * @param last those so far, before `now` is noted in them
 */
export function nextForcedRenewal(last: ForcedRenewals | undefined, now: number): ForcedRenewals | undefined {
  if (!last) return { pause: FIRST_PAUSE, starts: [now], rejectedAt: now, accepted: false };
  if (now - (last.starts.at(-1) ?? 0) < last.pause) return undefined;
  const recent = last.starts.filter((start) => now - start < HOUR);
  if (recent.length >= MOST_AN_HOUR) return undefined;
  // The last one helped if a token was accepted, and none rejected for its pause.
  const helped = last.accepted && now - last.rejectedAt >= last.pause;
  const pause = helped ? FIRST_PAUSE : backoff(2, last.pause, HOUR);
  return { pause, starts: [...recent, now], rejectedAt: now, accepted: false };
}
