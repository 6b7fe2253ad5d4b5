import type { Clock } from '../../lib/clock.js';

interface Timer {
  readonly at: number;
  readonly callback: () => void;
}

/** A clock that stands still until it is told to advance; timers fire in order, each at its own time. */
export class FakeClock implements Clock {
  private readonly timers = new Set<Timer>();
  private elapsed = 0;

  /** @param epoch the wall clock at the start, milliseconds since the epoch */
  constructor(private epoch = Date.UTC(2026, 0, 1)) {}

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

  /** Moves both clocks by `milliseconds`, and lets promises settle after each timer that fires. */
  async advance(milliseconds: number): Promise<void> {
    const end = this.elapsed + milliseconds;
    for (let next = this.next(end); next; next = this.next(end)) {
      this.elapsed = Math.max(this.elapsed, next.at);
      this.timers.delete(next);
      next.callback();
      await settle();
    }
    this.elapsed = end;
    await settle();
  }

  /** Moves the wall clock only: somebody set it, or the machine was suspended. */
  jump(milliseconds: number): void {
    this.epoch += milliseconds;
  }

  private next(end: number): Timer | undefined {
    return [...this.timers].filter(({ at }) => at <= end).toSorted((a, b) => a.at - b.at)[0];
  }
}

const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
