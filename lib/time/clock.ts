import { AsyncResource } from 'node:async_hooks';
import { clearTimeout, monotonic, setTimeout } from './real-timers.js';

/** Time as this package sees it; tests and simulations put their own in its place. */
export interface Clock {
  /** Milliseconds since the epoch; may jump. */
  wall(): number;
  /** Milliseconds that only grow; stops while the machine is suspended. */
  monotonic(): number;
  /**
   * Calls back once, after `delay` milliseconds, for no request. Returns a function that cancels it.
   *
   * @param options.keepAlive whether the process waits for it, as it must if a caller waits. @default false
   */
  after(delay: number, callback: () => void, options?: { readonly keepAlive?: boolean }): () => void;
}

const LONGEST_TIMER = 2 ** 31 - 1;

/** The context of no request: without its caller, its trace and what its logger knows. */
const PROCESS = new AsyncResource('NestjsM2MClock');

/** Fake timers of a test move its wall clock only: tokens expire, and requests to servers take real time. */
export const systemClock: Clock = {
  wall: () => Date.now(),
  monotonic,
  after(delay, callback, { keepAlive = false } = {}) {
    // A longer delay would overflow the timer and fire at once.
    const start = (): NodeJS.Timeout => setTimeout(callback, Math.min(delay, LONGEST_TIMER));
    // The span of a call would get what timers do hours after it.
    const timer = PROCESS.runInAsyncScope(start);
    if (!keepAlive) timer.unref();
    return () => clearTimeout(timer);
  },
};
