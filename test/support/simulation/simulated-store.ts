import type { StoredToken, TokenStore, TokenStoreLease } from '../../../lib/options/token-store.js';
import { outageAt, type Outage } from './outages.js';
import { between } from './random.js';
import type { SimulatedProcess, WorldClock } from './world-clock.js';

interface SimulatedLease extends TokenStoreLease {
  readonly name: string;
  readonly owner: string;
}

/** A store as Redis is one: it answers after a moment, by its own clock, when it works. */
export class SimulatedStore {
  readonly #entries = new Map<string, { readonly value: string; readonly expiresAt: number }>();

  constructor(
    private readonly world: WorldClock,
    private readonly random: () => number,
    private readonly outages: readonly Outage[],
  ) {}

  /** What one process sees of it: one that died hears no answer. */
  seenBy(process: SimulatedProcess): TokenStore {
    const run = <T>(command: () => T): Promise<T> => this.#run(process, command);
    return {
      get: (key) => run(() => this.#get(key)),
      set: (key, value, lifetime) => {
        // However late it comes to that: a lifetime counts from the call.
        const expiresAt = this.world.now + lifetime;
        return run(() => void this.#entries.set(key, { value, expiresAt }));
      },
      delete: (key, ifValue) => run(() => this.#delete(key, ifValue)),
      renew: (lease, lifetime) => run(() => this.#renew(lease as SimulatedLease, lifetime)),
      acquire: (key, lifetime) => run(() => this.#acquire(process, `lease:${key}`, lifetime)),
    };
  }

  async #run<T>(process: SimulatedProcess, command: () => T): Promise<T> {
    const outage = outageAt(this.outages, this.world.now);
    if (outage === 'refuses' || outage === 'errors') throw new Error('the store is down');
    const latency = outage === 'hangs' ? 5000 : between(this.random, 0.2, 2);
    await new Promise<void>((resolve) => void this.world.after(latency, () => process.alive && resolve()));
    const answer = command();
    await this.world.awake(process);
    return answer;
  }

  #get(key: string): StoredToken | undefined {
    const entry = this.#entries.get(key);
    const remaining = entry ? entry.expiresAt - this.world.now : 0;
    if (!entry || remaining <= 0) return undefined;
    return { value: outageAt(this.outages, this.world.now) === 'garbage' ? '?' : entry.value, remaining };
  }

  #set(key: string, value: string, lifetime: number): void {
    this.#entries.set(key, { value, expiresAt: this.world.now + lifetime });
  }

  #delete(key: string, ifValue: string | undefined): void {
    if (ifValue === undefined || this.#get(key)?.value === ifValue) this.#entries.delete(key);
  }

  #acquire(process: SimulatedProcess, name: string, lifetime: number): SimulatedLease | undefined {
    if (this.#get(name)) return undefined;
    const owner = String(this.random());
    this.#set(name, owner, lifetime);
    return { name, owner, release: () => this.#run(process, () => this.#delete(name, owner)) };
  }

  #renew({ name, owner }: SimulatedLease, lifetime: number): boolean {
    if (this.#get(name)?.value !== owner) return false;
    this.#set(name, owner, lifetime);
    return true;
  }
}
