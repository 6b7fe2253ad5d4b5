import { createHash, generateKeyPairSync } from 'node:crypto';
import { inspect } from 'node:util';
import { describe, expect, it } from '@jest/globals';
import { decodeJwt, decodeProtectedHeader, jwtVerify } from 'jose';
import { JWT_BEARER } from '../../../lib/client-authentication/assertion.js';
import { privateKeyJwt, privateKeyJwtAuthenticator } from '../../../lib/client-authentication/private-key-jwt.js';
import { authenticatedRequest } from '../../support/authenticated-request.js';
import { outcomeOf } from '../../support/problems-of.js';
import { jwkOf } from '../../support/jwk-of.js';

const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 });
const ec = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const ed25519 = generateKeyPairSync('ed25519');
const short = generateKeyPairSync('rsa', { modulusLength: 1024 });
const pem = (key: typeof rsa.privateKey) => key.export({ type: 'pkcs8', format: 'pem' });

type Options = Parameters<typeof privateKeyJwt>[0];

describe('privateKeyJwt', () => {
  it.each<[string, unknown, string, RegExp]>([
    ['garbage as a key', 'garbage', 'RS256', /clientAuthentication\.key is no private key/],
    ['a public key', rsa.publicKey, 'RS256', /is no private key/],
    ['a public JWK', jwkOf(rsa.publicKey), 'RS256', /is no private key/],
    ['no key', undefined, 'RS256', /is no private key/],
    ['a symmetric algorithm', rsa.privateKey, 'HS256', /clientAuthentication\.alg is "HS256"/],
    ['the algorithm none', rsa.privateKey, 'none', /clientAuthentication\.alg is "none"/],
    ['the name of a member of Object', rsa.privateKey, 'constructor', /clientAuthentication\.alg is "constructor"/],
    ['an algorithm for another type of key', rsa.privateKey, 'ES256', /is of the type rsa/],
    ['an algorithm for another curve', ec.privateKey, 'ES384', /is of the type ec prime256v1/],
    ['an RSA key that is too short', short.privateKey, 'RS256', /has 1024 bits/],
  ])('refuses %s', (_name, key, alg, message) => {
    const error = outcomeOf(() => privateKeyJwt({ key, alg } as Options));
    expect(error).toMatchObject({ code: 'ERR_M2M_CONFIGURATION', message: expect.stringMatching(message) });
  });

  it('does not print the key', () => {
    const authentication = privateKeyJwt({ key: ec.privateKey, alg: 'ES256' });
    expect(Object.keys(authentication)).toEqual(['method', 'thumbprint', 'alg', 'kid', 'audience']);
    const shown = inspect(authentication, { depth: 9 }) + JSON.stringify(authentication);
    for (const hidden of ['PRIVATE KEY', 'KeyObject']) expect(shown).not.toContain(hidden);
  });

  it('does not repeat a key that cannot be read', () => {
    const key = String(pem(rsa.privateKey)).replace('MII', 'M!!');
    const error = outcomeOf(() => privateKeyJwt({ key, alg: 'RS256' }));
    expect(inspect(error, { depth: 9 })).not.toContain(key.slice(100, 140));
    expect(error).toHaveProperty('code', 'ERR_M2M_CONFIGURATION');
  });

  it('knows the key by the SHA-256 thumbprint of its public half', () => {
    const spki = ec.publicKey.export({ type: 'spki', format: 'der' });
    const { thumbprint } = privateKeyJwt({ key: ec.privateKey, alg: 'ES256' });
    expect(thumbprint).toBe(createHash('sha256').update(spki).digest('base64url'));
  });
});

describe('privateKeyJwtAuthenticator', () => {
  it.each<[string, Options, typeof rsa.publicKey, string | undefined]>([
    ['PEM', { key: pem(rsa.privateKey), alg: 'RS256' }, rsa.publicKey, undefined],
    ['PEM in a buffer', { key: Buffer.from(pem(ec.privateKey)), alg: 'ES256' }, ec.publicKey, undefined],
    ['JWK', { key: { ...jwkOf(ed25519.privateKey), kid: 'own' }, alg: 'EdDSA' }, ed25519.publicKey, 'own'],
    ['JWK for Ed25519', { key: jwkOf(ed25519.privateKey), alg: 'Ed25519' }, ed25519.publicKey, undefined],
    ['KeyObject', { key: rsa.privateKey, alg: 'PS512', kid: 'named' }, rsa.publicKey, 'named'],
  ])('signs an assertion with a key given as %s', async (_name, options, publicKey, kid) => {
    const { body, clock } = await authenticatedRequest(privateKeyJwtAuthenticator, privateKeyJwt(options));
    const { client_assertion: assertion = '', ...others } = body;
    expect(others).toEqual({ client_id: 'orders', client_assertion_type: JWT_BEARER });
    await jwtVerify(assertion, publicKey, { currentDate: new Date(clock.wall()), subject: 'orders' });
    const { alg } = options;
    expect(decodeProtectedHeader(assertion)).toEqual(kid === undefined ? { alg } : { alg, kid });
  });

  it.each([
    ['the authorization server wants', undefined, 'https://id.example.com'],
    ['is the token endpoint, letter by letter', 'token-endpoint', 'https://id.example.com//token'],
    ['the options name', 'https://elsewhere.example.com', 'https://elsewhere.example.com'],
  ])('signs for the audience that %s', async (_name, audience, expected) => {
    const authentication = privateKeyJwt({ key: ec.privateKey, alg: 'ES256', ...(audience && { audience }) });
    const { body } = await authenticatedRequest(privateKeyJwtAuthenticator, authentication);
    expect(decodeJwt(body['client_assertion'] ?? '').aud).toBe(expected);
  });

  it('has traits: it needs no secret, and does not share failures', () => {
    const traits = { needsSecret: false, sharesTokens: true, sharesFailures: false };
    expect(privateKeyJwtAuthenticator).toMatchObject(traits);
    const authentication = privateKeyJwt({ key: ec.privateKey, alg: 'ES256' });
    expect(privateKeyJwtAuthenticator.thumbprint?.(authentication)).toBe(authentication.thumbprint);
  });
});
