import { describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import { renewalPlan, type RenewalPreferences } from '../../../../lib/client/token/life/renewal-plan.js';

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

  it('never makes a token useless, renews none at once, and renews before the leeway', () => {
    const preference = fc.option(fc.integer({ min: 0, max: 10 ** 8 }), { nil: undefined });
    const preferences = fc.record({ leeway: preference, ahead: preference, jitter: preference });
    const property = fc.property(
      fc.integer({ min: 1, max: 10 ** 9 }),
      fc.string(),
      preferences,
      (lifetime, value, chosen) => {
        const { leeway, renewal } = renewalPlan({ value, lifetime }, chosen);
        return leeway >= 0 && leeway <= renewal && renewal <= lifetime / 2;
      },
    );
    expect(fc.check(property)).toMatchObject({ failed: false, counterexample: null });
  });
});
