/** Different token requests of a client whose tokens or failures are kept. */
export const MAX_KEYS = 10_000;

/**
 * A map with a limit. If it is full, the oldest entry leaves that was not used since the last one left (second chance).
 *
 * A use only sets a mark, which is cheaper than moving the entry to the end.
 */
export class BoundedMap<Value> {
  readonly #entries = new Map<string, { readonly value: Value; used: boolean }>();

  constructor(private readonly limit: number) {}

  /** The value under a key, which counts as a use of it. */
  get(key: string): Value | undefined {
    const entry = this.#entries.get(key);
    if (!entry) return undefined;
    entry.used = true;
    return entry.value;
  }

  /** Puts a value under a key. Another entry may leave for it. */
  set(key: string, value: Value): void {
    this.#entries.delete(key);
    if (this.#entries.size >= this.limit) this.#evict();
    this.#entries.set(key, { value, used: false });
  }

  /** Deletes an entry. Returns whether there was one. */
  delete(key: string): boolean {
    return this.#entries.delete(key);
  }

  #evict(): void {
    for (const [key, entry] of this.#entries) {
      this.#entries.delete(key);
      if (!entry.used) return;
      entry.used = false;
      this.#entries.set(key, entry);
    }
  }
}
