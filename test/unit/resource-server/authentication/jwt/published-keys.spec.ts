import { generateKeyPairSync } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { PublishedKeys } from '../../../../../lib/resource-server/authentication/jwt/published-keys.js';
import { VerificationKey } from '../../../../../lib/resource-server/authentication/jwt/verification-key.js';

const pems = Array.from({ length: 6 }, () =>
  generateKeyPairSync('ec', { namedCurve: 'P-256' }).publicKey.export({ format: 'pem', type: 'spki' }).toString(),
);
const keyOf = (kid: string | undefined, index = 0, alg?: string): VerificationKey =>
  new VerificationKey(kid, alg, pems[index] ?? '');

describe('PublishedKeys', () => {
  it('are those of a kid, or all for a token without one', () => {
    const [a, b, none] = [keyOf('a'), keyOf('b', 1), keyOf(undefined, 2)];
    const keys = new PublishedKeys([a, b, none]);
    expect(keys.fitting('ES256', 'b')).toEqual([b]);
    expect(keys.fitting('ES256', undefined)).toEqual([a, b, none]);
    expect(keys.fitting('ES256', 'c')).toEqual([]);
    expect(keys.fitting('RS256', undefined)).toEqual([]);
    expect(['a', 'c', '__proto__', undefined].map((kid) => keys.has(kid))).toEqual([true, false, false, true]);
    expect(keys.kids).toEqual(['a', 'b', undefined]);
  });

  it('hold several keys of one kid', () => {
    const keys = [keyOf('a'), keyOf('a', 1)];
    expect(new PublishedKeys(keys).fitting('ES256', 'a')).toEqual(keys);
  });

  it('are tried four at most, in the order in which they are published', () => {
    const keys = pems.map((_pem, index) => keyOf('a', index));
    for (const kid of ['a', undefined]) expect(new PublishedKeys(keys).fitting('ES256', kid)).toEqual(keys.slice(0, 4));
  });

  it('are tried once each, however often they are published', () => {
    const [plain, other] = [keyOf('a'), keyOf('b', 1)];
    const again = [keyOf('a', 0, 'ES256'), keyOf('c'), keyOf(undefined), keyOf('d'), keyOf('e')];
    const keys = new PublishedKeys([plain, ...again, other]);
    expect(keys.fitting('ES256', undefined)).toEqual([plain, other]);
    expect(keys.fitting('ES256', 'a')).toEqual([plain]);
  });

  it('stay the same objects while they are published, and are withdrawn when they are not', () => {
    const [a, b] = [keyOf('a'), keyOf('b', 1)];
    const old = new PublishedKeys([a, b]);
    const later = old.replacedBy([keyOf('a', 2), keyOf('b', 1)]);
    expect(later.fitting('ES256', 'b')[0]).toBe(b);
    expect(later.fitting('ES256', 'a')[0]).not.toBe(a);
    expect(old.withdrawFor(later)).toEqual(['a']);
    expect([a.withdrawn, b.withdrawn]).toEqual([true, false]);
  });
});
