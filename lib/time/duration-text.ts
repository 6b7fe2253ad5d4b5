/** Milliseconds of each unit, from the longest. */
const UNITS = [
  ['d', 86_400_000],
  ['h', 3_600_000],
  ['min', 60_000],
] as const;

/** A duration for people, in the longest unit that it has at least two of: `42 s`, `3 min`. @param milliseconds not negative */
export function durationText(milliseconds: number): string {
  const [name, length] = UNITS.find((unit) => milliseconds >= 2 * unit[1]) ?? ['s', 1000];
  return `${Math.round(milliseconds / length)} ${name}`;
}
