import { LRUCache } from 'lru-cache';
import { entryLimit } from '../../../collections/entry-limit.js';
import { getOrInsert } from '../../../collections/get-or-insert.js';
import type { ResolvedClient } from '../../../options/resolved-options.js';
import type { Clock } from '../../../time/clock.js';
import type { Grant } from '../grants/grant.js';
import { Budget } from './budget.js';

/** The budgets of clients on whose behalf tokens are requested. Each has as much as the client itself: none uses up that of another. */
export class CallerBudgets {
  readonly #budgets = new LRUCache<string, Budget>(entryLimit(10_000));

  constructor(
    private readonly client: ResolvedClient,
    private readonly clock: Clock,
  ) {}

  /** The budget of the caller of a grant. */
  readonly of = ({ caller = '' }: Grant): Budget =>
    getOrInsert<string, Budget>(this.#budgets, caller, () => new Budget(this.client, this.clock));
}
