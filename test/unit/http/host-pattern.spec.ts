import { describe, expect, it } from '@jest/globals';
import { isAmongHosts, isHostPattern } from '../../../lib/http/host-pattern.js';

describe('isHostPattern', () => {
  it.each(['keycloak.internal', 'keycloak', '10.0.0.7', '[fd00::1]', '*.idp.internal'])('takes %s', (value) => {
    expect(isHostPattern(value)).toBe(true);
  });

  it.each(['', ' ', '*', '*.', 'idp.*', 'IDP.internal', 'idp.internal:8443', 'https://idp.internal', 'a/b', 'a@b', 7])(
    'does not take %s',
    (value) => expect(isHostPattern(value)).toBe(false),
  );
});

describe('isAmongHosts', () => {
  it.each([
    ['keycloak.internal', true],
    ['keycloak.internal.evil.test', false],
    ['a.keycloak.internal', false],
    ['a.idp.internal', true],
    ['a.b.idp.internal', true],
    ['idp.internal', false],
    ['evilidp.internal', false],
    ['10.0.0.7', true],
    ['10.0.0.70', false],
  ])('tells whether %s is one: %s', (host, expected) => {
    const patterns = ['keycloak.internal', '*.idp.internal', '10.0.0.7'];
    expect(isAmongHosts(new URL(`https://${host}:8443/a`), patterns)).toBe(expected);
  });
});
