import { expect, it } from '@jest/globals';
import { authenticationError } from '../../../lib/client-authentication/authentication-error.js';

it('authenticationError names the option below clientAuthentication', () => {
  const error = authenticationError('key', 'is missing', 'key: pem');
  expect(error.code).toBe('ERR_M2M_CONFIGURATION');
  expect(error.problems).toEqual([{ option: 'clientAuthentication.key', problem: 'is missing', remedy: 'key: pem' }]);
});
