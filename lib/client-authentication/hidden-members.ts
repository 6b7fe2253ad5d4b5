/** Makes a frozen object of which nothing prints the hidden members. */
export function withHidden<Plain extends object, Hidden extends object>(
  plain: Plain,
  hidden: Hidden,
): Readonly<Plain & Hidden> {
  const made = { ...plain };
  for (const [name, value] of Object.entries(hidden)) Object.defineProperty(made, name, { value });
  return Object.freeze(made) as Readonly<Plain & Hidden>;
}
