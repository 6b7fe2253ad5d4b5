import { describe, expect, it } from '@jest/globals';
import { FaultTolerantTokenStore } from '../../../../../lib/client/tokens/acquisition/fault-tolerant-token-store.js';
import type { Failure } from '../../../../../lib/client/tokens/acquisition/failure.js';
import { FailureRecords } from '../../../../../lib/client/tokens/acquisition/failure-records.js';
import { TestClock } from '../../../../../lib/testing/test-clock.js';
import { MemoryTokenStore } from '../../../../support/memory-token-store.js';

const HOUR = 60 * 60 * 1000;

const failureNumber = (count: number): Failure => ({
  kind: 'refused',
  count,
  pause: 60_000,
  message: 'refused',
  refusal: undefined,
  isDiscovery: false,
  secret: undefined,
});

/** What a process makes of a failure that it finds in the store. */
async function learnt(failure: unknown, remaining: number) {
  const clock = new TestClock();
  const inner = new MemoryTokenStore(clock);
  const memory = new FailureRecords(clock, new FaultTolerantTokenStore(inner, clock, () => undefined));
  await inner.set('failure:k', JSON.stringify(failure), remaining);
  await memory.learn('k');
  return memory.current('k');
}

describe('FailureMemory', () => {
  it.each([
    ['as long as is left of its pause', 60_000, 2 * 60_000 + 30_000 - 5000, 55_000],
    ['no longer than its pause, however long the store keeps it', 60_000, 1e12, 60_000],
    ['an hour at most, whatever the store says', 1e12, 3e12, HOUR],
  ])('obeys a failure of another process %s', async (_name, pause, remaining, expected) => {
    const current = await learnt({ count: 1, pause, message: 'refused' }, remaining);
    expect(current?.pause).toBe(expected);
  });

  it('does not go back to a failure before its own, of which a store that refuses to write still tells', async () => {
    const clock = new TestClock();
    const inner = new MemoryTokenStore(clock);
    const memory = new FailureRecords(clock, new FaultTolerantTokenStore(inner, clock, () => undefined));
    await memory.remember('k', failureNumber(1));
    await clock.advance(60_000);
    inner.set = () => Promise.reject(new Error('OOM'));
    await memory.remember('k', failureNumber(2));
    for (const [wait, pause] of [
      [0, 60_000],
      [60_000, undefined],
    ] as const) {
      await clock.advance(wait);
      await memory.learn('k');
      expect([memory.current('k')?.pause, memory.count('k', 'refused')]).toEqual([pause, 2]);
    }
  });

  it('ends a pause in which the machine was suspended', async () => {
    const clock = new TestClock();
    const memory = new FailureRecords(clock, undefined);
    await memory.remember('k', failureNumber(1));
    clock.jump(60_000);
    expect([memory.current('k'), memory.count('k', 'refused')]).toEqual([undefined, 1]);
    clock.jump(HOUR);
    expect(memory.count('k', 'refused')).toBe(0);
  });

  it('holds as many failures as there are tokens, and no more', async () => {
    const memory = new FailureRecords(new TestClock(), undefined);
    for (let i = 0; i < 20_000; i++) await memory.remember(`k${i}`, failureNumber(1));
    expect([0, 9999, 10_000, 19_999].map((i) => memory.count(`k${i}`, 'refused'))).toEqual([0, 0, 1, 1]);
  });

  it.each([null, 'text', { count: 1, pause: 60_000 }, { count: 1, pause: '60000', message: 'refused' }])(
    'passes over %j',
    async (failure) => {
      expect(await learnt(failure, HOUR)).toBeUndefined();
    },
  );
});
