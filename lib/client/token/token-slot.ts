import type { Clock } from '../../clock.js';
import { abortable } from './abortable.js';
import type { AccessToken } from './access-token.js';
import type { HeldToken, KnownToken } from './life/held-token.js';
import { until } from './life/instant.js';

/** Where a slot's tokens come from, and who hears of its life. */
export interface TokenSlotDependencies {
  readonly clock: Clock;
  /** Gets a token other than the one known. */
  obtain(known: KnownToken | undefined): Promise<HeldToken>;
  /** A token was served that is about to expire, because no newer one can be had. */
  onServedDuringOutage(remaining: number): void;
}

/** The place of one token: what is at hand, and the one request that is under way for the next. */
export class TokenSlot {
  #held: HeldToken | undefined;
  #flight: Promise<HeldToken> | undefined;
  /** The value of the token that is held, or was held until it was forgotten. */
  #known: string | undefined;

  constructor(private readonly dependencies: TokenSlotDependencies) {}

  /** The token at hand, unless it is used up. */
  current(): AccessToken | undefined {
    const held = this.#held;
    return held && this.#remaining() > held.plan.leeway ? held.token : undefined;
  }

  /** Waits for the next token. All who wait share one request, and its failure. */
  async next(signal: AbortSignal | undefined): Promise<AccessToken> {
    return (await abortable(this.#fly(), signal)).token;
  }

  /** Waits for the next token, or falls back on the one at hand as long as it is not really expired. */
  async nextOrCurrent(signal: AbortSignal | undefined): Promise<AccessToken> {
    try {
      return await this.next(signal);
    } catch (error) {
      const remaining = this.#remaining();
      if (!this.#held || remaining <= 0 || signal?.aborted) throw error;
      this.dependencies.onServedDuringOutage(remaining);
      return this.#held.token;
    }
  }

  /** Forgets the token at hand; with `ifValue`, only if it is that one. */
  forget(ifValue: string | undefined): void {
    const value = this.#held?.token.value;
    if (ifValue !== undefined && value !== undefined && ifValue !== value) return;
    this.#known = ifValue ?? value;
    this.#held = undefined;
  }

  #fly(): Promise<HeldToken> {
    this.#flight ??= this.#land().finally(() => (this.#flight = undefined));
    return this.#flight;
  }

  async #land(): Promise<HeldToken> {
    const value = this.#known;
    const held = await this.dependencies.obtain(
      value === undefined ? undefined : { value, valid: this.#remaining() > 0 },
    );
    this.#held = held;
    this.#known = held.token.value;
    return held;
  }

  /** Milliseconds until the token at hand expires. */
  #remaining(): number {
    return this.#held ? until(this.#held.expiresAt, this.dependencies.clock) : 0;
  }
}
