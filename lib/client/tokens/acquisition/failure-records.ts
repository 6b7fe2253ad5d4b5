import { LRUCache } from 'lru-cache';
import type { Clock } from '../../../time/clock.js';
import { later, now, since, until, type Moment } from '../../../time/moment.js';
import { KEY_LIMIT } from '../token/cache-key.js';
import { decodeFailure, type FailureRecord } from './failure-record.js';
import type { FaultTolerantTokenStore } from './fault-tolerant-token-store.js';

/** The last failure under a key. */
export interface LastFailure {
  readonly record: FailureRecord;
  /** Milliseconds of its pause that are left. Negative if the pause is over. */
  readonly pause: number;
}

/**
 * The last failure of each key. It is kept for longer than its pause, so that the next one is counted on top of it.
 * With a store, processes share their failures. Nobody waits for the store to keep them.
 */
export class FailureRecords {
  readonly #records = new LRUCache<string, { readonly record: FailureRecord; readonly pauseEnds: Moment }>(KEY_LIMIT);

  #clearedAt: Moment | undefined;

  constructor(
    private readonly clock: Clock,
    private readonly store?: FaultTolerantTokenStore,
  ) {}

  /** The failure that keeps requests away now. */
  current(key: string): LastFailure | undefined {
    const last = this.#last(key);
    return last && last.pause > 0 ? last : undefined;
  }

  /** How many failures of a kind there were in a row. */
  count(key: string, kind: FailureRecord['kind']): number {
    const record = this.#last(key)?.record;
    return record?.kind === kind ? record.count : 0;
  }

  /** Keeps a failure in place of the last one. */
  remember(key: string, record: FailureRecord): void {
    this.#keep(key, record, record.pause);
    void this.store?.set(storeKey(key), JSON.stringify(record), record.pause + afterlife(record));
  }

  /** Forgets the last failure. */
  forget(key: string): void {
    if (this.#records.delete(key)) void this.store?.delete(storeKey(key));
  }

  /** Forgets all failures until now, those of other processes too. */
  async clear(): Promise<void> {
    this.#clearedAt = now(this.clock);
    const keys = [...this.#records.keys()];
    this.#records.clear();
    await Promise.all(keys.map(async (key) => this.store?.delete(storeKey(key))));
  }

  /** Reads the failures of other processes out of the store. */
  async learn(key: string): Promise<void> {
    const stored = await this.store?.get(storeKey(key));
    const record = stored && decodeFailure(stored.value);
    if (!record) return;
    const pause = Math.min(record.pause, stored.remaining - afterlife(record));
    if (this.#clearedAt && record.pause - pause >= since(this.#clearedAt, this.clock)) {
      await this.store?.delete(storeKey(key), stored.value);
      return;
    }
    const known = this.#last(key);
    // A store that refuses to write still has older failures.
    if (!known || pause > known.pause) this.#keep(key, record, pause);
  }

  #last(key: string): LastFailure | undefined {
    const entry = this.#records.get(key);
    if (!entry) return undefined;
    const pause = until(entry.pauseEnds, this.clock);
    return pause > -afterlife(entry.record) ? { record: entry.record, pause } : undefined;
  }

  /** @param pause milliseconds that are left of it */
  #keep(key: string, record: FailureRecord, pause: number): void {
    this.#records.set(key, { record, pauseEnds: later(now(this.clock), pause) });
  }
}

/** Milliseconds after its pause in which a failure is counted with the next one. The next request takes some of them. */
function afterlife({ pause }: FailureRecord): number {
  return pause + 30_000;
}

function storeKey(key: string): string {
  return `failure:${key}`;
}
