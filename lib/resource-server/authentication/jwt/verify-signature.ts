import { verify, type KeyObject, type VerifyKeyObjectInput } from 'node:crypto';
import { promisify } from 'node:util';
import type { SignatureAlgorithm } from '../../../json-web-keys/signature-algorithms.js';

const BITS_PER_BYTE = 8;

const verifyOffThread = promisify(verify);

/**
 * Whether a signature verifies. A promise for algorithms that leave the main thread.
 *
 * @param publicKey one whose type and curve the algorithm fits: `crypto.verify` itself does not look
 * @param input what was signed
 * @see {@link https://www.rfc-editor.org/rfc/rfc7515#section-5.2 RFC 7515, section 5.2}
 */
export function verifySignature(
  algorithm: SignatureAlgorithm,
  publicKey: KeyObject,
  input: Buffer,
  signature: Buffer,
): boolean | Promise<boolean> {
  const { digest, padding, saltLength, dsaEncoding } = algorithm;
  if (signature.length !== signatureLengthOf(algorithm, publicKey)) return false;
  const key = { key: publicKey, padding, saltLength, dsaEncoding } as VerifyKeyObjectInput;
  if (algorithm.isSlow) return verifyOffThread(digest, input, key, signature).catch(() => false);
  try {
    return verify(digest, input, key, signature);
  } catch {
    return false;
  }
}

/** Bytes that every signature of this key has. */
function signatureLengthOf({ signatureLength }: SignatureAlgorithm, { asymmetricKeyDetails }: KeyObject): number {
  return signatureLength ?? Math.ceil((asymmetricKeyDetails?.modulusLength ?? 0) / BITS_PER_BYTE);
}
