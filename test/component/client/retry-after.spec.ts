import { describe, expect, it } from '@jest/globals';
import { simulatedTokenManager } from '../../support/client-token-manager.js';
import { refused } from '../../support/scripted-upstream.js';

/** When requests are sent in a minute in which a token is requested all the time, in vain. */
async function requestsInAMinute(headers: Record<string, string>): Promise<readonly number[]> {
  const { get, clock, upstream } = simulatedTokenManager({}, () => refused(429, 'slow_down', headers));
  for (let i = 0; i < 600; i++) {
    void get().catch(() => undefined);
    await clock.advance(0);
    await clock.advance(100);
  }
  return upstream.times;
}

describe('Retry-After', () => {
  it('of 0, or a date that is over, allows no more requests than none at all', async () => {
    const without = await requestsInAMinute({});
    expect(without.length).toBeLessThan(100);
    expect(await requestsInAMinute({ 'retry-after': '0' })).toEqual(without);
    const dates = { date: 'Sat, 21 Nov 2026 10:00:00 GMT', 'retry-after': 'Sat, 21 Nov 2026 09:00:00 GMT' };
    expect(await requestsInAMinute(dates)).toEqual(without);
  });

  it('that is a date keeps requests away until then', async () => {
    const dates = { date: 'Sat, 21 Nov 2026 10:00:00 GMT', 'retry-after': 'Sat, 21 Nov 2026 10:00:25 GMT' };
    expect(await requestsInAMinute(dates)).toEqual([0, 25_000, 50_000]);
  });

  it('that is a date goes by the clock of this process if the server does not say its own', async () => {
    const { get, clock, upstream } = simulatedTokenManager({}, () =>
      refused(429, 'slow_down', { 'retry-after': new Date(clock.wall() + 25_500).toUTCString() }),
    );
    clock.jump(24 * 60 * 60 * 1000);
    for (let i = 0; i < 60; i++) {
      await get().catch(() => undefined);
      await clock.advance(500);
    }
    expect(upstream.times).toEqual([0, expect.closeTo(25_000, -4)]);
  });
});
