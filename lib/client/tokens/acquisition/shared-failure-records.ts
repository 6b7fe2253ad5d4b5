import type { Clock } from '../../../time/clock.js';
import { decodeFailure, type FailureRecord } from './failure-record.js';
import { afterlife, FailureRecords } from './failure-records.js';
import type { FaultTolerantTokenStore } from './fault-tolerant-token-store.js';

/** Failures that processes share through a store. Nobody waits for the store to keep them. */
export class SharedFailureRecords extends FailureRecords {
  constructor(
    private readonly store: FaultTolerantTokenStore,
    clock: Clock,
  ) {
    super(clock);
  }

  /** Reads the failures of other processes out of the store. */
  async learn(key: string): Promise<void> {
    const stored = await this.store.get(storeKey(key));
    const record = stored && decodeFailure(stored.value);
    if (!record) return;
    const pause = Math.min(record.pause, stored.remaining - afterlife(record));
    const known = this.last(key);
    // A store that refuses to write still has older failures.
    if (!known || pause > known.pause) this.keep(key, record, pause);
  }

  override remember(key: string, record: FailureRecord): void {
    super.remember(key, record);
    void this.store.set(storeKey(key), JSON.stringify(record), record.pause + afterlife(record));
  }

  override forget(key: string): boolean {
    const wasThere = super.forget(key);
    if (wasThere) void this.store.delete(storeKey(key));
    return wasThere;
  }
}

function storeKey(key: string): string {
  return `failure:${key}`;
}
