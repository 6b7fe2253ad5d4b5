import type { Clock } from '../../../time/clock.js';
import { TokenStoreError } from '../../../errors/token-store.error.js';
import { hasCode } from '../../../errors/has-code.js';
import type { StoredToken, TokenStore, TokenStoreLease } from '../../../options/token-store.js';
import { withTimeout } from '../../../time/timeout.js';
import { bindValue, LONGEST_VALUE, unbindValue } from './bound-value.js';
import { Pending } from './pending.js';

type Operation = 'get' | 'set' | 'delete' | 'acquire' | 'renew' | 'release';

/** Milliseconds that a call waits for the store. A token from the endpoint would be there soon after. */
export const STORE_TIMEOUT = 150;
/** Milliseconds for operations that nobody waits for, so that a slow store that works is written to. */
const WRITE_TIMEOUT = 500;
/** Milliseconds for which a store that failed is left alone. */
export const REST = 1000;

/** A token store that may fail. It then has nothing; it never fails a call, and never holds one up for long. */
export class FaultTolerantTokenStore {
  readonly #writes = new Pending();
  /** Whether the last operation failed that was not about one value. */
  #isFailing = false;
  /** Until when it is left alone. */
  #restsUntil = -Infinity;
  /** The last value that could not be used, and until when another one like that is not reported. */
  #unusable = { why: '', until: -Infinity };
  /** Until when it is read, but not asked for leases: Redis refuses to write if it is full, or a replica. */
  #refusesUntil = -Infinity;

  constructor(
    private readonly store: TokenStore,
    private readonly clock: Clock,
    private readonly onFailure: (error: TokenStoreError, isDown: boolean) => void,
    private readonly onRecovery: () => void = () => undefined,
  ) {}

  /** Whether it failed less than a second ago. */
  get down(): boolean {
    return this.clock.monotonic() < Math.max(this.#restsUntil, this.#refusesUntil);
  }

  /** Whether it can prolong leases. */
  get renewsLeases(): boolean {
    return this.store.renew !== undefined;
  }

  /** Resolves when all that was set and deleted until now is in the store, or could not be written. */
  written(): Promise<void> {
    return this.#writes.settled();
  }

  /** The value under a key. `undefined` if there is none, or if the store cannot be read. */
  async get(key: string): Promise<StoredToken | undefined> {
    if (this.clock.monotonic() < this.#restsUntil) return undefined;
    return this.#try('get', async () => readAnswer(key, await this.store.get(key)), STORE_TIMEOUT);
  }

  /**
   * Writes even to a store that is left alone: other processes would request the token again.
   *
   * @param keepLonger whether a value stays that is kept for longer
   */
  async set(key: string, value: string, lifetime: number, keepLonger = false): Promise<void> {
    const bound = bindValue(key, value);
    if (bound.length > LONGEST_VALUE) {
      const message = `a value of more than ${LONGEST_VALUE} characters is not kept in the token store`;
      return this.report(new TokenStoreError(message));
    }
    await this.#writes.add(this.#try('set', () => this.store.set(key, bound, lifetime, keepLonger)));
  }

  /** Deletes even from a store that is left alone: other processes would use the value. */
  async delete(key: string, ifValue?: string): Promise<void> {
    const bound = ifValue === undefined ? undefined : bindValue(key, ifValue);
    await this.#writes.add(this.#try('delete', () => this.store.delete(key, bound)));
  }

  /** A lease. `taken` if another process holds it, `undefined` if this store cannot grant any. */
  async acquire(key: string, lifetime: number): Promise<TokenStoreLease | 'taken' | undefined> {
    const { store } = this;
    if (this.down) return undefined;
    let late = false;
    const acquire = async (): Promise<TokenStoreLease | 'taken' | undefined> => {
      const lease = store.acquire ? ((await store.acquire(key, lifetime)) ?? 'taken') : undefined;
      // Nobody here waits for it any more, and other processes would wait for its end.
      if (late && typeof lease === 'object') await lease.release();
      return lease;
    };
    const acquired = await this.#try('acquire', acquire, STORE_TIMEOUT);
    late = true;
    return acquired;
  }

  /** Prolongs a lease, even in a store that is left alone. `false` if it is lost, `undefined` if the store failed. */
  renew(lease: TokenStoreLease, lifetime: number): Promise<boolean | undefined> {
    return this.#try('renew', async () => (await this.store.renew?.(lease, lifetime)) ?? false);
  }

  /** Gives a lease back, even to a store that is left alone: others would wait for its end. Returns whether that worked. */
  async release(lease: TokenStoreLease): Promise<boolean> {
    const release = (): Promise<true> => lease.release().then(() => true);
    return (await this.#try('release', release)) ?? false;
  }

  /** Reports a value that cannot be used, once a second: one call reads it more than once. */
  report(error: TokenStoreError): void {
    const { why, until } = this.#unusable;
    if (error.message === why && this.clock.monotonic() < until) return;
    this.#unusable = { why: error.message, until: this.clock.monotonic() + REST };
    this.onFailure(error, false);
  }

  async #try<T>(what: Operation, run: () => Promise<T>, timeout = WRITE_TIMEOUT): Promise<T | undefined> {
    try {
      const answered = run().then((answer) => ({ answer }));
      const inTime = await withTimeout(answered, timeout, this.clock);
      if (inTime) {
        this.#works();
        return inTime.answer;
      }
      this.#restsUntil = this.#failed(`did not ${what} within ${timeout} ms`);
    } catch (error) {
      // A TokenStoreError is about one value. Other messages may repeat a value that the store was given.
      if (hasCode(error, 'ERR_M2M_TOKEN_STORE')) {
        this.report(error);
        return undefined;
      }
      const restEnds = this.#failed(`failed to ${what}: ${error instanceof Error ? error.name : typeof error}`);
      if (what === 'get') this.#restsUntil = restEnds;
      else this.#refusesUntil = restEnds;
    }
    return undefined;
  }

  #works(): void {
    if (!this.#isFailing || this.down) return;
    this.#isFailing = false;
    this.onRecovery();
  }

  /** Reports a failure once. Returns when the store's rest ends. */
  #failed(why: string): number {
    this.#isFailing = true;
    if (!this.down)
      this.onFailure(new TokenStoreError(`the token store ${why}; it is left alone for ${REST} ms`), true);
    return this.clock.monotonic() + REST;
  }
}

/** The store may be anybody's, so its answers are checked. */
function readAnswer(key: string, answer: unknown): StoredToken | undefined {
  if (answer === undefined || answer === null) return undefined;
  const { value, remaining } = answer as Partial<StoredToken>;
  if (typeof value === 'string' && typeof remaining === 'number' && Number.isFinite(remaining)) {
    return { value: unbindValue(key, value), remaining };
  }
  throw new TokenStoreError(
    'the token store answered get with something else than a text and its remaining milliseconds',
  );
}
