import type { KeyObject } from 'node:crypto';
import { compactVerify } from 'jose';
import { InvalidTokenError } from '../../../errors/invalid-token.error.js';

/**
 * Verifies the one kind of signature that jsonwebtoken cannot.
 *
 * @throws InvalidTokenError
 * @see {@link https://www.rfc-editor.org/rfc/rfc8037#section-3.1 RFC 8037, section 3.1}
 */
export async function verifyEdDsa(token: string, publicKey: KeyObject): Promise<void> {
  try {
    await compactVerify(token, publicKey, { algorithms: ['EdDSA'] });
  } catch (error) {
    throw new InvalidTokenError('signature', 'the signature of the token does not verify', { cause: error });
  }
}
