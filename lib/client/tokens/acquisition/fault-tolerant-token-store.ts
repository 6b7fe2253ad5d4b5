import type { Clock } from '../../../time/clock.js';
import { TokenStoreError } from '../../../errors/token-store.error.js';
import type { StoredToken, TokenStore, TokenStoreLease } from '../../../options/token-store.js';
import { withTimeout } from '../../../time/timeout.js';

type Operation = 'get' | 'set' | 'delete' | 'acquire' | 'release';

/** Milliseconds that somebody waits for the store. A token from the endpoint would be there soon after. */
export const PATIENCE = 150;
/** Milliseconds for what nobody waits for: a store that is slow, but works, is told all the same. */
const LONG_PATIENCE = 500;
/** Milliseconds that a store which failed is left alone. */
export const REST = 1000;

/** A token store that may fail, and then is a store that has nothing: it never fails a call, and never holds one up for long. */
export class FaultTolerantTokenStore {
  /** Until when it is left alone. */
  #restsUntil = -Infinity;
  /** Until when it is read, but not asked for leases: Redis refuses to write where it is full, or a replica. */
  #refusesUntil = -Infinity;

  constructor(
    private readonly store: TokenStore,
    private readonly clock: Clock,
    private readonly onFailure: (error: TokenStoreError) => void,
  ) {}

  /** Whether it failed of late. */
  get down(): boolean {
    return this.clock.monotonic() < Math.max(this.#restsUntil, this.#refusesUntil);
  }

  async get(key: string): Promise<StoredToken | undefined> {
    if (this.clock.monotonic() < this.#restsUntil) return undefined;
    return this.#try('get', async () => readAnswer(await this.store.get(key)), PATIENCE);
  }

  /** Tells even a store that is left alone: others would buy what they do not find. */
  async set(key: string, value: string, lifetime: number): Promise<void> {
    await this.#try('set', () => this.store.set(key, value, lifetime));
  }

  /** Tells even a store that is left alone: others would use what they find. */
  async delete(key: string, ifValue?: string): Promise<void> {
    await this.#try('delete', () => this.store.delete(key, ifValue));
  }

  /** A lease; `taken` where another process holds it; `undefined` where there is none to be had from this store. */
  async acquire(key: string, lifetime: number): Promise<TokenStoreLease | 'taken' | undefined> {
    const { store } = this;
    if (this.down) return undefined;
    let late = false;
    const acquire = async (): Promise<TokenStoreLease | 'taken' | undefined> => {
      const lease = store.acquire ? ((await store.acquire(key, lifetime)) ?? 'taken') : undefined;
      // Nobody waits for it any more, and others would wait for its end.
      if (late && typeof lease === 'object') await lease.release();
      return lease;
    };
    const acquired = await this.#try('acquire', acquire, PATIENCE);
    late = true;
    return acquired;
  }

  /** Gives a lease back, even to a store that is left alone: others would wait for its end. Tells whether that worked. */
  async release(lease: TokenStoreLease): Promise<boolean> {
    const release = (): Promise<true> => lease.release().then(() => true);
    return (await this.#try('release', release)) ?? false;
  }

  async #try<T>(what: Operation, run: () => Promise<T>, patience = LONG_PATIENCE): Promise<T | undefined> {
    try {
      const answered = run().then((answer) => ({ answer }));
      const inTime = await withTimeout(answered, patience, this.clock);
      if (inTime) return inTime.answer;
      this.#restsUntil = this.#failed(`did not ${what} within ${patience} ms`);
    } catch (error) {
      // What the store tells in our own words is about one value; other messages may repeat what the store was given.
      if (error instanceof TokenStoreError) this.onFailure(error);
      else this.#failedTo(what, error instanceof Error ? error.name : typeof error);
    }
    return undefined;
  }

  #failedTo(what: Operation, reason: string): void {
    const restEnds = this.#failed(`failed to ${what}: ${reason}`);
    if (what === 'get') this.#restsUntil = restEnds;
    else this.#refusesUntil = restEnds;
  }

  /** Says so, once, and when its rest ends. */
  #failed(why: string): number {
    if (!this.down) this.onFailure(new TokenStoreError(`the token store ${why}; it is left alone for ${REST} ms`));
    return this.clock.monotonic() + REST;
  }
}

/** The store may be anybody's: nothing is taken for granted of what it answers. */
function readAnswer(answer: unknown): StoredToken | undefined {
  if (answer === undefined || answer === null) return undefined;
  const { value, remaining } = answer as Partial<StoredToken>;
  if (typeof value === 'string' && Number.isFinite(remaining)) return answer as StoredToken;
  throw new TokenStoreError(
    'the token store answered get with something else than a text and its remaining milliseconds',
  );
}
