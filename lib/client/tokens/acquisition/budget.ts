import type { Clock } from '../../../time/clock.js';
import { BudgetExceededError } from '../../../errors/budget-exceeded.error.js';
import type { ResolvedClient } from '../../../options/resolved-options.js';

const HOUR = 60 * 60 * 1000;
/** Parts of a period that requests are counted in: what was requested leaves the count by parts. */
const PARTS = 60;
/** Part of the budget that only renewals may use, so that endless new scopes cannot starve the keys in use. */
const RESERVE = 1 / 5;

export type BudgetPurpose = 'new token' | 'renewal';

/** How many token requests this process may still make. What is not sent costs nothing. */
export class Budget {
  readonly #periods: readonly Period[];

  constructor(
    { budget }: ResolvedClient,
    private readonly clock: Clock,
  ) {
    const periods = [new Period('hour', HOUR, budget.perHour), new Period('day', 24 * HOUR, budget.perDay)];
    this.#periods = periods.filter(({ limit }) => limit !== Infinity);
  }

  /** @throws BudgetExceededError where no request is left for that */
  check(purpose: BudgetPurpose): void {
    const now = this.clock.monotonic();
    const exhausted = this.#periods.find((period) => period.used(now) >= period.limitFor(purpose));
    if (!exhausted) return;
    const { name, limit, reserve } = exhausted;
    const kept = purpose === 'renewal' || reserve === 0 ? '' : `, ${reserve} of them kept for renewals`;
    throw new BudgetExceededError(
      `no token is requested: the budget of ${limit} token requests per ${name} is used up${kept}`,
    );
  }

  /** Takes one request out of the budget. @throws BudgetExceededError where none is left for that */
  take(purpose: BudgetPurpose): void {
    this.check(purpose);
    for (const period of this.#periods) period.add(this.clock.monotonic());
  }
}

class Period {
  #counts: { readonly since: number; requests: number }[] = [];

  constructor(
    readonly name: string,
    private readonly length: number,
    readonly limit: number,
  ) {}

  /** Requests that are for renewals only: a fifth, at least one; none out of a budget of one, which the first token takes. */
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
