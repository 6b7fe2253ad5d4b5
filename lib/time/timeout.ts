import type { Clock } from './clock.js';

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
