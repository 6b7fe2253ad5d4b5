import type { Clock } from '../../../time/clock.js';
import { abortable } from './abortable.js';
import type { AccessToken } from '../token/access-token.js';
import type { CachedToken, PreviousToken } from '../token/cached-token.js';
import { until } from '../../../time/moment.js';
import { withTimeout } from '../../../time/timeout.js';
import { RenewalPostponed } from '../token/renewal-postponed.js';
import { RequestPostponed } from '../token/request-postponed.js';

/** Milliseconds that a call waits at most for a newer token while it could have the one at hand. */
const PATIENCE = 1000;

/**
 * What a flight is for: to renew a token ahead of time, to get one that somebody waits for, or to replace one that was
 * rejected.
 */
type Purpose = 'renewal' | 'urgent' | 'replacement';

/** Where a slot's tokens come from, and who hears of its life. */
export interface TokenCacheEntryDependencies {
  readonly clock: Clock;
  /** Gets a token other than the one known. @throws RenewalPostponed where that one leaves time to spare */
  obtain(known: PreviousToken | undefined): Promise<CachedToken>;
  /** Milliseconds to leave between renewals, after so many failures in a row. */
  pauseAfter(failures: number): number;
  /** A token is served that is about to expire, because no newer one can be had. */
  onServedDuringOutage(remaining: number): void;
}

/** The place of one token: what is at hand, and the one request that is under way for the next. */
export class TokenCacheEntry {
  #held: CachedToken | undefined;
  /** The value of the token that is held, or was held until it was forgotten. */
  #known: string | undefined;
  #flight: Promise<CachedToken> | undefined;
  /** Flights that failed since the last one that did not. */
  #failures = 0;
  #renewNotBefore = 0;
  #postponed = false;
  #announced = false;

  constructor(private readonly dependencies: TokenCacheEntryDependencies) {}

  /** The token at hand, used up or not. */
  get held(): AccessToken | undefined {
    return this.#held?.token;
  }

  /** The token at hand, unless it is used up. Where its renewal is due, that begins in the background. */
  current(): AccessToken | undefined {
    const held = this.#held;
    if (!held) return undefined;
    const remaining = until(held.expiresAt, this.dependencies.clock);
    if (remaining <= held.plan.leeway) return undefined;
    if (remaining <= held.plan.renewal) this.#renewInBackground();
    return held.token;
  }

  /**
   * Waits for a token in place of the one at hand, however long that one lives. All who wait share one request, and its
   * failure.
   */
  next(signal: AbortSignal | undefined): Promise<AccessToken> {
    return this.#next('replacement', signal);
  }

  /** The next token, or the one at hand where that is not really expired and the next one does not come. */
  async nextOrCurrent(signal: AbortSignal | undefined): Promise<AccessToken> {
    const held = this.#held;
    const remaining = this.#remaining();
    if (!held || remaining <= 0) {
      const token = await this.#next('urgent', signal);
      return this.#held?.isEnding ? this.nextOrCurrent(signal) : token;
    }
    if (this.#failures > 0) {
      this.#renewInBackground();
    } else {
      const patience = Math.min(PATIENCE, remaining / 2);
      const next = withTimeout(this.#next('urgent', undefined), patience, this.dependencies.clock).catch(
        () => undefined,
      );
      const token = await abortable(next, signal);
      if (token) return token;
      // Forgotten meanwhile: it was rejected. Or the process was held up for longer than the token lived.
      if (this.#held !== held || this.#remaining() <= 0) return this.current() ?? this.#next('urgent', signal);
      this.#failures ||= 1;
    }
    if (!this.#announced) this.dependencies.onServedDuringOutage(this.#remaining());
    this.#announced = true;
    return held.token;
  }

  /** Forgets the token at hand; with `ifValue`, only if it is that one. */
  forget(ifValue: string | undefined): void {
    const value = this.#held?.token.value;
    if (ifValue !== undefined && value !== undefined && ifValue !== value) return;
    this.#known = ifValue ?? value;
    this.#held = undefined;
  }

  /** Resolves when no request is under way. */
  async settled(): Promise<void> {
    await this.#flight?.catch(() => undefined);
  }

  async #next(purpose: Purpose, signal: AbortSignal | undefined): Promise<AccessToken> {
    try {
      return (await abortable(this.#fly(purpose), signal)).token;
    } catch (error) {
      if (!(error instanceof RenewalPostponed)) throw error;
      return (await abortable(this.#fly(purpose), signal)).token;
    }
  }

  #renewInBackground(): void {
    if (this.#flight || this.dependencies.clock.monotonic() < this.#renewNotBefore) return;
    this.#fly('renewal').catch(() => undefined);
  }

  #fly(purpose: Purpose): Promise<CachedToken> {
    this.#flight ??= this.#land(purpose).finally(() => (this.#flight = undefined));
    return this.#flight;
  }

  async #land(purpose: Purpose): Promise<CachedToken> {
    const { clock, obtain } = this.dependencies;
    try {
      const held = await obtain(this.#knownToken(purpose));
      this.#held = held;
      this.#known = held.token.value;
      this.#failures = this.#renewNotBefore = 0;
      this.#postponed = this.#announced = false;
      return held;
    } catch (error) {
      this.#postponed = error instanceof RenewalPostponed;
      this.#renewNotBefore = clock.monotonic() + this.#pauseAfter(error);
      throw error instanceof RequestPostponed ? error.failure : error;
    }
  }

  #pauseAfter(error: unknown): number {
    const { pauseAfter } = this.dependencies;
    if (error instanceof RenewalPostponed) return error.pause;
    // A longer one may be over before its time: another process may have a token, or the secret may change.
    if (error instanceof RequestPostponed) return Math.min(error.pause, pauseAfter(Infinity));
    this.#failures += 1;
    return pauseAfter(this.#failures);
  }

  #knownToken(purpose: Purpose): PreviousToken | undefined {
    const value = this.#known;
    if (value === undefined) return undefined;
    const remaining = Math.max(0, this.#remaining());
    const canWait = purpose === 'renewal' && !this.#postponed;
    return {
      value,
      valid: remaining > 0,
      remaining: purpose === 'replacement' ? 0 : remaining,
      spare: canWait ? Math.max(0, remaining - (this.#held?.plan.leeway ?? 0)) : 0,
    };
  }

  /** Milliseconds until the token at hand expires. */
  #remaining(): number {
    return this.#held ? until(this.#held.expiresAt, this.dependencies.clock) : 0;
  }
}
