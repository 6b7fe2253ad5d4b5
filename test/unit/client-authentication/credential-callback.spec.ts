import { expect, it } from '@jest/globals';
import { fingerprint } from '../../../lib/client-authentication/credential-callback.js';

it('a fingerprint tells credentials apart and is too short to find one', () => {
  expect(fingerprint('a')).toBe(fingerprint('a'));
  expect(fingerprint('a')).not.toBe(fingerprint('b'));
  expect(fingerprint('a long credential')).toMatch(/^[0-9a-f]{8}$/);
});
