import type { Clock } from '../../../time/clock.js';
import { BudgetExceededError } from '../../../errors/budget-exceeded.error.js';
import type { ResolvedClient } from '../../../options/resolved-options.js';

const HOUR = 60 * 60 * 1000;
/** Parts of a period. Requests are counted by parts, and leave the count by parts. */
const PARTS = 60;
/** Share of the budget that only renewals may use, so that ever new scopes cannot starve the keys in use. */
const RESERVE = 1 / 5;

export type BudgetPurpose = 'new token' | 'renewal';

/** The number of token requests that this process may still send. Requests that were not sent cost nothing. */
export class Budget {
  /** Requests that have begun and not ended. */
  #pending = 0;
  readonly #periods: readonly Period[];

  constructor(
    { budget }: ResolvedClient,
    private readonly clock: Clock,
  ) {
    const periods = [new Period('hour', HOUR, budget.perHour), new Period('day', 24 * HOUR, budget.perDay)];
    this.#periods = periods.filter(({ limit }) => limit !== Infinity);
  }

  /** Takes a request out of the budget before it begins. @throws BudgetExceededError if none is left for that purpose */
  take(purpose: BudgetPurpose): void {
    const now = this.clock.monotonic();
    const exhausted = this.#periods.find((period) => period.used(now) + this.#pending >= period.limitFor(purpose));
    if (exhausted) throw exceeded(exhausted, purpose);
    this.#pending += 1;
  }

  /** Ends a request that was taken. If it was not sent, it goes back into the budget. */
  settle(sent: boolean): void {
    this.#pending -= 1;
    if (sent) for (const period of this.#periods) period.add(this.clock.monotonic());
  }
}

function exceeded({ name, limit, reserve }: Period, purpose: BudgetPurpose): BudgetExceededError {
  const kept = purpose === 'renewal' || reserve === 0 ? '' : `, ${reserve} of them kept for renewals`;
  return new BudgetExceededError(
    `no token is requested: the budget of ${limit} token requests per ${name} is used up${kept}`,
  );
}

class Period {
  #counts: { readonly since: number; requests: number }[] = [];

  constructor(
    readonly name: string,
    private readonly length: number,
    readonly limit: number,
  ) {}

  /** Requests for renewals only: a fifth, at least one. A budget of one has none, because the first token takes it. */
  get reserve(): number {
    return this.limit === 1 ? 0 : Math.max(1, Math.floor(this.limit * RESERVE));
  }

  limitFor(purpose: BudgetPurpose): number {
    return purpose === 'renewal' ? this.limit : this.limit - this.reserve;
  }

  used(now: number): number {
    const part = this.length / PARTS;
    this.#counts = this.#counts.filter(({ since }) => now - since < this.length + part);
    return this.#counts.reduce((sum, { requests }) => sum + requests, 0);
  }

  add(now: number): void {
    const last = this.#counts.at(-1);
    if (last && now - last.since < this.length / PARTS) last.requests += 1;
    else this.#counts.push({ since: now, requests: 1 });
  }
}
