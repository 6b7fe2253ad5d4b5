import type { Clock } from '../../../lib/time/clock.js';

interface Timer {
  readonly at: number;
  readonly order: number;
  /** Gives a promise where it most likely begins nothing that takes time, and is over with that promise. */
  readonly callback: () => Promise<void> | void;
  cancelled: boolean;
}

const EPOCH = Date.UTC(2026, 0, 1);

/** A process as the world sees it. */
export interface SimulatedProcess {
  readonly alive: boolean;
  /** By how many milliseconds its wall clock is off. */
  readonly skew: number;
  /** Until when its machine is suspended, in the world's true time. */
  readonly asleepUntil: number;
  /** For how many milliseconds it was suspended so far, in which its monotonic clock stood still. */
  readonly slept: number;
}

/** The true time of a simulated world: it jumps from one event to the next. */
export class WorldClock {
  now = 0;
  #order = 0;
  #timers = 0;
  /** A binary heap: the next timer comes first. */
  readonly #heap: Timer[] = [];

  after(delay: number, callback: () => void): () => void {
    this.#timers += 1;
    return this.#schedule(delay, callback);
  }

  /** The same for what most likely begins nothing that takes time: it costs the simulation less. */
  lightlyAfter(delay: number, callback: () => Promise<void>): void {
    this.#schedule(delay, callback);
  }

  /** What one process sees of it. One that is dead hears no timer, one that is suspended hears it when it wakes up. */
  seenBy(process: SimulatedProcess): Clock {
    return {
      wall: () => EPOCH + this.now + process.skew,
      monotonic: () => this.now - process.slept,
      after: (delay, callback) => this.after(delay, () => void this.#call(callback, process)),
    };
  }

  /** Resolves when a process is not suspended. */
  async awake(process: SimulatedProcess): Promise<void> {
    while (process.asleepUntil > this.now) {
      const rest = process.asleepUntil - this.now;
      await new Promise<void>((resolve) => void this.after(rest, resolve));
    }
  }

  /** Lets everything happen that happens until then; promises settle between any two events. */
  async run(until: number): Promise<void> {
    for (let timer = this.#heap[0]; timer && timer.at <= until; timer = this.#heap[0]) {
      this.#pop();
      if (timer.cancelled) continue;
      this.now = timer.at;
      const timers = this.#timers;
      const isOver = timer.callback();
      if (!isOver || this.#timers > timers || !(await soon(isOver))) await settle();
    }
    this.now = until;
  }

  async #call(callback: () => void, process: SimulatedProcess): Promise<void> {
    await this.awake(process);
    if (process.alive) callback();
  }

  #schedule(delay: number, callback: Timer['callback']): () => void {
    const at = this.now + Math.max(0, delay);
    const timer = { at, order: (this.#order += 1), callback, cancelled: false };
    this.#push(timer);
    return () => void (timer.cancelled = true);
  }

  #push(timer: Timer): void {
    const heap = this.#heap;
    let index = heap.push(timer) - 1;
    while (index > 0) {
      const parent = (index - 1) >> 1;
      if (!before(timer, heap[parent])) break;
      heap[index] = heap[parent] as Timer;
      index = parent;
    }
    heap[index] = timer;
  }

  #pop(): void {
    const heap = this.#heap;
    const last = heap.pop();
    if (!last || heap.length === 0) return;
    let index = 0;
    for (;;) {
      let child = 2 * index + 1;
      if (child + 1 < heap.length && before(heap[child + 1], heap[child])) child += 1;
      if (child >= heap.length || !before(heap[child], last)) break;
      heap[index] = heap[child] as Timer;
      index = child;
    }
    heap[index] = last;
  }
}

function before(a: Timer | undefined, b: Timer | undefined): boolean {
  if (!a || !b) return a !== undefined;
  return a.at < b.at || (a.at === b.at && a.order < b.order);
}

/** Whether a promise is settled within a few turns of the microtask queue. */
async function soon(promise: Promise<void>): Promise<boolean> {
  const state = { settled: false };
  void promise.then(() => (state.settled = true));
  for (let turn = 0; turn < 10 && !state.settled; turn++) await Promise.resolve();
  return state.settled;
}

const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
