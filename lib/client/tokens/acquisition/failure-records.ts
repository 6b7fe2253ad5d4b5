import { LRUCache } from 'lru-cache';
import type { Clock } from '../../../time/clock.js';
import { later, now, until, type Moment } from '../../../time/moment.js';
import { MAX_KEYS } from '../token/cache-key.js';
import type { FailureRecord } from './failure-record.js';

/** The last failure under a key. */
export interface LastFailure {
  readonly record: FailureRecord;
  /** Milliseconds of its pause that are left. Negative if the pause is over. */
  readonly pause: number;
}

/**
 * The last failure of each key. It is kept for longer than its pause, so that the next one is counted on top of it.
 */
export class FailureRecords {
  readonly #records = new LRUCache<string, { readonly record: FailureRecord; readonly pauseEnds: Moment }>({
    max: MAX_KEYS,
  });

  constructor(private readonly clock: Clock) {}

  /** The failure that keeps requests away now. */
  current(key: string): LastFailure | undefined {
    const last = this.last(key);
    return last && last.pause > 0 ? last : undefined;
  }

  /** How many failures of a kind there were in a row. */
  count(key: string, kind: FailureRecord['kind']): number {
    const record = this.last(key)?.record;
    return record?.kind === kind ? record.count : 0;
  }

  /** Keeps a failure in place of the last one. */
  remember(key: string, record: FailureRecord): void {
    this.keep(key, record, record.pause);
  }

  /** Forgets the last failure. Returns whether there was one. */
  forget(key: string): boolean {
    return this.#records.delete(key);
  }

  protected last(key: string): LastFailure | undefined {
    const entry = this.#records.get(key);
    if (!entry) return undefined;
    const pause = until(entry.pauseEnds, this.clock);
    return pause > -afterlife(entry.record) ? { record: entry.record, pause } : undefined;
  }

  /** @param pause milliseconds that are left of it */
  protected keep(key: string, record: FailureRecord, pause: number): void {
    this.#records.set(key, { record, pauseEnds: later(now(this.clock), pause) });
  }
}

/** Milliseconds after its pause in which a failure is counted with the next one. The next request takes some of them. */
export function afterlife({ pause }: FailureRecord): number {
  return pause + 30_000;
}
