import { createPublicKey, createSecretKey, generateKeyPairSync, randomBytes } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { Problems } from '../../../lib/validation/problems.js';
import { readEncryptionKeys } from '../../../lib/redis/encryption-keys.js';

const bytes = randomBytes(32);

function read(given: unknown) {
  const problems = new Problems();
  const keys = readEncryptionKeys(given, problems);
  problems.throwIfAny();
  return keys;
}

describe('an encryption key', () => {
  it.each([
    ['a Buffer', bytes],
    ['a Uint8Array', new Uint8Array(bytes)],
    ['base64', bytes.toString('base64')],
    ['base64url without padding', bytes.toString('base64url')],
    ['base64 out of a file', `${bytes.toString('base64')}\n`],
    ['a KeyObject', createSecretKey(bytes)],
    ['one of a list', [bytes]],
  ])('is taken as %s', (_name, given) => {
    const [key] = read(given);
    expect(key?.secret.equals(createSecretKey(bytes))).toBe(true);
    expect(key?.id).toBe(read(bytes)[0]?.id);
  });

  it('is not changed by what happens to the bytes that it was made of', () => {
    const mine = Buffer.from(bytes);
    const [key] = read(mine);
    mine.fill(0);
    expect(key?.secret.equals(createSecretKey(bytes))).toBe(true);
  });

  it('may be of any bytes that are no text', () => {
    const high = Buffer.from(Array.from({ length: 32 }, (_, index) => 0xa0 + index));
    expect(read(high)[0]?.secret.equals(createSecretKey(high))).toBe(true);
  });

  it('has an id that tells keys apart, and tells nothing of them', () => {
    const ids = read([bytes, randomBytes(32)]).map(({ id }) => id);
    expect(new Set(ids).size).toBe(2);
    expect(ids[0]).toMatch(/^[\da-f]{16}$/);
    expect(bytes.toString('hex')).not.toContain(ids[0]);
  });

  const PASSPHRASE = 'correct horse battery staple 123';
  const MANY_CHARACTERS = 'Jackdaws love my big sphinx ~ 12';
  it.each([
    ['undefined', undefined, 'is missing'],
    ['an empty text', '', 'is an empty string'],
    ['no key', [], 'is an empty array'],
    ['16 bytes', randomBytes(16), 'has 16 bytes, and not 32'],
    ['33 bytes', randomBytes(33), 'has 33 bytes, and not 32'],
    ['hexadecimal digits', bytes.toString('hex'), 'is a text of 64 characters, and not 32 bytes in base64'],
    ['a short KeyObject', createSecretKey(randomBytes(16)), 'has 16 bytes, and not 32'],
    ['a public key', createPublicKey(generateKeyPairSync('ed25519').privateKey), 'is no secret key'],
    ['a passphrase', PASSPHRASE, 'is a text of 32 characters, and not 32 bytes in base64'],
    ['the bytes of a passphrase', Buffer.from(PASSPHRASE), 'was not drawn at random'],
    ['the bytes of a passphrase of many characters', Buffer.from(MANY_CHARACTERS), 'was not drawn at random'],
    ['a passphrase in base64', Buffer.from(MANY_CHARACTERS).toString('base64'), 'was not drawn at random'],
    ['zeros', Buffer.alloc(32), 'was not drawn at random'],
    ['a number', 5, 'is 5'],
  ])('that is %s is a configuration error with the remedy', (_name, given, seen) => {
    expect(() => read(given)).toThrow(`redisTokenStore.encryptionKey ${seen}`);
    expect(() => read(given)).toThrow('openssl rand -base64 32');
    expect(() => read(given)).not.toThrow(PASSPHRASE);
  });

  it('of several is named by its place, and all of them at once', () => {
    expect(() => read([bytes, '', randomBytes(1)])).toThrow(
      /encryptionKey\[1\] is an empty string[^]*encryptionKey\[2\] has 1 bytes/,
    );
  });
});
