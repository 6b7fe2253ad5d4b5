import { systemClock, type Clock } from '../../../lib/time/clock.js';

/** The system's clock, ahead by as much as a test wants: a server that issues tokens has its own. */
export class ShiftedClock implements Clock {
  private ahead = 0;

  readonly after = systemClock.after;

  wall(): number {
    return systemClock.wall() + this.ahead;
  }

  monotonic(): number {
    return systemClock.monotonic() + this.ahead;
  }

  /** @param milliseconds how far */
  shift(milliseconds: number): void {
    this.ahead += milliseconds;
  }
}
