import { describe, expect, it } from '@jest/globals';
import { PatientStore } from '../../../../lib/client/token/shared/patient-store.js';
import { FailureMemory } from '../../../../lib/client/token/supply/failure-memory.js';
import { TestClock } from '../../../../lib/testing/test-clock.js';
import { MemoryTokenStore } from '../../../support/memory-token-store.js';

const HOUR = 60 * 60 * 1000;

/** What a process makes of a failure that it finds in the store. */
async function learnt(failure: unknown, remaining: number) {
  const clock = new TestClock();
  const inner = new MemoryTokenStore(clock);
  const memory = new FailureMemory(clock, new PatientStore(inner, clock, () => undefined));
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

  it('holds as many failures as there are tokens, and no more', async () => {
    const memory = new FailureMemory(new TestClock(), undefined);
    const failure = {
      count: 1,
      pause: 60_000,
      message: 'm',
      refusal: undefined,
      isDiscovery: false,
      secret: undefined,
    };
    for (let i = 0; i < 20_000; i++) await memory.remember(`k${i}`, failure);
    expect([0, 9999, 10_000, 19_999].map((i) => memory.count(`k${i}`))).toEqual([0, 0, 1, 1]);
  });

  it.each([null, 'text', { count: 1, pause: 60_000 }, { count: 1, pause: '60000', message: 'refused' }])(
    'passes over %j',
    async (failure) => {
      expect(await learnt(failure, HOUR)).toBeUndefined();
    },
  );
});
