import { describe, expect, it } from '@jest/globals';
import { simulatedTokenManager } from '../../support/client-token-manager.js';
import { granted } from '../../support/scripted-upstream.js';

const HOUR = 3_600_000;

/** A client whose renewal is under way, and breaks, while the process is suspended for an hour. */
async function suspendedDuringRenewal() {
  const made = simulatedTokenManager({ renewal: { jitter: 0 } }, (count) =>
    count === 2 ? { broken: true, delay: 1000 } : granted(`t${count}`, 60),
  );
  const { clock, get, upstream } = made;
  await get();
  await clock.advance(54_000);
  expect(await get()).toBe('t1');
  await clock.advance(500);
  expect(upstream.requests).toHaveLength(2);
  clock.jump(HOUR);
  return made;
}

describe('a renewal in the background that began before the process was suspended', () => {
  it('is not joined by a call after that', async () => {
    const { get, upstream } = await suspendedDuringRenewal();
    expect(await get()).toBe('t3');
    expect(upstream.requests).toHaveLength(3);
  });

  it('fails without a pause for the calls after that', async () => {
    const { get, clock, types } = await suspendedDuringRenewal();
    await clock.advance(500);
    expect(types()).toEqual(['issued']);
    await clock.advance(199);
    expect(await get()).toBe('t3');
    expect(types()).toEqual(['issued', 'issued']);
  });
});
