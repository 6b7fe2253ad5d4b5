import type { Clock } from './clock.js';

/** Waits that all end at once when the application shuts down. */
export class Sleeper {
  readonly #waking = new Set<() => void>();
  #closed = false;

  constructor(private readonly clock: Clock) {}

  get closed(): boolean {
    return this.#closed;
  }

  /** @param delay milliseconds */
  sleep(delay: number): Promise<void> {
    if (this.#closed) return Promise.resolve();
    return new Promise((resolve) => {
      const wake = (): void => {
        this.#waking.delete(wake);
        cancel();
        resolve();
      };
      const cancel = this.clock.after(delay, wake, { keepAlive: true });
      this.#waking.add(wake);
    });
  }

  close(): void {
    this.#closed = true;
    for (const wake of this.#waking) wake();
  }
}
