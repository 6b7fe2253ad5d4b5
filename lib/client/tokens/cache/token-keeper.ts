import { Subject } from 'rxjs';
import { TokenEndpointError } from '../../../errors/token-endpoint.error.js';
import type { Clock } from '../../../time/clock.js';
import type { TokenWatch } from '../token/token-watch.js';
import { KeptToken } from './kept-token.js';
import type { TokenCacheEntry } from './token-cache-entry.js';

export interface TokenKeeperDependencies {
  readonly clock: Clock;
  readonly watch?: TokenWatch | undefined;
  /** Asks whether the client still exists. @throws the reason if that is not so, or cannot be known */
  readonly confirm?: (() => Promise<unknown>) | undefined;
  /** A renewal is under way. */
  renewing(): void;
  /** The last token that was kept is closed. */
  closed(): void;
}

/** Milliseconds. Timers stand still while the machine is suspended, the wall clock may be set, a client may be removed. */
const LONGEST_TIMER = 10_000;

/** Renews the token of a cache entry by a timer, as long as somebody keeps it. */
export class TokenKeeper {
  readonly #kept = new Set<KeptToken>();
  readonly #values = new Subject<string>();
  /** The value that those who keep the token know. */
  #value: string | undefined;
  /** Why the client may not exist any more. */
  #doubt: Error | undefined;
  #cancelTimer: () => void = () => undefined;

  constructor(
    readonly entry: TokenCacheEntry,
    private readonly dependencies: TokenKeeperDependencies,
  ) {
    this.#value = entry.token?.value;
    entry.onFlightEnd = () => this.#flightEnded();
  }

  /** @param closing closes the token */
  keep(closing: AbortSignal | undefined): KeptToken {
    const source = {
      values$: this.#values,
      value: () => this.#current(),
      subscriberFailed: (thrown: unknown) => this.dependencies.watch?.subscriberFailed(thrown),
      closed: (token: KeptToken) => this.#closed(token),
    };
    const token = new KeptToken(source, closing);
    this.#kept.add(token);
    this.renew();
    return token;
  }

  /** Renews the token if that is due, and looks again in time. */
  renew(): void {
    this.#cancelTimer();
    if (this.#kept.size === 0) return;
    const { clock, renewing } = this.dependencies;
    const pause = this.entry.renewIfDue();
    if (this.entry.isAcquiring) renewing();
    this.#cancelTimer = clock.after(Math.min(pause, LONGEST_TIMER), () => this.#look());
  }

  /** Closes all that is kept. */
  close(): void {
    for (const token of this.#kept) token.close();
  }

  #look(): void {
    const { confirm } = this.dependencies;
    void confirm?.().then(
      () => (this.#doubt = undefined),
      (error: unknown) => (this.#doubt = error as Error),
    );
    this.renew();
  }

  #current(): string {
    if (this.#doubt) throw this.#doubt;
    const token = this.entry.currentToTheEnd();
    if (token) return token.value;
    this.renew();
    throw this.entry.failure ?? new TokenEndpointError('the token is used up, and the next one is under way');
  }

  #flightEnded(): void {
    const value = this.entry.token?.value;
    if (value !== undefined && value !== this.#value) {
      this.#value = value;
      this.#values.next(value);
    }
    this.renew();
  }

  #closed(token: KeptToken): void {
    this.#kept.delete(token);
    if (this.#kept.size > 0) return;
    this.#cancelTimer();
    this.entry.onFlightEnd = undefined;
    this.dependencies.closed();
  }
}
