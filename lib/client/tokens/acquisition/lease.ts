import type { Clock } from '../../../time/clock.js';
import { later, now, until, type Moment } from '../../../time/moment.js';
import type { TokenStoreLease } from '../../../options/token-store.js';
import type { Sleeper } from '../../../time/sleeper.js';
import { REST, type FaultTolerantTokenStore } from './fault-tolerant-token-store.js';

export interface LeaseDependencies {
  readonly store: FaultTolerantTokenStore;
  readonly clock: Clock;
  readonly sleeper: Sleeper;
}

/** The right to fetch a token, which one process of a fleet holds at a time. It is asked for at once. */
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

  /** `taken` where another process holds it; `undefined` where there is none to be had. */
  async state(): Promise<'held' | 'taken' | undefined> {
    const answer = await this.#answer;
    return typeof answer === 'object' ? 'held' : answer;
  }

  /**
   * Gives it back, if it was granted. Where the store cannot be reached, that is tried again while the lease lives: others
   * may reach it, and wait.
   *
   * @param tellAgain tells others once more what came of the lease
   */
  async giveBack(tellAgain: (() => Promise<unknown>) | undefined): Promise<void> {
    const { store, clock, sleeper } = this.dependencies;
    const lease = await this.#answer;
    if (typeof lease !== 'object') return;
    while (!(await store.release(lease))) {
      await sleeper.sleep(REST);
      if (sleeper.closed || until(this.#ends, clock) <= 0) return;
      await tellAgain?.();
    }
  }
}
