/** Promises that somebody may wait for. */
export class Pending {
  readonly #promises = new Set<Promise<unknown>>();

  /** Adds a promise until it is settled. */
  add<T>(promise: Promise<T>): Promise<T> {
    const settled: Promise<unknown> = promise.catch(() => undefined).then(() => this.#promises.delete(settled));
    this.#promises.add(settled);
    return promise;
  }

  /** How many there are. */
  get size(): number {
    return this.#promises.size;
  }

  /** Resolves when all promises that are there now are settled. It never rejects. */
  async settled(): Promise<void> {
    await Promise.all(this.#promises);
  }
}
