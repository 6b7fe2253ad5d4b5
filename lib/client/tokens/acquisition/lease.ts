import { later, now, until, type Moment } from '../../../time/moment.js';
import type { TokenStoreLease } from '../../../options/token-store.js';
import type { TokenContext } from '../token/token-context.js';
import { REST, type FaultTolerantTokenStore } from './fault-tolerant-token-store.js';

export interface LeaseDependencies extends Pick<TokenContext, 'clock' | 'sleeper'> {
  readonly store: FaultTolerantTokenStore;
}

/** The right to request a token, which one process of a fleet holds at a time. It is asked for by the constructor. */
export class Lease {
  readonly #answer: Promise<TokenStoreLease | 'taken' | undefined>;
  readonly #ends: Moment;

  /** @param lifetime milliseconds */
  constructor(
    private readonly dependencies: LeaseDependencies,
    key: string,
    lifetime: number,
  ) {
    const { store, clock } = dependencies;
    this.#ends = later(now(clock), lifetime);
    this.#answer = store.acquire(key, lifetime);
  }

  /** `taken` if another process holds it, `undefined` if the store cannot grant any. */
  async state(): Promise<'held' | 'taken' | undefined> {
    const answer = await this.#answer;
    return typeof answer === 'object' ? 'held' : answer;
  }

  /**
   * Gives it back, if it was granted. If the store cannot be reached, that is tried again while the lease lives: others
   * may reach it, and wait.
   *
   * @param writeAgain writes the result of the request once more
   */
  async giveBack(writeAgain: (() => Promise<void>) | undefined): Promise<void> {
    const { store, clock, sleeper } = this.dependencies;
    const lease = await this.#answer;
    if (typeof lease !== 'object') return;
    while (!(await store.release(lease))) {
      await sleeper.sleep(REST);
      if (sleeper.closed || until(this.#ends, clock) <= 0) return;
      await writeAgain?.();
    }
  }
}
