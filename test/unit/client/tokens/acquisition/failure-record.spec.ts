import { describe, expect, it } from '@jest/globals';
import { failurePause } from '../../../../../lib/client/tokens/acquisition/failure-record.js';

const retry = { attempts: 3, delay: 200, maxDelay: 2000 };
const YEARS = 2 ** 31;

describe('failurePause', () => {
  it.each([
    ['a second', 1, 1, 1000],
    ['a second, again and again', 1, 5, 1500],
    ['nothing', undefined, 1, 150],
    ['a day', 86_400, 1, 3_600_000],
    ['68 years', YEARS, 9, 3_600_000],
  ])('obeys a Retry-After of %s for the growing pause at least, an hour at most', (_name, retryAfter, count, pause) => {
    expect(failurePause('outage', count, retry, retryAfter)).toBe(pause);
  });

  it.each(['credentials', 'refused'] as const)('doubles from 5 s to 5 min if the failure is of the kind %s', (kind) => {
    const pauses = [1, 2, 3, 7, 100].map((count) => failurePause(kind, count, retry, 1));
    expect(pauses).toEqual([5000, 10_000, 20_000, 300_000, 300_000]);
  });
});
