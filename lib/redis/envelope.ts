import { TokenStoreError } from '../errors/token-store.error.js';

/** The version of the format in Redis. */
export const FORMAT = '1';

/** The form of a value in Redis. */
export interface Envelope {
  /** @param key the key that the value is kept under; the envelope opens under that one only */
  seal(key: string, text: string): string;
  /** @throws TokenStoreError if it was not sealed like this, or was changed */
  open(key: string, sealed: string): string;
}

/** `format.keyId.content` */
export function label(keyId: string, content: string): string {
  return `${FORMAT}.${keyId}.${content}`;
}

/** Takes the label off. @throws TokenStoreError if there is none, or that of another version */
export function readLabel(sealed: string): { readonly keyId: string; readonly content: string } {
  const [, format, keyId, content] = /^(\d+)\.([\da-z]+)\.(.*)$/s.exec(sealed) ?? [];
  if (format === undefined || keyId === undefined || content === undefined) {
    throw unusable('was not written by redisTokenStore');
  }
  if (format !== FORMAT) throw unusable('was written by another version of nestjs-m2m');
  return { keyId, content };
}

/** The error for a value that cannot be used. Redis itself works. */
export function unusable(why: string): TokenStoreError {
  return new TokenStoreError(`a value in Redis ${why}; it is passed over`);
}

/** In the place of a key's id. Ids are longer. */
const CLEAR = 'clear';

/** Values in clear text, for a user who deliberately wants them so. */
export const clearEnvelope: Envelope = {
  seal: (_key, text) => label(CLEAR, text),
  open(_key, sealed) {
    const { keyId, content } = readLabel(sealed);
    if (keyId !== CLEAR) throw unusable('is encrypted, and encryptionKey is null');
    return content;
  },
};
