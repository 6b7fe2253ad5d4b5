import { later, now, until, type Moment } from '../../../time/moment.js';
import type { TokenStoreLease } from '../../../options/token-store.js';
import type { TokenContext } from '../token/token-context.js';
import { REST, type FaultTolerantTokenStore } from './fault-tolerant-token-store.js';

export interface LeaseDependencies extends Pick<TokenContext, 'clock' | 'sleeper'> {
  readonly store: FaultTolerantTokenStore;
}

/** Milliseconds that a lease lasts after its last renewal: others wait that long for a process that died. */
const LIFETIME = 2000;
/** Milliseconds between two renewals. Most requests end before the first one. */
const RENEWAL = 500;

/**
 * The right to request a token, which one process of a fleet holds at a time. It is asked for by the constructor, and
 * renewed until it is given back.
 */
export class Lease {
  readonly #answer: Promise<TokenStoreLease | 'taken' | undefined>;
  /** When it is not renewed any more. */
  readonly #lastRenewal: Moment;
  #ends: Moment;
  #isHeld = false;
  #cancelRenewal: (() => void) | undefined;

  /** @param longest milliseconds for which it may be needed. A store that renews no leases grants it for all of them. */
  constructor(
    private readonly dependencies: LeaseDependencies,
    key: string,
    longest: number,
  ) {
    const { store, clock } = dependencies;
    const lifetime = store.renewsLeases ? Math.min(LIFETIME, longest) : longest;
    this.#lastRenewal = later(now(clock), longest - lifetime);
    this.#ends = later(now(clock), lifetime);
    this.#answer = store.acquire(key, lifetime).then((answer) => {
      this.#isHeld = typeof answer === 'object';
      if (typeof answer === 'object') this.#renewLater(answer);
      return answer;
    });
  }

  /** Whether no other process can have got it meanwhile. A process that was suspended cannot know that. */
  get isHeld(): boolean {
    return this.#isHeld && until(this.#ends, this.dependencies.clock) > 0;
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
    this.#isHeld = false;
    this.#cancelRenewal?.();
    if (typeof lease !== 'object') return;
    while (!(await store.release(lease))) {
      await sleeper.sleep(REST);
      if (sleeper.closed || until(this.#ends, clock) <= 0) return;
      await writeAgain?.();
    }
  }

  #renewLater(lease: TokenStoreLease): void {
    const { clock } = this.dependencies;
    if (!this.isHeld || until(this.#lastRenewal, clock) <= 0) return;
    this.#cancelRenewal = clock.after(RENEWAL, () => void this.#renew(lease));
  }

  async #renew(lease: TokenStoreLease): Promise<void> {
    const { store, clock } = this.dependencies;
    const sentAt = now(clock);
    const answer = await store.renew(lease, LIFETIME);
    if (answer) this.#ends = later(sentAt, LIFETIME);
    if (answer === false) this.#isHeld = false;
    this.#renewLater(lease);
  }
}
