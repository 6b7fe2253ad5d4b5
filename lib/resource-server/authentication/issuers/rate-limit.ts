import type { Clock } from '../../../time/clock.js';

/** Milliseconds. */
const SECOND = 1000;

/** So many events in any second, and no more. */
export class RateLimit {
  /** When the last ones were, the oldest first; by the monotonic clock. */
  private readonly times: number[] = [];

  constructor(
    private readonly perSecond: number,
    private readonly clock: Clock,
  ) {}

  /** Counts one more event, if it may be. */
  admit(): boolean {
    const now = this.clock.monotonic();
    const [oldest = -Infinity] = this.times;
    if (this.times.length >= this.perSecond && now - oldest < SECOND) return false;
    if (this.times.length >= this.perSecond) this.times.shift();
    this.times.push(now);
    return true;
  }
}
