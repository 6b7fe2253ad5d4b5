import type { Clock } from './clock.js';

/**
 * A moment on both clocks. Neither alone will do: the wall clock may be set, and the monotonic one stands still while
 * the machine is suspended.
 */
export interface Moment {
  readonly monotonic: number;
  readonly wall: number;
}

export function now(clock: Clock): Moment {
  return { monotonic: clock.monotonic(), wall: clock.wall() };
}

export function later(instant: Moment, milliseconds: number): Moment {
  return { monotonic: instant.monotonic + milliseconds, wall: instant.wall + milliseconds };
}

/** Milliseconds until an instant, by the clock that says less; negative once it is over. */
export function until(instant: Moment, clock: Clock): number {
  return Math.min(instant.monotonic - clock.monotonic(), instant.wall - clock.wall());
}

/** Milliseconds since an instant, by the clock that says more. */
export function since(instant: Moment, clock: Clock): number {
  return -until(instant, clock);
}
