import { describe, expect, it } from '@jest/globals';
import { authenticationError, checkContent } from '../../../lib/client-authentication/authentication-error.js';
import { mutualTls } from '../../../lib/client-authentication/tls-client-auth.js';
import { privateKeyJwt } from '../../../lib/client-authentication/private-key-jwt.js';

it('authenticationError names the option below clientAuthentication', () => {
  const error = authenticationError('key', 'is missing', 'key: pem');
  expect(error.code).toBe('ERR_M2M_CONFIGURATION');
  expect(error.problems).toEqual([{ option: 'clientAuthentication.key', problem: 'is missing', remedy: 'key: pem' }]);
});

describe('checkContent', () => {
  it.each([
    '/run/tls/tls.key',
    './client.pem',
    'keys/client.pem',
    '../keys/my key.p8',
    'C:\\keys\\tls.crt',
    '/a.b/c.PEM',
  ])('refuses %s', (path) => {
    expect(() => checkContent('key', path)).toThrow(
      `clientAuthentication.key is the path ${path}, not what the file holds\n    write: key: readFileSync('${path}', 'utf8')`,
    );
  });

  it.each([
    ['a PEM', '-----BEGIN PRIVATE KEY-----\n/a.pem\n-----END PRIVATE KEY-----'],
    ['base64', '/MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQg+/key'],
    ['a JWK', { kty: 'EC' }],
    ['a buffer', Buffer.from('/run/tls.key')],
    ['nothing', undefined],
  ])('takes no %s for a path', (_name, value) => {
    expect(() => checkContent('key', value)).not.toThrow();
  });

  it.each([
    ['cert', () => mutualTls({ cert: '/run/tls.crt', key: 'k' })],
    ['key', () => mutualTls({ cert: 'c', key: '/run/tls.key' })],
    ['ca', () => mutualTls({ cert: 'c', key: 'k', ca: '/run/ca.pem' })],
    ['key', () => privateKeyJwt({ key: '/run/key.pem', alg: 'ES256' })],
  ])('guards %s', (option, make) => {
    expect(make).toThrow(`clientAuthentication.${option} is the path /run/`);
  });
});
