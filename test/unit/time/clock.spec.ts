import { AsyncLocalStorage } from 'node:async_hooks';
import { setImmediate } from 'node:timers/promises';
import { describe, expect, it } from '@jest/globals';
import { currentRequest, runInRequest } from '../../../lib/request-context/request-context.js';
import { systemClock } from '../../../lib/time/clock.js';

/** The timers that keep this process alive. */
const holding = () => process.getActiveResourcesInfo().filter((resource) => resource === 'Timeout').length;

describe('systemClock', () => {
  it('tells the time of day, and a time that only grows', async () => {
    expect(Math.abs(systemClock.wall() - Date.now())).toBeLessThan(1000);
    const before = systemClock.monotonic();
    await setImmediate();
    expect(systemClock.monotonic()).toBeGreaterThan(before);
  });

  it('calls back', async () => {
    const called = new Promise<void>((resolve) => systemClock.after(1, resolve, { keepAlive: true }));
    await expect(called).resolves.toBeUndefined();
  });

  it.each([
    [undefined, 0],
    [{ keepAlive: false }, 0],
    [{ keepAlive: true }, 1],
  ])('keeps the process alive with %j for %i timers, until it is cancelled', (options, timers) => {
    const before = holding();
    const cancel = systemClock.after(60_000, () => undefined, options);
    expect(holding() - before).toBe(timers);
    cancel();
    expect(holding()).toBe(before);
  });

  it('calls back for no request: without its caller, and without what others keep of it', async () => {
    const trace = new AsyncLocalStorage<string>();
    const seen = () =>
      new Promise((resolve) => {
        systemClock.after(1, () => resolve([trace.getStore(), currentRequest()]), { keepAlive: true });
      });
    await expect(trace.run('of a request', () => runInRequest({}, seen))).resolves.toEqual([undefined, undefined]);
  });

  it('does not fire at once for a delay longer than timers can count', async () => {
    let fired = false;
    const cancel = systemClock.after(2 ** 31, () => (fired = true), { keepAlive: true });
    await new Promise((resolve) => void setTimeout(resolve, 5));
    cancel();
    expect(fired).toBe(false);
  });
});
