/** Different token requests that a client remembers: their tokens, and their failures. */
export const MAX_KEYS = 10_000;

/**
 * A map that never holds more than so many entries: where it is full, the oldest one that was not used of late leaves.
 *
 * Use only sets a mark, which costs a reading less than moving the entry to the end would.
 */
export class BoundedMap<Value> {
  readonly #entries = new Map<string, { readonly value: Value; used: boolean }>();

  constructor(private readonly limit: number) {}

  get(key: string): Value | undefined {
    const entry = this.#entries.get(key);
    if (!entry) return undefined;
    entry.used = true;
    return entry.value;
  }

  set(key: string, value: Value): void {
    this.#entries.delete(key);
    if (this.#entries.size >= this.limit) this.#evict();
    this.#entries.set(key, { value, used: false });
  }

  /** Whether there was one. */
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
