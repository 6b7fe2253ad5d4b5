import { RENEWED_FROM } from '../resource-server/authentication/jwt/key-set.js';
import type { M2MKeySetStats } from '../resource-server/events/stats.js';
import { failedWithoutRest, type HalfHealth } from './health.js';

/**
 * How a key set is: degraded if its renewal failed when that was due, down if the keys may not be used any longer.
 *
 * A fetch ahead of that time does not count: any caller can cause one, by a bad signature or an unknown `kid`.
 *
 * @param keeping how long keys are used: milliseconds
 * @param time milliseconds since the epoch
 */
export function keySetHealth(
  { fetchedAt, failedAt }: M2MKeySetStats,
  keeping: { readonly maxAge: number; readonly staleIfError: number },
  time: number,
): HalfHealth {
  if (failedAt === undefined) return 'up';
  if (fetchedAt === undefined) return failedWithoutRest(failedAt, time);
  if (failedAt - fetchedAt < keeping.maxAge * RENEWED_FROM) return 'up';
  const isUsable = time - fetchedAt < keeping.maxAge + keeping.staleIfError;
  return isUsable ? 'degraded' : failedWithoutRest(failedAt, time);
}
