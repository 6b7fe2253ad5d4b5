import { describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import { renewalPlan, type RenewalPreferences } from '../../../../../lib/client/tokens/token/expiry.js';

const defaults: RenewalPreferences = { leeway: undefined, ahead: undefined, jitter: undefined };
const MINUTE = 60_000;

describe('renewalPlan', () => {
  it.each([
    ['a second', 1000, 50, 100],
    ['a minute', MINUTE, 3000, 6000],
    ['an hour', 60 * MINUTE, 10_000, 6 * MINUTE],
    ['a day', 24 * 60 * MINUTE, 10_000, 10 * MINUTE],
  ])('keeps in proportion: a token that lives %s', (_name, lifetime, leeway, ahead) => {
    const plan = renewalPlan({ value: 't', lifetime }, defaults);
    expect(plan.leeway).toBe(leeway);
    expect(plan.renewal).toBeLessThanOrEqual(ahead);
    expect(plan.renewal).toBeGreaterThanOrEqual(leeway + (ahead - leeway) / 2);
  });

  it('spreads the renewals of different tokens, and agrees on that of the same', () => {
    const renewals = ['a', 'b', 'c', 'd', 'a'].map(
      (value) => renewalPlan({ value, lifetime: 60 * MINUTE }, defaults).renewal,
    );
    expect(renewals.at(0)).toBe(renewals.at(-1));
    expect(new Set(renewals).size).toBe(4);
  });

  it('does what the options say', () => {
    const plan = renewalPlan({ value: 't', lifetime: 10 * MINUTE }, { leeway: 1000, ahead: 30_000, jitter: 0 });
    expect(plan).toEqual({ leeway: 1000, renewal: 30_000 });
  });

  it.each([
    ['a minute', MINUTE, 12_000, 15_000],
    ['ten seconds', 10_000, 5000, 5500],
    ['an hour', 60 * MINUTE, 600_000, 600_000 + 350_000],
  ])('renews before a leeway that is long for a token: %s', (_name, lifetime, leeway, renewal) => {
    expect(renewalPlan({ value: 't', lifetime }, { leeway, ahead: undefined, jitter: 0 })).toEqual({ leeway, renewal });
  });

  it('has a leeway that is shorter than the time of a renewal that comes late', () => {
    const plan = renewalPlan({ value: 't', lifetime: 60 * MINUTE }, { leeway: undefined, ahead: 5000, jitter: 0 });
    expect(plan).toEqual({ leeway: 2500, renewal: 5000 });
  });

  it('leaves time before the leeway if the lifetime caps both', () => {
    const plan = renewalPlan({ value: 't', lifetime: MINUTE }, { leeway: 40_000, ahead: 50_000, jitter: 0 });
    expect(plan).toEqual({ leeway: 30_000, renewal: 45_000 });
  });

  it('never makes a token useless, renews none at once, and renews before the leeway', () => {
    const preference = fc.option(fc.integer({ min: 0, max: 10 ** 8 }), { nil: undefined });
    const preferences = fc.record({ leeway: preference, ahead: preference, jitter: preference });
    const property = fc.property(
      fc.integer({ min: 1, max: 10 ** 9 }),
      fc.string(),
      preferences,
      (lifetime, value, chosen) => {
        const { leeway, renewal } = renewalPlan({ value, lifetime }, chosen);
        const isUsed = leeway >= 0 && leeway <= lifetime / 2;
        // Fractions of milliseconds are rounded.
        return isUsed && leeway <= renewal && renewal <= (lifetime + leeway) / 2 + 1e-6;
      },
    );
    expect(fc.check(property)).toMatchObject({ failed: false, counterexample: null });
  });
});
