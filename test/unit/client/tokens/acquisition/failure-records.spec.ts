import { describe, expect, it } from '@jest/globals';
import { bindValue } from '../../../../../lib/client/tokens/acquisition/bound-value.js';
import type { FailureRecord } from '../../../../../lib/client/tokens/acquisition/failure-record.js';
import { FaultTolerantTokenStore } from '../../../../../lib/client/tokens/acquisition/fault-tolerant-token-store.js';
import { FailureRecords } from '../../../../../lib/client/tokens/acquisition/failure-records.js';
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

describe('FailureRecords', () => {
  it('end a pause in which the machine was suspended', () => {
    const clock = new TestClock();
    const records = new FailureRecords(clock);
    records.remember('k', failureNumber(1));
    clock.jump(60_000);
    expect([records.current('k'), records.count('k', 'refused')]).toEqual([undefined, 1]);
    clock.jump(HOUR);
    expect(records.count('k', 'refused')).toBe(0);
  });

  it('hold as many failures as there are tokens, and no more', () => {
    const records = new FailureRecords(new TestClock());
    for (let i = 0; i < 20_000; i++) records.remember(`k${i}`, failureNumber(1));
    expect([0, 9999, 10_000, 19_999].map((i) => records.count(`k${i}`, 'refused'))).toEqual([0, 0, 1, 1]);
  });
});

/** The current failure of a process that finds one in the store. */
async function learnt(failure: unknown, remaining: number) {
  const clock = new TestClock();
  const inner = new MemoryTokenStore(clock);
  const records = new FailureRecords(clock, new FaultTolerantTokenStore(inner, clock, () => undefined));
  await inner.set('failure:k', bindValue('failure:k', JSON.stringify(failure)), remaining);
  await records.learn('k');
  return records.current('k');
}

describe('FailureRecords with a store', () => {
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
    const records = new FailureRecords(clock, new FaultTolerantTokenStore(inner, clock, () => undefined));
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
