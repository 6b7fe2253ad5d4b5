import { describe, expect, it } from '@jest/globals';
import { isAskable } from '../../../../../lib/resource-server/authentication/issuers/askable-issuer.js';

describe('isAskable (claim 3.10)', () => {
  it.each([
    'https://idp.test',
    'https://idp.test/',
    'https://idp.test/realms/a',
    'https://idp.test/realms/a/',
    'https://idp.test:8443/a',
    'https://10.0.0.1/a',
    'https://xn--bcher-kva.test/',
    'https://idp.test/@a',
    `https://idp.test/${'a'.repeat(512 - 'https://idp.test/'.length)}`,
  ])('takes %s', (issuer) => {
    expect(isAskable(issuer)).toBe(true);
  });

  it.each([
    ['nothing', undefined],
    ['another type', ['https://idp.test/']],
    ['an empty text', ''],
    ['no URL', 'idp.test'],
    ['a relative URL', '/realms/a'],
    ['plain HTTP', 'http://idp.test/'],
    ['another scheme', 'file:///etc/passwd'],
    ['user information', 'https://x@idp.test/'],
    ['a password', 'https://x:y@idp.test/'],
    ['empty user information', 'https://@idp.test/'],
    ['a query', 'https://idp.test/?a=b'],
    ['an empty query', 'https://idp.test/?'],
    ['a fragment', 'https://idp.test/#a'],
    ['an empty fragment', 'https://idp.test/#'],
    ['dots in the path', 'https://idp.test/a/../b'],
    ['encoded dots in the path', 'https://idp.test/a/%2e%2e/b'],
    ['a backslash', String.raw`https://idp.test\a`],
    ['the port of HTTPS', 'https://idp.test:443/'],
    ['capitals in the scheme', 'HTTPS://idp.test/'],
    ['capitals in the host', 'https://IDP.test/'],
    ['a number for an address', 'https://2130706433/'],
    ['letters beyond ASCII', 'https://zoë.test/'],
    ['white space', 'https://idp.test/a b'],
    ['a new line', 'https://idp.test/\n'],
    ['a control character', 'https://idp.test/\u0000'],
    ['513 characters', `https://idp.test/${'a'.repeat(513 - 'https://idp.test/'.length)}`],
  ])('does not take %s', (_what, issuer) => {
    expect(isAskable(issuer)).toBe(false);
  });
});
