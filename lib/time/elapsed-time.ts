import type { Clock } from './clock.js';

/**
 * Milliseconds that only grow: they go on while the machine is suspended, and a wall clock that is set back does not
 * turn them back.
 */
export class ElapsedTime {
  /** The most that the wall clock was ever ahead of the monotonic one. */
  private lead = -Infinity;

  constructor(private readonly clock: Clock) {}

  now(): number {
    const monotonic = this.clock.monotonic();
    this.lead = Math.max(this.lead, this.clock.wall() - monotonic);
    return monotonic + this.lead;
  }
}
