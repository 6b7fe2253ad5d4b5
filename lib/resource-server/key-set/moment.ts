import type { Clock } from '../../clock.js';

/** A moment, by both clocks. */
export interface Moment {
  readonly wall: number;
  readonly monotonic: number;
}

export function now(clock: Clock): Moment {
  return { wall: clock.wall(), monotonic: clock.monotonic() };
}

/** Milliseconds by whichever clock moved further: one stops while the machine is suspended, the other can be set back. */
export function elapsedSince(moment: Moment, clock: Clock): number {
  return Math.max(clock.wall() - moment.wall, clock.monotonic() - moment.monotonic);
}
