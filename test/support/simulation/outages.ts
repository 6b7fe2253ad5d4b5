import { between } from './random.js';

/** A time, in milliseconds of the simulated world, in which something does not work. */
export interface Outage {
  readonly from: number;
  readonly to: number;
  readonly kind: 'refuses' | 'hangs' | 'errors' | 'throttles' | 'garbage';
}

/** Outages of every kind in turn, somewhere in a duration, each up to `longest` milliseconds. */
export function randomOutages(
  random: () => number,
  {
    kinds,
    count,
    duration,
    longest,
  }: { kinds: readonly Outage['kind'][]; count: number; duration: number; longest: number },
): Outage[] {
  return Array.from({ length: count }, (_, index) => {
    const from = between(random, 0, duration);
    return { from, to: from + between(random, 0, longest), kind: kinds[index % kinds.length] ?? 'refuses' };
  });
}

/** What is the matter at a time; `undefined` where all is well. */
export function outageAt(outages: readonly Outage[], time: number): Outage['kind'] | undefined {
  return outages.find(({ from, to }) => from <= time && time < to)?.kind;
}
