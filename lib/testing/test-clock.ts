import { runOutsideRequests } from '../request-context/request-context.js';
import type { Clock } from '../time/clock.js';
import { setImmediate } from '../time/real-timers.js';

interface Timer {
  readonly at: number;
  readonly callback: () => void;
}

/**
 * A clock that stands still until a test advances it, so that hours pass without waiting.
 *
 * @example
 * const clock = new TestClock();
 * await clock.advance(60 * 60 * 1000);
 */
export class TestClock implements Clock {
  private readonly timers = new Set<Timer>();
  private elapsed = 0;

  /** @param epoch the wall clock at the start, in milliseconds since the epoch; default: now */
  constructor(private epoch: number = Date.now()) {}

  wall(): number {
    return this.epoch + this.elapsed;
  }

  monotonic(): number {
    return this.elapsed;
  }

  after(delay: number, callback: () => void): () => void {
    const timer = { at: this.elapsed + delay, callback };
    this.timers.add(timer);
    return () => void this.timers.delete(timer);
  }

  /** Moves both clocks on; timers that are due fire in order, each at its own time. @param milliseconds how far */
  async advance(milliseconds: number): Promise<void> {
    const end = this.elapsed + milliseconds;
    for (let next = this.next(end); next; next = this.next(end)) {
      this.elapsed = Math.max(this.elapsed, next.at);
      this.timers.delete(next);
      runOutsideRequests(next.callback);
      await settle();
    }
    this.elapsed = end;
    await settle();
  }

  /** Moves the wall clock only, as when somebody sets it, or the machine was suspended. @param milliseconds how far */
  jump(milliseconds: number): void {
    this.epoch += milliseconds;
  }

  private next(end: number): Timer | undefined {
    return [...this.timers].filter(({ at }) => at <= end).toSorted((a, b) => a.at - b.at)[0];
  }
}

const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
