import { createHmac, createSecretKey, KeyObject } from 'node:crypto';
import { describeValue, type Problems } from '../validation/problems.js';

/** A key, and its name in the values that it encrypted. */
export interface EncryptionKey {
  readonly id: string;
  readonly secret: KeyObject;
}

const WHERE = 'redisTokenStore.encryptionKey';
const LENGTH = 32;
const BASE64 = /^[\w+/-]{43}=?$/;
/** Of 32 random bytes more are different, except once in 10^13 times. */
const FEW_DIFFERENT_BYTES = 16;
const REMEDY = [
  "encryptionKey: process.env.TOKEN_STORE_KEY ?? '',",
  '# TOKEN_STORE_KEY is the output of: openssl rand -base64 32',
].join('\n');

/** Reads one key or several. A key of another length, or one that was not drawn at random, is a problem. */
export function readEncryptionKeys(given: unknown, problems: Problems): readonly EncryptionKey[] {
  const list: readonly unknown[] = Array.isArray(given) && given.length > 0 ? given : [given];
  return list.flatMap((key, index) => {
    const read = bytesOrProblem(key);
    if (typeof read !== 'string') return named(createSecretKey(read));
    problems.add(`${WHERE}${list.length > 1 ? `[${index}]` : ''}`, read, REMEDY);
    return [];
  });
}

function bytesOrProblem(key: unknown): Buffer | string {
  if (key instanceof KeyObject) return key.type === 'secret' ? randomBytesOrProblem(key.export()) : 'is no secret key';
  if (key instanceof Uint8Array) return randomBytesOrProblem(Buffer.from(key));
  if (typeof key !== 'string' || key === '') return describeValue(key);
  const text = key.trim();
  if (!BASE64.test(text)) return `is a text of ${text.length} characters, and not ${LENGTH} bytes in base64`;
  return randomBytesOrProblem(Buffer.from(text, 'base64'));
}

function randomBytesOrProblem(bytes: Buffer): Buffer | string {
  if (bytes.length !== LENGTH) return `has ${bytes.length} bytes, and not ${LENGTH}`;
  const isText = bytes.every((byte) => byte >= 0x20 && byte < 0x7f);
  return isText || new Set(bytes).size <= FEW_DIFFERENT_BYTES ? 'was not drawn at random' : bytes;
}

function named(secret: KeyObject): EncryptionKey {
  return { id: createHmac('sha256', secret).update('nestjs-m2m key id').digest('hex').slice(0, 16), secret };
}
