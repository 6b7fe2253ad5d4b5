/**
 * The limit of an `lru-cache` by the number of its entries. Its option `max` would reserve the memory of all of them at
 * once.
 */
export function entryLimit(most: number): { readonly maxSize: number; sizeCalculation(): number } {
  return Object.freeze({ maxSize: most, sizeCalculation: () => 1 });
}
