import { generateKeyPairSync, sign, type KeyObject } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { VerificationKey } from '../../../../../lib/resource-server/authentication/jwt/verification-key.js';

const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 });
const pemOf = (key: KeyObject): string => key.export({ format: 'pem', type: 'spki' }).toString();
const rsaKey = (alg?: string, kid?: string): VerificationKey => new VerificationKey(kid, alg, pemOf(rsa.publicKey));

const input = Buffer.from('header.payload');
const signature = sign('sha256', input, rsa.privateKey);

describe('VerificationKey', () => {
  it('verifies by the algorithm that the header names', async () => {
    expect(await rsaKey().verify('RS256', input, signature)).toBe(true);
    expect(await rsaKey().verify('RS512', input, signature)).toBe(false);
    expect(await rsaKey('RS256').verify('RS256', input, signature)).toBe(true);
  });

  it('verifies nothing by an algorithm that is not its own, however good the signature is', async () => {
    expect(await rsaKey('RS384').verify('RS256', input, signature)).toBe(false);
    for (const alg of ['none', 'HS256', 'ES256', 'EdDSA', '', 'rs256', 'constructor']) {
      expect(await rsaKey().verify(alg, input, signature)).toBe(false);
    }
  });

  it('has one identity if it is published in the same way', () => {
    expect(rsaKey('RS256', 'a').identity).toBe(rsaKey('RS256', 'a').identity);
    expect(rsaKey('RS256', 'a').identity).not.toBe(rsaKey('RS256', 'b').identity);
    expect(rsaKey('RS256', 'a').identity).not.toBe(rsaKey(undefined, 'a').identity);
  });

  it('is the same key whatever was published beside it', () => {
    const other = new VerificationKey(
      'a',
      'RS256',
      pemOf(generateKeyPairSync('rsa', { modulusLength: 2048 }).publicKey),
    );
    expect(rsaKey('RS256', 'a').isSameKey(rsaKey(undefined, 'b'))).toBe(true);
    expect(rsaKey('RS256', 'a').isSameKey(other)).toBe(false);
  });
});
