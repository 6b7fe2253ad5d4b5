import { generateKeyPairSync } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import type { AuthorizationServer } from '../../../lib/authorization-servers/authorization-server.js';
import { keycloak } from '../../../lib/authorization-servers/keycloak.js';
import { resolveOptions } from '../../../lib/options/resolve-options.js';
import { jwkOf } from '../../support/jwk-of.js';
import { problemsOf } from '../../support/problems-of.js';

const pair = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const publicJwk = { ...jwkOf(pair.publicKey), kid: 'a' };
const privateJwk = { ...jwkOf(pair.privateKey), kid: 'a' };
const shortRsa = jwkOf(generateKeyPairSync('rsa', { modulusLength: 1024 }).publicKey);

const resolve = (jwks: unknown, differs: Partial<AuthorizationServer> = {}) =>
  resolveOptions({
    authorizationServer: { issuer: 'https://as.test', ...differs, jwks: jwks as AuthorizationServer['jwks'] },
    resourceServer: { audience: 'api' },
  }).resourceServer?.issuers[0]?.authorizationServer.jwks;

const throwing = {
  get keys(): never {
    throw new TypeError('s3cret');
  },
};
const endless: { self?: unknown; keys: unknown[] } = { keys: [publicJwk] };
endless.self = endless;

describe('AuthorizationServer.jwks', () => {
  it.each([
    ['nothing', null, 'jwks', 'is null, not a key set', /^jwks: \{ keys: \[/],
    ['a number', 1, 'jwks', 'is 1, not a key set', /^jwks: \{ keys: \[/],
    ['a text', '{"keys":[]}', 'jwks', 'is a string', /^jwks: JSON\.parse\(text\)$/],
    ['a promise', Promise.reject(new Error('s3cret')), 'jwks', 'is a promise', /^jwks: \(\) => /],
    ['a list', [publicJwk], 'jwks', 'is no key set: the document has no "keys"', /^jwks: \{ keys: \[/],
    ['a key', publicJwk, 'jwks', 'is no key set: the document has no "keys"', /^jwks: \{ keys: \[/],
    ['a getter that throws', throwing, 'jwks', 'is no key set: the document has no "keys"', /^jwks: /],
    ['what JSON cannot say', endless, 'jwks', 'is no key set: the document has no "keys"', /^jwks: /],
    ['no keys', { keys: [] }, 'jwks', 'holds no key', /^jwks: \{ keys: \[/],
    ['keys that are no objects', { keys: ['a', null] }, 'jwks', 'holds no key', /^jwks: \{ keys: \[/],
    ['a private key', { keys: [publicJwk, privateJwk] }, 'jwks.keys[1]', 'is a private key: it has d', /^its public/],
    [
      'a symmetric key',
      { keys: [{ kty: 'oct', k: 'c2VjcmV0' }, publicJwk] },
      'jwks.keys[0]',
      'is a symmetric key: it has k',
      /^the public keys of the issuer/,
    ],
    [
      'only keys for encryption',
      { keys: [{ ...publicJwk, use: 'enc' }] },
      'jwks',
      'holds no key that can verify a signature',
      /^an RSA key of at least 2048 bits/,
    ],
    ['only weak keys', { keys: [shortRsa] }, 'jwks', 'holds no key that can verify a signature', /^an RSA key/],
    [
      'more keys than are imported without a stall',
      { keys: Array.from({ length: 10_000 }, () => publicJwk) },
      'jwks',
      'is no key set: the document has 10000 keys, more than 500',
      /^jwks: /,
    ],
  ] as const)('may not be %s', (_what, value, option, problem, remedy) => {
    const problems = problemsOf(() => resolve(value));
    const expected = { option: `resourceServer.authorizationServer.${option}`, problem };
    expect(problems).toEqual([{ ...expected, remedy: expect.stringMatching(remedy) as unknown }]);
    expect(JSON.stringify(problems)).not.toMatch(/s3cret|c2VjcmV0/);
    expect(JSON.stringify(problems)).not.toContain(privateJwk.d);
  });

  it('may not stand beside jwksUri, which a factory may have set', () => {
    const server = keycloak({ url: 'https://sso.test', realm: 'acme', internalUrl: 'https://keycloak.svc' });
    const problem = {
      option: 'resourceServer.authorizationServer.jwks',
      problem: 'is given beside jwksUri, and keys come from one of them',
      remedy: '{ ...server, jwks, jwksUri: undefined }, or without jwks',
    };
    for (const jwks of [{ keys: [publicJwk] }, () => ({ keys: [publicJwk] })]) {
      expect(problemsOf(() => resolve(jwks, server))).toEqual([problem]);
      expect(resolve(jwks, { ...server, jwksUri: undefined })).toBeDefined();
    }
  });

  it('may hold keys of no use beside good ones, and members that mean nothing', () => {
    const { d: _, ...absent } = { ...publicJwk, d: null };
    const keys = [{ ...publicJwk, use: 'enc' }, shortRsa, { ...absent, key_ops: [], x5c: [], k: null }];
    expect(resolve({ keys })).toEqual({ keys });
  });

  it('is copied if it is a value, and left alone if it is a function', () => {
    const value = { keys: [{ ...publicJwk }] };
    const resolved = resolve(value);
    value.keys.push({ ...publicJwk, kid: 'b' });
    expect(resolved).toEqual({ keys: [publicJwk] });
    const read = () => value;
    expect(resolve(read)).toBe(read);
    expect(resolve(undefined)).toBeUndefined();
  });
});
