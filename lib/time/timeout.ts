import type { Clock } from './clock.js';

/**
 * What a promise gives, or `undefined` if that takes longer than `patience` milliseconds.
 *
 * @throws what the promise is rejected with in that time; later than that, nobody hears of it
 */
export function withTimeout<T>(promise: Promise<T>, timeout: number, clock: Clock): Promise<T | undefined> {
  return new Promise((resolve, reject) => {
    // In a process that was held up, the timer fires before the answer that is already there is read.
    const giveUp = (): void => void setImmediate(() => resolve(undefined));
    const cancel = clock.after(timeout, giveUp, { keepAlive: true });
    promise.finally(cancel).then(resolve, reject);
  });
}
