import { describe, expect, it } from '@jest/globals';
import { FaultTolerantTokenStore } from '../../../../../lib/client/tokens/acquisition/fault-tolerant-token-store.js';
import type { FailureRecord } from '../../../../../lib/client/tokens/acquisition/failure-record.js';
import { SharedFailureRecords } from '../../../../../lib/client/tokens/acquisition/shared-failure-records.js';
import { TestClock } from '../../../../../lib/testing/test-clock.js';
import { MemoryTokenStore } from '../../../../support/memory-token-store.js';

const HOUR = 60 * 60 * 1000;

const failureNumber = (count: number): FailureRecord => ({
  kind: 'refused',
  count,
  pause: 60_000,
  message: 'refused',
  refusal: undefined,
  isDiscovery: false,
  credential: undefined,
});

/** The current failure of a process that finds one in the store. */
async function learnt(failure: unknown, remaining: number) {
  const clock = new TestClock();
  const inner = new MemoryTokenStore(clock);
  const records = new SharedFailureRecords(new FaultTolerantTokenStore(inner, clock, () => undefined), clock);
  await inner.set('failure:k', JSON.stringify(failure), remaining);
  await records.learn('k');
  return records.current('k');
}

describe('SharedFailureRecords', () => {
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
    const records = new SharedFailureRecords(new FaultTolerantTokenStore(inner, clock, () => undefined), clock);
    records.remember('k', failureNumber(1));
    await clock.advance(60_000);
    inner.set = () => Promise.reject(new Error('OOM'));
    records.remember('k', failureNumber(2));
    for (const [wait, pause] of [
      [0, 60_000],
      [60_000, undefined],
    ] as const) {
      await clock.advance(wait);
      await records.learn('k');
      expect([records.current('k')?.pause, records.count('k', 'refused')]).toEqual([pause, 2]);
    }
  });

  it.each([null, 'text', { count: 1, pause: 60_000 }, { count: 1, pause: '60000', message: 'refused' }])(
    'passes over %j',
    async (failure) => {
      expect(await learnt(failure, HOUR)).toBeUndefined();
    },
  );
});
