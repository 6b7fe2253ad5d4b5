import type { Attributes, Meter } from '@opentelemetry/api';
import { getOrInsert } from '../collections/get-or-insert.js';
import { INSTRUMENTS, type Instrument } from './instruments.js';

const COUNTERS: readonly Instrument[] = [
  INSTRUMENTS.tokenRequests,
  INSTRUMENTS.tokens,
  INSTRUMENTS.waits,
  INSTRUMENTS.verifications,
];

/** Takes a number of an instrument. */
export type AddTotal = (instrument: Instrument, value: number, attributes: Attributes) => void;

/** Tells what an application counted since it started. */
type ApplicationTotals = (add: AddTotal) => void;

interface Total {
  readonly instrument: Instrument;
  readonly attributes: Attributes;
  value: number;
}

const ALL = new WeakMap<Meter, ProcessTotals>();

/**
 * Adds what an application counts to the totals of its process, which a meter reports.
 *
 * @returns what ends it: the application is not asked any more, and what it counted stays in the totals
 */
export function addTotals(meter: Meter, totals: ApplicationTotals): () => void {
  return getOrInsert(ALL, meter, () => new ProcessTotals(meter)).add(totals);
}

/**
 * The totals of a process. A meter keeps the last number that it gets for a set of attributes, so that of two applications
 * one would be lost, and a total would fall when an application starts again.
 */
class ProcessTotals {
  readonly #applications = new Set<ApplicationTotals>();
  #ended: readonly Total[] = [];

  constructor(meter: Meter) {
    const counters = new Map(COUNTERS.map((each) => [each, meter.createObservableCounter(each.name, each)]));
    meter.addBatchObservableCallback(
      (result) => {
        for (const { instrument, attributes, value } of this.#sum(this.#applications)) {
          const counter = counters.get(instrument);
          if (counter) result.observe(counter, value, attributes);
        }
      },
      [...counters.values()],
    );
  }

  add(totals: ApplicationTotals): () => void {
    this.#applications.add(totals);
    return () => {
      if (this.#applications.delete(totals)) this.#ended = this.#sum([totals]);
    };
  }

  #sum(applications: Iterable<ApplicationTotals>): readonly Total[] {
    const sums = new Map<string, Total>();
    const add: AddTotal = (instrument, value, attributes) => {
      const key = JSON.stringify([instrument.name, attributes]);
      getOrInsert(sums, key, () => ({ instrument, attributes, value: 0 })).value += value;
    };
    for (const { instrument, value, attributes } of this.#ended) add(instrument, value, attributes);
    for (const totals of applications) totals(add);
    return [...sums.values()];
  }
}
