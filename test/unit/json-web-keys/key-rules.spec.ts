import { createPublicKey, createSecretKey, generateKeyPairSync, verify, type JsonWebKey } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { algorithmsOf } from '../../../lib/json-web-keys/key-rules.js';
import { jwkOf } from '../../support/jwk-of.js';

const namesOf = (key: Parameters<typeof algorithmsOf>[0]) => algorithmsOf(key).map(({ name }) => name);
const importKey = (key: JsonWebKey) => createPublicKey({ key, format: 'jwk' });
const rsaJwk = jwkOf(generateKeyPairSync('rsa', { modulusLength: 2048 }).publicKey);
const rsaAlgorithms = ['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512'];

function rsaWithExponent(exponent: bigint) {
  const hex = exponent.toString(16);
  return importKey({
    ...rsaJwk,
    e: Buffer.from(hex.padStart(hex.length + (hex.length % 2), '0'), 'hex').toString('base64url'),
  });
}

function ed25519Point(hex: string) {
  return importKey({ kty: 'OKP', crv: 'Ed25519', x: Buffer.from(hex, 'hex').toString('base64url') });
}

describe('algorithmsOf', () => {
  it.each([
    ['an RSA key', importKey(rsaJwk), rsaAlgorithms],
    ['a P-256 key', generateKeyPairSync('ec', { namedCurve: 'P-256' }).publicKey, ['ES256']],
    ['a P-384 key', generateKeyPairSync('ec', { namedCurve: 'P-384' }).publicKey, ['ES384']],
    ['a P-521 key', generateKeyPairSync('ec', { namedCurve: 'P-521' }).publicKey, ['ES512']],
    ['an Ed25519 key', generateKeyPairSync('ed25519').publicKey, ['EdDSA', 'Ed25519']],
  ])('%s verifies the algorithms of its type and curve', (_what, key, names) => {
    expect(namesOf(key)).toEqual(names);
  });

  it.each([
    ['an RSA key of 2047 bits', generateKeyPairSync('rsa', { modulusLength: 2047 }).publicKey],
    ['an RSA-PSS key', generateKeyPairSync('rsa-pss', { modulusLength: 2048 }).publicKey],
    ['a secp256k1 key', generateKeyPairSync('ec', { namedCurve: 'secp256k1' }).publicKey],
    ['an Ed448 key', generateKeyPairSync('ed448').publicKey],
    ['an X25519 key', generateKeyPairSync('x25519').publicKey],
    ['a DSA key', generateKeyPairSync('dsa', { modulusLength: 2048, divisorLength: 256 }).publicKey],
    ['a private key', generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey],
    ['a symmetric key', createSecretKey(Buffer.alloc(32))],
  ])('%s verifies nothing', (_what, key) => {
    expect(namesOf(key)).toEqual([]);
  });

  it.each([1n, 2n, 4n, 65_536n, 2n ** 32n, 2n ** 32n + 1n])('an RSA key with the exponent %d verifies nothing', (e) => {
    expect(namesOf(rsaWithExponent(e))).toEqual([]);
  });

  it.each([3n, 17n, 65_537n, 2n ** 32n - 1n])('an RSA key with the exponent %d verifies', (e) => {
    expect(namesOf(rsaWithExponent(e))).toEqual(rsaAlgorithms);
  });

  it('an RSA key with the exponent 1 would take what anybody can write', () => {
    const padded = Buffer.concat([
      Buffer.from([0, 1]),
      Buffer.alloc(256 - 3 - 51, 0xff),
      Buffer.from('003031300d060960864801650304020105000420', 'hex'),
      Buffer.from('e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855', 'hex'),
    ]);
    expect(verify('sha256', Buffer.alloc(0), rsaWithExponent(1n), padded)).toBe(true);
  });

  it.each([
    ['0', '00'.repeat(32)],
    ['1', `01${'00'.repeat(31)}`],
    ['-1', `ec${'ff'.repeat(30)}7f`],
    ['p', `ed${'ff'.repeat(30)}7f`],
    ['p + 1', `ee${'ff'.repeat(30)}7f`],
    ['a point of order 8', '26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05'],
    ['its negative', 'c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a'],
  ])('an Ed25519 key of small order verifies nothing, whatever the sign: %s', (_what, hex) => {
    const negated = hex.slice(0, 62) + (parseInt(hex.slice(62), 16) | 0x80).toString(16);
    expect(namesOf(ed25519Point(hex))).toEqual([]);
    expect(namesOf(ed25519Point(negated))).toEqual([]);
  });
});
