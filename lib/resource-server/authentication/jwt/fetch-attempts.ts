import { backoff } from '../../../time/backoff.js';
import type { Clock } from '../../../time/clock.js';
import { now, since, type Moment } from '../../../time/moment.js';

const FIRST_PAUSE = 1000;

/** What came of the attempts to fetch something, and how long to wait before the next. Milliseconds. */
export class FetchAttempts {
  /** Why the last attempt failed; `undefined` if it did not. */
  failure: Error | undefined;
  private failures = 0;
  private last: Moment;

  constructor(
    private readonly longestPause: number,
    private readonly clock: Clock,
  ) {
    this.last = now(clock);
  }

  /** @param failure why it failed; `undefined` if it did not */
  ended(failure?: Error): void {
    this.last = now(this.clock);
    this.failures = failure ? this.failures + 1 : 0;
    this.failure = failure;
  }

  /** Since the last attempt ended. */
  elapsed(): number {
    return since(this.last, this.clock);
  }

  /** Until the next attempt may be made: a pause that doubles from failure to failure, none after a success. */
  wait(): number {
    if (this.failures === 0) return 0;
    return Math.max(0, backoff(this.failures, FIRST_PAUSE, this.longestPause) - this.elapsed());
  }
}
