import type { M2MTokenStats } from '../client/events/stats.js';
import { failedWithoutRest, type HalfHealth } from './health.js';

/** How a token is: degraded while its renewal fails, down if none is valid after that. @param time milliseconds since the epoch */
export function tokenHealth({ remaining, failedAt }: M2MTokenStats, time: number): HalfHealth {
  if (failedAt === undefined) return 'up';
  return remaining > 0 ? 'degraded' : failedWithoutRest(failedAt, time);
}
