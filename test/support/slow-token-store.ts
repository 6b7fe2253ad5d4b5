import type { TokenStore } from '../../lib/options/token-store.js';
import type { TestClock } from '../../lib/testing/test-clock.js';

/** A store that answers after `delay` milliseconds; for ever not, where that is infinite. Redis is asked twice to write. */
export function slow(store: TokenStore, delay: () => number, clock: TestClock): TokenStore {
  const late = <T>(run: () => Promise<T>): Promise<T> => {
    const wait = delay();
    if (wait === 0) return run();
    return new Promise((resolve) => void (wait < Infinity && clock.after(wait, () => resolve(run()))));
  };
  return {
    get: (key) => late(() => store.get(key)),
    set: (key, value, lifetime) => late(() => late(() => store.set(key, value, lifetime))),
    delete: (key, ifValue) => late(() => late(() => store.delete(key, ifValue))),
    acquire: (key, lifetime) =>
      late(async () => {
        const lease = await store.acquire?.(key, lifetime);
        return lease && { ...lease, release: () => late(() => lease.release()) };
      }),
    renew: (lease, lifetime) => late(async () => (await store.renew?.(lease, lifetime)) ?? false),
  };
}
