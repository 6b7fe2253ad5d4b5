import { describe, expect, it } from '@jest/globals';
import { nextForcedRenewal, type ForcedRenewals } from '../../../../lib/client/requests/forced-renewals.js';

const SECOND = 1000;
const HOUR = 3600 * SECOND;
const last = (fields: Partial<ForcedRenewals> = {}): ForcedRenewals => ({
  pause: 10 * SECOND,
  starts: [0],
  rejectedAt: 0,
  accepted: false,
  flight: undefined,
  ...fields,
});

describe('nextForcedRenewal', () => {
  it('allows the first one, with a pause of ten seconds after it', () => {
    expect(nextForcedRenewal(undefined, 5)).toEqual({
      pause: 10 * SECOND,
      starts: [5],
      rejectedAt: 5,
      accepted: false,
    });
  });

  it('allows none within the pause', () => {
    expect(nextForcedRenewal(last(), 10 * SECOND - 1)).toBeUndefined();
    expect(nextForcedRenewal(last(), 10 * SECOND)).toBeDefined();
  });

  it.each([
    ['doubles if the last one did not help', {}, 10 * SECOND, 20 * SECOND],
    ['is an hour at most', { pause: HOUR }, HOUR, HOUR],
    [
      'starts over if a token was accepted, and none rejected for the pause',
      { accepted: true },
      10 * SECOND,
      10 * SECOND,
    ],
    ['doubles if a token was rejected since', { accepted: true, rejectedAt: 1 }, 10 * SECOND, 20 * SECOND],
  ])('has a pause that %s', (_, fields, now, pause) => {
    expect(nextForcedRenewal(last(fields), now)).toMatchObject({ pause });
  });

  it('allows nine an hour', () => {
    const starts = Array.from({ length: 9 }, (_, index) => index * 10 * SECOND);
    expect(nextForcedRenewal(last({ starts }), HOUR - 1)).toBeUndefined();
    expect(nextForcedRenewal(last({ starts }), HOUR)?.starts).toEqual([...starts.slice(1), HOUR]);
  });
});
