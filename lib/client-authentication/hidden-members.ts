/** Makes a frozen object of which nothing prints the hidden members. */
export function withHidden<Plain extends object, Hidden extends object>(
  plain: Plain,
  hidden: Hidden,
): Readonly<Plain & Hidden> {
  const descriptors = Object.entries(hidden).map(([name, value]) => [name, { value: value as unknown }]);
  return Object.freeze(
    Object.defineProperties({ ...plain }, Object.fromEntries(descriptors) as PropertyDescriptorMap),
  ) as Readonly<Plain & Hidden>;
}
