import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import type { EncryptionKey } from './encryption-keys.js';
import { FORMAT, label, readLabel, unusable, type Envelope } from './envelope.js';

const ALGORITHM = 'aes-256-gcm';
const NONCE_LENGTH = 12;
const TAG_LENGTH = 16;

/**
 * Encrypts with one key, and decrypts with older ones too. Somebody who can write to Redis can neither change a value nor
 * put it under another name.
 *
 * @see {@link https://doi.org/10.6028/NIST.SP.800-38D NIST SP 800-38D}, section 8.2.2, on random nonces
 */
export function encryptedEnvelope(newest: EncryptionKey, older: readonly EncryptionKey[], prefix: string): Envelope {
  const associatedData = (key: string, keyId: string): Buffer =>
    Buffer.from(JSON.stringify([prefix, FORMAT, key, keyId]));

  return {
    seal(key, text) {
      const nonce = randomBytes(NONCE_LENGTH);
      const cipher = createCipheriv(ALGORITHM, newest.secret, nonce, { authTagLength: TAG_LENGTH });
      cipher.setAAD(associatedData(key, newest.id));
      const parts = [nonce, cipher.update(text, 'utf8'), cipher.final(), cipher.getAuthTag()];
      return label(newest.id, Buffer.concat(parts).toString('base64url'));
    },

    open(key, sealed) {
      const { keyId, content } = readLabel(sealed);
      const secret = [newest, ...older].find(({ id }) => id === keyId)?.secret;
      if (!secret) throw unusable('is encrypted with none of the keys in encryptionKey');
      const bytes = Buffer.from(content, 'base64url');
      // Node.js ignores characters that are no base64.
      if (bytes.toString('base64url') !== content) throw changed();
      try {
        const nonce = bytes.subarray(0, NONCE_LENGTH);
        const decipher = createDecipheriv(ALGORITHM, secret, nonce, { authTagLength: TAG_LENGTH });
        decipher.setAAD(associatedData(key, keyId)).setAuthTag(bytes.subarray(-TAG_LENGTH));
        return decipher.update(bytes.subarray(NONCE_LENGTH, -TAG_LENGTH), undefined, 'utf8') + decipher.final('utf8');
      } catch {
        throw changed();
      }
    },
  };
}

function changed(): Error {
  return unusable('was changed, or moved here from another name');
}
