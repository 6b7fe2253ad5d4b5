import { describe, expect, it } from '@jest/globals';
import { RateLimit } from '../../../../../lib/resource-server/authentication/issuers/rate-limit.js';
import { TestClock } from '../../../../../lib/testing/test-clock.js';

describe('RateLimit', () => {
  it('admits so many in any second, wherever the second begins', async () => {
    const clock = new TestClock();
    const limit = new RateLimit(20, clock);
    const admitted: number[] = [];
    for (let tick = 0; tick < 500; tick++) {
      for (let each = 0; each < 3; each++) if (limit.admit()) admitted.push(clock.monotonic());
      await clock.advance(10);
    }
    expect(admitted).toHaveLength(100);
    expect(admitted.filter((at, index) => at < (admitted[index - 20] ?? -Infinity) + 1000)).toEqual([]);
  });
});
