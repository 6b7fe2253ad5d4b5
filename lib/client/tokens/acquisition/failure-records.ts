import type { Clock } from '../../../time/clock.js';
import { later, now, until, type Moment } from '../../../time/moment.js';
import { BoundedMap, MAX_KEYS } from '../token/bounded-map.js';
import type { FaultTolerantTokenStore } from './fault-tolerant-token-store.js';
import { decodeFailure, encodeFailure, type Failure } from './failure.js';

interface Remembered {
  readonly failure: Failure;
  readonly pauseEnds: Moment;
}

/** A failure, and how many milliseconds of its pause are left. */
export interface CurrentFailure {
  readonly failure: Failure;
  readonly pause: number;
}

/**
 * The failures that keep requests from being sent, in this process and in those that share its store.
 *
 * One is remembered for longer than it keeps requests away, so that the next one can be counted on top of it.
 */
export class FailureRecords {
  readonly #local = new BoundedMap<Remembered>(MAX_KEYS);

  constructor(
    private readonly clock: Clock,
    private readonly store: FaultTolerantTokenStore | undefined,
  ) {}

  /** The failure that keeps requests away now, as far as this process knows. */
  current(key: string): CurrentFailure | undefined {
    const last = this.#last(key);
    return last && last.pause > 0 ? last : undefined;
  }

  /** Learns from the store what other processes went through. */
  async learn(key: string): Promise<void> {
    const stored = await this.store?.get(storeKey(key));
    const failure = stored && decodeFailure(stored.value);
    if (!failure) return;
    const pause = Math.min(failure.pause, stored.remaining - afterlife(failure));
    const known = this.#last(key);
    // A store that refuses to write goes on telling of what is over.
    if (!known || pause > known.pause) this.#keep(key, failure, pause);
  }

  /** How many failures of a kind there were in a row. */
  count(key: string, kind: Failure['kind']): number {
    const failure = this.#last(key)?.failure;
    return failure?.kind === kind ? failure.count : 0;
  }

  async remember(key: string, failure: Failure): Promise<void> {
    this.#keep(key, failure, failure.pause);
    await this.store?.set(storeKey(key), encodeFailure(failure), failure.pause + afterlife(failure));
  }

  async forget(key: string): Promise<void> {
    if (!this.#local.delete(key)) return;
    await this.store?.delete(storeKey(key));
  }

  /** The last failure; what is left of its pause is negative once that is over. */
  #last(key: string): CurrentFailure | undefined {
    const entry = this.#local.get(key);
    if (!entry) return undefined;
    const { failure, pauseEnds } = entry;
    const pause = until(pauseEnds, this.clock);
    return pause > -afterlife(failure) ? { failure, pause } : undefined;
  }

  #keep(key: string, failure: Failure, pause: number): void {
    this.#local.set(key, { failure, pauseEnds: later(now(this.clock), pause) });
  }
}

/** Milliseconds after its pause in which a failure is counted with the next one; the next request takes some of them. */
function afterlife({ pause }: Failure): number {
  return pause + 30_000;
}

function storeKey(key: string): string {
  return `failure:${key}`;
}
