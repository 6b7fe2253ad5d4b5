import type { Clock } from './clock.js';

/**
 * A moment on both clocks. Neither alone will do: the wall clock may be set, and the monotonic one stands still while
 * the machine is suspended.
 */
export interface Moment {
  readonly monotonic: number;
  readonly wall: number;
}

/** The current moment. */
export function now(clock: Clock): Moment {
  return { monotonic: clock.monotonic(), wall: clock.wall() };
}

/** @param milliseconds may be negative */
export function later(moment: Moment, milliseconds: number): Moment {
  return { monotonic: moment.monotonic + milliseconds, wall: moment.wall + milliseconds };
}

/** Milliseconds until a moment, by the clock that says less; negative once it is over. */
export function until(moment: Moment, clock: Clock): number {
  return Math.min(moment.monotonic - clock.monotonic(), moment.wall - clock.wall());
}

/** Milliseconds since a moment, by the clock that says more. */
export function since(moment: Moment, clock: Clock): number {
  return -until(moment, clock);
}
