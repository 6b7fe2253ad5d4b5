/** A value as a list: a list as it is, anything else as its one item. `[value].flat()` takes ten times as long. */
export function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [value];
}
