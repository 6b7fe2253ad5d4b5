import { systemClock, type Clock } from '../../lib/time/clock.js';
import type { StoredToken, TokenStore, TokenStoreLease } from '../../lib/options/token-store.js';

interface MemoryLease extends TokenStoreLease {
  readonly name: string;
  readonly owner: string;
}

/** A token store that several clients of one process share. */
export class MemoryTokenStore implements TokenStore {
  private readonly entries = new Map<string, { readonly value: string; readonly expiresAt: number }>();

  constructor(private readonly clock: Clock = systemClock) {}

  get size(): number {
    return this.entries.size;
  }

  get(key: string): Promise<StoredToken | undefined> {
    const entry = this.entries.get(key);
    const remaining = entry ? entry.expiresAt - this.clock.monotonic() : 0;
    return Promise.resolve(entry && remaining > 0 ? { value: entry.value, remaining } : undefined);
  }

  set(key: string, value: string, lifetime: number, _keepLonger?: boolean): Promise<void> {
    this.entries.set(key, { value, expiresAt: this.clock.monotonic() + lifetime });
    return Promise.resolve();
  }

  delete(key: string, ifValue?: string): Promise<void> {
    if (ifValue === undefined || this.entries.get(key)?.value === ifValue) this.entries.delete(key);
    return Promise.resolve();
  }

  async acquire(key: string, lifetime: number): Promise<TokenStoreLease | undefined> {
    const name = `lease:${key}`;
    const owner = String(Math.random());
    // Looked up and set at once: nobody may come in between.
    const held = this.entries.get(name);
    if (held && held.expiresAt > this.clock.monotonic()) return undefined;
    await this.set(name, owner, lifetime);
    const lease: MemoryLease = { name, owner, release: () => this.delete(name, owner) };
    return lease;
  }

  async renew(lease: TokenStoreLease, lifetime: number): Promise<boolean> {
    const { name, owner } = lease as MemoryLease;
    if ((await this.get(name))?.value !== owner) return false;
    await this.set(name, owner, lifetime);
    return true;
  }
}
