import { constants, getCurves, getHashes } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { SIGNATURE_ALGORITHMS } from '../../../lib/json-web-keys/signature-algorithms.js';

const namesOf = (algorithms: typeof SIGNATURE_ALGORITHMS) => algorithms.map(({ name }) => name);

describe('SIGNATURE_ALGORITHMS', () => {
  it('holds every asymmetric algorithm of RFC 7518, and Ed25519 by its old and its new name', () => {
    expect(namesOf(SIGNATURE_ALGORITHMS)).toEqual([
      'RS256',
      'RS384',
      'RS512',
      'PS256',
      'PS384',
      'PS512',
      'ES256',
      'ES384',
      'ES512',
      'EdDSA',
      'Ed25519',
    ]);
  });

  it('names digests and curves that node:crypto knows, and the digest that the name of the algorithm tells', () => {
    const hashed = SIGNATURE_ALGORITHMS.filter(({ digest }) => digest !== null);
    expect(hashed.filter(({ digest }) => !getHashes().includes(digest ?? ''))).toEqual([]);
    expect(hashed.filter(({ digest, name }) => digest !== `sha${name.slice(2)}`)).toEqual([]);
    const curves = SIGNATURE_ALGORITHMS.flatMap(({ curve }) => curve ?? []);
    expect(curves.filter((curve) => !getCurves().includes(curve))).toEqual([]);
  });

  it('pads RS by PKCS #1 and PS by PSS, and nothing else', () => {
    const padded = SIGNATURE_ALGORITHMS.filter(({ padding }) => padding !== undefined);
    const ofName = { RS: constants.RSA_PKCS1_PADDING, PS: constants.RSA_PKCS1_PSS_PADDING };
    expect(padded.map(({ name, padding }) => [name, padding])).toEqual(
      ['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512'].map((name) => [name, ofName[name.slice(0, 2) as 'RS']]),
    );
  });

  it('leaves the digest to Ed25519 alone', () => {
    expect(namesOf(SIGNATURE_ALGORITHMS.filter(({ digest }) => digest === null))).toEqual(['EdDSA', 'Ed25519']);
  });

  it('takes the main thread for the fast ones only', () => {
    expect(namesOf(SIGNATURE_ALGORITHMS.filter(({ isSlow }) => isSlow))).toEqual(['ES384', 'ES512']);
  });

  it('cannot be changed', () => {
    expect([SIGNATURE_ALGORITHMS, ...SIGNATURE_ALGORITHMS].every((each) => Object.isFrozen(each))).toBe(true);
  });
});
