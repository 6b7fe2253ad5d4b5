import { describe, expect, it } from '@jest/globals';
import { TestClock } from '../../../lib/testing/test-clock.js';
import { ElapsedTime } from '../../../lib/time/elapsed-time.js';

describe('ElapsedTime', () => {
  it('grows with the clock', async () => {
    const clock = new TestClock();
    const time = new ElapsedTime(clock);
    const start = time.now();
    await clock.advance(1000);
    expect(time.now() - start).toBe(1000);
  });

  it('goes on while the machine is suspended, and is not turned back with the wall clock', async () => {
    const clock = new TestClock();
    const time = new ElapsedTime(clock);
    const start = time.now();
    clock.jump(5000);
    expect(time.now() - start).toBe(5000);
    clock.jump(-3_600_000);
    expect(time.now() - start).toBe(5000);
    await clock.advance(1000);
    expect(time.now() - start).toBe(6000);
  });
});
