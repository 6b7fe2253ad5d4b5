/** A store in memory that fails, hangs, and answers what nobody wrote. */
export class FlakyStore {
  /** @readonly */
  #entries = new Map();
  /** @readonly */
  #random;

  constructor(random) {
    this.#random = random;
  }

  async get(key) {
    await this.#trouble();
    const entry = this.#entries.get(key);
    const remaining = (entry?.expiresAt ?? 0) - Date.now();
    if (remaining <= 0) return undefined;
    if (this.#random.chance(0.02)) return { value: '\u0000garbage', remaining };
    return { value: entry.value, remaining };
  }

  async set(key, value, lifetime) {
    await this.#trouble();
    this.#entries.set(key, { value, expiresAt: Date.now() + lifetime });
  }

  async acquire(key, lifetime) {
    await this.#trouble();
    const name = `lease ${key}`;
    if ((this.#entries.get(name)?.expiresAt ?? 0) > Date.now()) return undefined;
    const held = { value: '', expiresAt: Date.now() + lifetime };
    this.#entries.set(name, held);
    const release = async () => {
      await this.#trouble();
      if (this.#entries.get(name) === held) this.#entries.delete(name);
    };
    return { release };
  }

  async delete(key, ifValue) {
    await this.#trouble();
    if (ifValue === undefined || this.#entries.get(key)?.value === ifValue) this.#entries.delete(key);
  }

  async #trouble() {
    if (this.#random.chance(0.03)) throw new Error('the store failed');
    if (this.#random.chance(0.01)) await new Promise((resolve) => setTimeout(resolve, 1500));
  }
}
