import { performance } from 'node:perf_hooks';
import timers from 'node:timers';

/**
 * Node's own timers. Test frameworks fake the global ones: under fake timers a request would have no deadline, and would
 * still be under way in a later test that has real ones.
 */
export const { setTimeout, clearTimeout, setImmediate } = timers;

/** Milliseconds that only grow. */
export const monotonic = (): number => performance.now();
