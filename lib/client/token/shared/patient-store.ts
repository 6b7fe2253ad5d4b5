import type { Clock } from '../../../clock.js';
import { TokenStoreError } from '../../../errors/token-store.error.js';
import type { StoredToken, TokenStore, TokenStoreLease } from '../../../options/token-store.js';
import { patiently } from '../life/patience.js';

/** Milliseconds that an operation may take. A token from the endpoint would be there soon after. */
const PATIENCE = 150;
/** Milliseconds that a store which failed is left alone. */
const REST = 1000;

/** A token store that may fail, and then is a store that has nothing: it never fails a call, and never holds one up for long. */
export class PatientStore {
  #restsUntil = -Infinity;

  constructor(
    private readonly store: TokenStore,
    private readonly clock: Clock,
    private readonly onFailure: (error: TokenStoreError) => void,
  ) {}

  /** Whether it failed of late. */
  get down(): boolean {
    return this.clock.monotonic() < this.#restsUntil;
  }

  get(key: string): Promise<StoredToken | undefined> {
    return this.#attempt('get', async () => readAnswer(await this.store.get(key)));
  }

  async set(key: string, value: string, lifetime: number): Promise<void> {
    await this.#attempt('set', () => this.store.set(key, value, lifetime));
  }

  async delete(key: string, ifValue?: string): Promise<void> {
    await this.#attempt('delete', () => this.store.delete(key, ifValue));
  }

  /** A lease; `taken` where another process holds it; `undefined` where there is none to be had from this store. */
  async acquire(key: string, lifetime: number): Promise<TokenStoreLease | 'taken' | undefined> {
    const { store } = this;
    let late = false;
    const acquired = await this.#attempt('acquire', async () => {
      const lease = store.acquire ? ((await store.acquire(key, lifetime)) ?? 'taken') : undefined;
      // Nobody waits for it any more, and others would wait for its end.
      if (late && typeof lease === 'object') await lease.release();
      return lease;
    });
    late = true;
    return acquired;
  }

  /** Gives a lease back, even to a store that is left alone: others would wait for its end. */
  async release(lease: TokenStoreLease): Promise<void> {
    await this.#try('release', () => lease.release());
  }

  async #attempt<T>(what: string, run: () => Promise<T>): Promise<T | undefined> {
    return this.down ? undefined : this.#try(what, run);
  }

  async #try<T>(what: string, run: () => Promise<T>): Promise<T | undefined> {
    try {
      const answered = run().then((answer) => ({ answer }));
      const inTime = await patiently(answered, PATIENCE, this.clock);
      if (inTime) return inTime.answer;
      this.#rest(`did not ${what} within ${PATIENCE} ms`);
    } catch (error) {
      // What the store tells in our own words is about one value; other messages may repeat what the store was given.
      if (error instanceof TokenStoreError) this.onFailure(error);
      else this.#rest(`failed to ${what}: ${error instanceof Error ? error.name : typeof error}`);
    }
    return undefined;
  }

  #rest(why: string): void {
    if (this.down) return;
    this.#restsUntil = this.clock.monotonic() + REST;
    this.onFailure(new TokenStoreError(`the token store ${why}; it is left alone for ${REST} ms`));
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
