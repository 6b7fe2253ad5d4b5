import { describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import { isM2MError } from '../../../../../lib/errors/m2m.error.js';
import { checkKind, checkTimes } from '../../../../../lib/resource-server/authentication/jwt/claim-rules.js';

const now = Date.UTC(2026, 0, 1);
const second = now / 1000;
const rules = { clockTolerance: 5000, maxTokenAge: undefined };
const aged = { ...rules, maxTokenAge: 60_000 };
const infinite = JSON.parse('1e400') as number;

const refused = (reason: string): unknown => expect.objectContaining({ reason });

describe('checkTimes', () => {
  it.each([
    ['expires a moment later', { exp: second + 0.001 }],
    ['expired within the tolerance', { exp: second - 4.999 }],
    ['becomes valid within the tolerance', { exp: second + 9, nbf: second + 5, iat: second + 5 }],
    ['is valid since long', { exp: second + 9, nbf: 0, iat: -1 }],
  ])('accepts a token that %s', (_what, claims) => {
    const { expiresAt, acceptedUntil } = checkTimes(claims, rules, now);
    expect(expiresAt).toBe(claims.exp);
    expect(acceptedUntil).toBe(claims.exp * 1000 + 5000);
  });

  it.each([
    ['expired', { exp: second - 5 }],
    ['expired', { exp: 0 }],
    ['not-yet-valid', { exp: second + 9, nbf: second + 5.001 }],
    ['not-yet-valid', { exp: second + 9, iat: second + 5.001 }],
    ['claims', {}],
    ...[null, String(second + 9), infinite, -infinite, 1e13, NaN, true, [second + 9], {}].map(
      (exp) => ['claims', { exp }] as const,
    ),
    ...[null, '0', infinite, {}].flatMap((value) => [
      ['claims', { exp: second + 9, nbf: value }] as const,
      ['claims', { exp: second + 9, iat: value }] as const,
    ]),
  ])('refuses for %s: %j', (reason, claims) => {
    expect(() => checkTimes(claims, rules, now)).toThrow(refused(reason));
  });

  it.each([
    [{ exp: second - 180 }, 'the token expired 3 min ago; if it is new, check the clocks of this host and of the'],
    [{ exp: second - 6.4 }, 'the token expired 6 s ago'],
    [{ exp: second + 900, nbf: second + 42 }, 'the token is valid only in 42 s; check the clocks of this host and'],
    [
      { exp: second + 9e5, iat: second + 7200 },
      'the token was issued 2 h in the future; check the clocks of this host',
    ],
    [{ exp: second + 900, iat: second - 107 }, 'the token is 42 s older than maxTokenAge allows'],
  ])('says by how much a token misses its time: %j', (claims, message) => {
    expect(() => checkTimes(claims, aged, now)).toThrow(message);
  });

  it('holds a token to its greatest age', () => {
    const young = { exp: second + 900, iat: second - 64.999 };
    expect(checkTimes(young, aged, now).acceptedUntil).toBeCloseTo(now + 1, 5);
    expect(checkTimes({ iat: second, exp: second - 1 }, aged, now).acceptedUntil).toBe(now + 4000);
    expect(() => checkTimes({ ...young, iat: second - 65 }, aged, now)).toThrow(refused('too-old'));
    expect(() => checkTimes({ exp: second + 900 }, aged, now)).toThrow(refused('claims'));
  });

  it('accepts nothing past its end, whatever the claims say', () => {
    const time = fc.oneof(
      fc.double(),
      fc.integer(),
      fc.integer({ min: second - 100, max: second + 100 }),
      fc.anything(),
    );
    fc.assert(
      fc.property(fc.record({ exp: time, nbf: time, iat: time }, { requiredKeys: [] }), (claims) => {
        try {
          const { acceptedUntil, expiresAt } = checkTimes(claims, aged, now);
          expect(acceptedUntil).toBeGreaterThan(now);
          expect(acceptedUntil).toBeLessThanOrEqual(Number(claims.exp) * 1000 + 5000);
          expect(acceptedUntil).toBeLessThanOrEqual(Number(claims.iat) * 1000 + 65_000);
          expect(Number.isNaN(new Date(expiresAt * 1000).getTime())).toBe(false);
        } catch (error) {
          if (!isM2MError(error)) throw error;
        }
      }),
      { numRuns: 1000 },
    );
  });
});

describe('checkKind (claim 3.6)', () => {
  it('accepts what access tokens hold', () => {
    expect(() =>
      checkKind({ sub: 'a', aud: 'b', acr: '1', auth_time: 1, jti: 'c', sid: 'd', token_use: 'access' }),
    ).not.toThrow();
    expect(() => checkKind({ nonce: 'n', typ: 'Bearer' })).not.toThrow();
    expect(() => checkKind({ aud: ['a', ''] })).not.toThrow();
    expect(() => checkKind({})).not.toThrow();
  });

  it.each([
    ...['nonce', 'at_hash', 'c_hash', 'events'].map((name) => ['not-an-access-token', { [name]: null }] as const),
    ['not-an-access-token', { token_use: 'id' }] as const,
    ['not-an-access-token', { nonce: 'n', typ: 'ID' }],
    ['not-an-access-token', { at_hash: 'h', typ: 'Bearer' }],
    ...[1, null, [1], ['a', null], {}].map((aud) => ['claims', { aud }] as const),
    ...[1, null, ['a'], {}].map((jti) => ['claims', { jti }] as const),
    ...[1, null, {}, ['a']].map((sub) => ['claims', { sub }] as const),
  ])('refuses for %s: %j', (reason, claims) => {
    expect(() => checkKind(claims)).toThrow(refused(reason));
  });
});
