import { describe, expect, it } from '@jest/globals';
import { issuerNamedBy } from '../../../../../lib/resource-server/authentication/jwt/issuer-named-by.js';
import { base64url } from '../../../../support/issuer.js';

const tokenOf = (payload: string): string => `${base64url('{"alg":"none"}')}.${base64url(payload)}.c2ln`;

describe('issuerNamedBy', () => {
  it('reads the iss of a JWT, whatever signed it', () => {
    expect(issuerNamedBy(tokenOf('{"iss":"https://as.test"}'))).toBe('https://as.test');
  });

  it.each([
    ['an opaque token', 'opaque'],
    ['a JWT without iss', tokenOf('{}')],
    ['a JWT whose iss is no text', tokenOf('{"iss":1}')],
    ['a JWT that names two', tokenOf('{"iss":"a","iss":"b"}')],
  ])('reads none of %s', (_what, token) => {
    expect(issuerNamedBy(token)).toBeUndefined();
  });
});
