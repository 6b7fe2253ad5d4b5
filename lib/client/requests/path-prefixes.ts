/** Values by path prefixes. */
export class PathPrefixes<Value extends object> {
  readonly #values = new Map<string, Value>();
  #longest = 0;

  get size(): number {
    return this.#values.size;
  }

  get(prefix: string): Value | undefined {
    return this.#values.get(prefix);
  }

  set(prefix: string, value: Value): void {
    this.#values.set(prefix, value);
    this.#longest = Math.max(this.#longest, prefix.length);
  }

  /** The value of the longest prefix of a path. */
  find(path: string): Value | undefined {
    // A prefix ends at the end of the path, or before a slash.
    let end = path.length > this.#longest ? path.lastIndexOf('/', this.#longest) : path.length;
    for (;;) {
      const found = this.#values.get(path.slice(0, end));
      if (found || end <= 0) return found;
      end = path.lastIndexOf('/', end - 1);
    }
  }
}
