import { describe, expect, it } from '@jest/globals';
import { checkHeader } from '../../../../../lib/resource-server/authentication/jwt/header-rules.js';

const rules = { algorithms: ['RS256', 'ES384'], tokenType: 'any' } as const;
const strict = { ...rules, tokenType: 'at+jwt' } as const;
const good = { alg: 'RS256', kid: 'a', typ: 'at+jwt' };

describe('checkHeader', () => {
  it('hands over what the token is verified with', () => {
    expect(checkHeader(good, rules)).toEqual({ alg: 'RS256', kid: 'a' });
    expect(checkHeader({ alg: 'ES384' }, rules)).toEqual({ alg: 'ES384', kid: undefined });
  });

  it('takes an empty kid for none', () => {
    expect(checkHeader({ ...good, kid: '' }, rules)).toEqual({ alg: 'RS256', kid: undefined });
  });

  it('ignores the keys and addresses that a header carries', () => {
    const header = {
      ...good,
      jku: 'https://evil.test',
      jwk: {},
      x5u: 'https://evil.test',
      x5c: ['a'],
      x5t: 'b',
      cty: 'c',
    };
    expect(checkHeader(header, rules)).toEqual({ alg: 'RS256', kid: 'a' });
  });

  it.each(['at+jwt', 'AT+JWT', 'application/at+jwt'])('accepts the type %s everywhere', (typ) => {
    expect(checkHeader({ ...good, typ }, rules)).toBeDefined();
    expect(checkHeader({ ...good, typ }, strict)).toBeDefined();
  });

  it.each(['JWT', 'jwt', undefined])('accepts the type %s unless at+jwt is demanded', (typ) => {
    expect(checkHeader({ ...good, typ }, rules)).toBeDefined();
    expect(() => checkHeader({ ...good, typ }, strict)).toThrow(expect.objectContaining({ reason: 'type' }));
  });

  it.each([
    ...['none', 'None', 'HS256', 'RS512', 'rs256', 'RS256 ', '', 'toString', undefined, null, 1, {}, ['RS256']].map(
      (alg) => ['algorithm', { ...good, alg }] as const,
    ),
    ...['dpop+jwt', 'logout+jwt', 'id+jwt', 'application/jwt', 'at+jwt ', '', null, 1, ['at+jwt']].map(
      (typ) => ['type', { ...good, typ }] as const,
    ),
    ...[['exp'], [], null, 'b64'].map((crit) => ['critical-header', { ...good, crit }] as const),
    ...[true, false].map((b64) => ['critical-header', { ...good, b64 }] as const),
    ...[null, 1, ['a'], {}].map((kid) => ['key', { ...good, kid }] as const),
  ])('refuses for %s: %j', (reason, header) => {
    expect(() => checkHeader(header, rules)).toThrow(expect.objectContaining({ reason }));
  });
});
