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

/** Milliseconds that clocks may differ, and that a busy process may take longer than its timers say. */
const HOLD_UP = 2000;

/**
 * Whether the process was suspended since a moment: one clock went on without the other, or both went on for longer than
 * anything may take.
 *
 * @param longest milliseconds that what began at that moment may take
 */
export function wasSuspended(moment: Moment, longest: number, clock: Clock): boolean {
  const [monotonic, wall] = [clock.monotonic() - moment.monotonic, clock.wall() - moment.wall];
  return Math.abs(wall - monotonic) > HOLD_UP || Math.max(wall, monotonic) > longest + HOLD_UP;
}

/** Milliseconds since a moment, by the clock that says more. */
export function since(moment: Moment, clock: Clock): number {
  return -until(moment, clock);
}
