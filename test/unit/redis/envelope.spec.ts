import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { Problems } from '../../../lib/validation/problems.js';
import { clearEnvelope } from '../../../lib/redis/envelope.js';
import { encryptedEnvelope } from '../../../lib/redis/encrypted-envelope.js';
import { readEncryptionKeys } from '../../../lib/redis/encryption-keys.js';

const TEXT = 'a token: eyJ0b2tlbg ✓';
const keyOf = (bytes: Buffer) => {
  const [key] = readEncryptionKeys(bytes, new Problems());
  if (!key) throw new Error('no key');
  return key;
};
const bytes = randomBytes(32);
const [key, other] = [keyOf(bytes), keyOf(randomBytes(32))];
const envelope = encryptedEnvelope(key, [], 'p:');

describe('an encrypted value (claim 1.11)', () => {
  it('can be read again, and shows nothing', () => {
    const sealed = envelope.seal('k', TEXT);
    expect(envelope.open('k', sealed)).toBe(TEXT);
    const [format, id, content = ''] = sealed.split('.');
    expect([format, id]).toEqual(['1', key.id]);
    expect(Buffer.from(content, 'base64url').toString('latin1')).not.toContain('eyJ0');
  });

  it('is AES-256-GCM, with prefix, version, name and key id as associated data', () => {
    const content = Buffer.from(envelope.seal('k', TEXT).split('.')[2] ?? '', 'base64url');
    const decipher = createDecipheriv('aes-256-gcm', bytes, content.subarray(0, 12))
      .setAAD(Buffer.from(JSON.stringify(['p:', '1', 'k', key.id])))
      .setAuthTag(content.subarray(-16));
    expect(decipher.update(content.subarray(12, -16)).toString() + decipher.final().toString()).toBe(TEXT);
  });

  it('never looks the same twice', () => {
    const sealed = Array.from({ length: 100 }, () => envelope.seal('k', TEXT));
    const nonces = sealed.map((text) => Buffer.from(text.split('.')[2] ?? '', 'base64url').toString('hex', 0, 12));
    expect(new Set(nonces).size).toBe(100);
  });

  it('that was changed anywhere is refused', () => {
    const sealed = envelope.seal('k', TEXT);
    const flipped = Array.from(sealed, (character, index) => {
      const changed = character === 'A' ? 'B' : 'A';
      return `${sealed.slice(0, index)}${changed}${sealed.slice(index + 1)}`;
    });
    const shortened = Array.from(sealed, (_character, index) => sealed.slice(0, index));
    const lengthened = ['A', '=', '!', '\n', ' '].map((more) => sealed + more);
    for (const changed of [...flipped, ...shortened, ...lengthened]) {
      expect(() => envelope.open('k', changed)).toThrow(expect.objectContaining({ code: 'ERR_M2M_TOKEN_STORE' }));
    }
  });

  it.each([
    ['another name', encryptedEnvelope(key, [], 'p:'), 'k2', /was changed, or moved here/],
    ['another prefix', encryptedEnvelope(key, [], 'q:'), 'k', /was changed, or moved here/],
    ['a prefix that makes the same name', encryptedEnvelope(key, [], 'p:k'), '', /was changed, or moved here/],
    ['another key', encryptedEnvelope(other, [], 'p:'), 'k', /none of the keys/],
    ['no key', clearEnvelope, 'k', /is encrypted, and encryptionKey is null/],
  ])('cannot be read under %s', (_name, opener, name, message) => {
    expect(() => opener.open(name, envelope.seal('k', TEXT))).toThrow(message);
  });

  it('cannot be relabelled as one of another key', () => {
    const both = encryptedEnvelope(key, [other], 'p:');
    const relabelled = both.seal('k', TEXT).replace(key.id, other.id);
    expect(() => both.open('k', relabelled)).toThrow('was changed');
  });

  it('of another version is refused, even with the right key', () => {
    const nonce = randomBytes(12);
    const cipher = createCipheriv('aes-256-gcm', key.secret, nonce).setAAD(
      Buffer.from(JSON.stringify(['p:', '0', 'k', key.id])),
    );
    const content = Buffer.concat([nonce, cipher.update(TEXT), cipher.final(), cipher.getAuthTag()]).toString(
      'base64url',
    );
    expect(() => envelope.open('k', `0.${key.id}.${content}`)).toThrow('was written by another version');
    expect(() => envelope.open('k', `1.${key.id}.${content}`)).toThrow('was changed');
  });

  it('lives through a change of keys: added as an older one, moved to the front, the old one removed', () => {
    const steps = [
      encryptedEnvelope(key, [], 'p:'),
      encryptedEnvelope(key, [other], 'p:'),
      encryptedEnvelope(other, [key], 'p:'),
      encryptedEnvelope(other, [], 'p:'),
    ];
    const reads = steps.map((writer, step) =>
      steps.slice(Math.max(0, step - 1), step + 2).map((reader) => {
        try {
          return reader.open('k', writer.seal('k', TEXT)) === TEXT;
        } catch {
          return false;
        }
      }),
    );
    expect(reads).toEqual([
      [true, true],
      [true, true, true],
      [true, true, true],
      [true, true],
    ]);
  });
});

describe('a value in clear text', () => {
  it('can be read again', () => {
    expect(clearEnvelope.open('k', clearEnvelope.seal('k', TEXT))).toBe(TEXT);
  });

  it('is refused where values are encrypted', () => {
    expect(() => envelope.open('k', clearEnvelope.seal('k', TEXT))).toThrow('none of the keys');
  });

  it.each(['', 'x', '{}', '1.clear', `.clear.${TEXT}`, `1..${TEXT}`])('is not what stands there as %j', (garbage) => {
    expect(() => clearEnvelope.open('k', garbage)).toThrow('was not written by redisTokenStore');
  });

  it('of another version is refused', () => {
    expect(() => clearEnvelope.open('k', `2.clear.${TEXT}`)).toThrow('was written by another version');
  });
});
