import type { Clock } from '../../../time/clock.js';

/** Milliseconds. */
const SECOND = 1000;

/** A limit of the events in any second. */
export class RateLimit {
  /** When the last ones were, the oldest first; by the monotonic clock. */
  private readonly times: number[] = [];

  constructor(
    private readonly perSecond: number,
    private readonly clock: Clock,
  ) {}

  /** Whether one more event is within the limit; if so, it counts. */
  admit(): boolean {
    const now = this.clock.monotonic();
    const [oldest = -Infinity] = this.times;
    if (this.times.length >= this.perSecond && now - oldest < SECOND) return false;
    if (this.times.length >= this.perSecond) this.times.shift();
    this.times.push(now);
    return true;
  }
}
