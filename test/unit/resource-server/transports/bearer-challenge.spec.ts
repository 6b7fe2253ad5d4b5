import { describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import { writeBearerChallenge } from '../../../../lib/resource-server/transports/bearer-challenge.js';

describe('writeBearerChallenge', () => {
  it.each([
    [{ realm: 'api' }, 'Bearer realm="api"'],
    [
      { realm: 'api', error: 'invalid_token' as const, description: 'not valid' },
      'Bearer realm="api", error="invalid_token", error_description="not valid"',
    ],
    [
      { realm: 'api', error: 'insufficient_scope' as const, scope: 'a:b c' },
      'Bearer realm="api", error="insufficient_scope", scope="a:b c"',
    ],
    [{ realm: 'api', scope: '' }, 'Bearer realm="api"'],
    [{ realm: 'a"b\\c\r\nSet-Cookie: x\0é' }, 'Bearer realm="abcSet-Cookie: x"'],
  ])('writes %j', (challenge, expected) => {
    expect(writeBearerChallenge(challenge)).toBe(expected);
  });

  it('keeps to the characters of RFC 6750, whatever it is given', () => {
    const text = fc.option(fc.string({ unit: 'binary' }), { nil: undefined });
    const parameter = /(?:realm|error|error_description|scope)="[\x20-\x21\x23-\x5b\x5d-\x7e]+"/;
    const challenge = new RegExp(`^Bearer ${parameter.source}(?:, ${parameter.source})*$`);
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.record({ description: text, scope: text }), (realm, parameters) => {
        expect(writeBearerChallenge({ realm, error: 'invalid_token', ...parameters })).toMatch(challenge);
      }),
    );
  });
});
