import { describe, expect, it } from '@jest/globals';
import type { FailureRecord } from '../../../../../lib/client/tokens/acquisition/failure-record.js';
import { FailureRecords } from '../../../../../lib/client/tokens/acquisition/failure-records.js';
import { TestClock } from '../../../../../lib/testing/test-clock.js';

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
