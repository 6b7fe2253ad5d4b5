import { describe, expect, it } from '@jest/globals';
import { AssertionCallback } from '../../../lib/client-authentication/assertion-callback.js';
import { fingerprint } from '../../../lib/client-authentication/credential-callback.js';
import { TestClock } from '../../../lib/testing/test-clock.js';

/** A callback of which a test changes what its function returns. */
function callbackOf(assertion: string) {
  const clock = new TestClock();
  const state = { assertion, calls: 0 };
  const read = (): string => {
    state.calls += 1;
    return state.assertion;
  };
  return { clock, state, callback: new AssertionCallback(read, clock) };
}

describe('AssertionCallback', () => {
  it('is not cached: it calls its function for every value', async () => {
    const { callback, state } = callbackOf('a');
    await callback.value(100);
    state.assertion = 'b';
    expect([callback.isCached, await callback.value(100), state.calls]).toEqual([false, 'b', 2]);
  });

  it('throws if its function returns nothing', async () => {
    await expect(callbackOf('').callback.value(100)).rejects.toThrow(
      'client.clientAuthentication is a function that returned an empty string',
    );
  });

  it('calls its function at most every 5 s for an assertion that stays refused', async () => {
    const { callback, clock, state } = callbackOf('same');
    const changed = () => callback.changedSince(fingerprint('same'), 100);
    expect([await changed(), await changed(), state.calls]).toEqual([false, false, 1]);
    await clock.advance(4999);
    await changed();
    expect(state.calls).toBe(1);
    await clock.advance(1);
    state.assertion = 'other';
    expect([await changed(), state.calls]).toEqual([true, 2]);
  });

  it('finds no change if its function fails', async () => {
    const { callback, state } = callbackOf('a');
    state.assertion = '';
    expect(await callback.changedSince(fingerprint('a'), 100)).toBe(false);
  });

  it('doubles the pause between calls, up to 5 minutes, while each assertion is refused in turn', async () => {
    const { callback, clock, state } = callbackOf('0');
    const pauses: number[] = [];
    for (let round = 0; round < 8; round++) {
      const refused = fingerprint(String(round));
      state.assertion = String(round + 1);
      const before = clock.monotonic();
      while (!(await callback.changedSince(refused, 100))) await clock.advance(5000);
      pauses.push((clock.monotonic() - before) / 1000);
    }
    expect(pauses).toEqual([0, 10, 20, 40, 80, 160, 300, 300]);
  });

  it('shortens the pause to 5 s again once an assertion stays the same', async () => {
    const { callback, clock, state } = callbackOf('b');
    await callback.changedSince(fingerprint('a'), 100);
    await callback.changedSince(fingerprint('b'), 100);
    await clock.advance(10_000);
    expect(await callback.changedSince(fingerprint('b'), 100)).toBe(false);
    state.assertion = 'c';
    await clock.advance(5000);
    expect(await callback.changedSince(fingerprint('b'), 100)).toBe(true);
  });
});
