import type { Clock } from './clock.js';
import { setImmediate } from './real-timers.js';

/**
 * Waits for a promise. `undefined` if that takes too long.
 *
 * @param timeout milliseconds
 * @throws the rejection of the promise, unless it comes later than that
 */
export function withTimeout<T>(promise: Promise<T>, timeout: number, clock: Clock): Promise<T | undefined> {
  return new Promise((resolve, reject) => {
    // In a process that was held up, the timer fires before the answer that is already there is read.
    const giveUp = (): void => void setImmediate(() => resolve(undefined));
    const cancel = clock.after(timeout, giveUp, { keepAlive: true });
    promise.finally(cancel).then(resolve, reject);
  });
}

/** Waits for a promise until a signal ends the wait; what the promise stands for goes on. @throws the signal's reason */
export function abortable<T>(promise: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (!signal) return promise;
  return new Promise((resolve, reject) => {
    const abort = (): void => reject(signal.reason as Error);
    if (signal.aborted) abort();
    signal.addEventListener('abort', abort, { once: true });
    promise.finally(() => signal.removeEventListener('abort', abort)).then(resolve, reject);
  });
}
