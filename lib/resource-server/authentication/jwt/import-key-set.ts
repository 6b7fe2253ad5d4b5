import jwksRsa from 'jwks-rsa';
import { readKeySet, signatureKeysOf } from '../../../json-web-keys/read-key-set.js';
import { memberOf } from '../../../validation/checks.js';
import { VerificationKey } from './verification-key.js';

/**
 * The keys of a key set that can verify signatures, each once. A key that cannot be imported is skipped.
 *
 * @param source its origin, for messages
 * @throws Error if the document is not a key set, or has no usable key
 */
export async function importKeySet(document: unknown, source: string): Promise<readonly VerificationKey[]> {
  const jwks = signatureKeysOf(readKeySet(document));
  const client = new jwksRsa.JwksClient({
    cache: false,
    rateLimit: false,
    fetcher: () => Promise.resolve({ keys: jwks }),
  });
  // It fails if no key can be imported.
  const signingKeys = await client.getSigningKeys().catch(() => []);
  const keys = signingKeys
    .map((key) => new VerificationKey(memberOf(key, 'kid'), memberOf(key, 'alg'), key.getPublicKey()))
    .filter(({ algorithms }) => algorithms.length > 0);
  if (keys.length === 0) throw new Error(`${source} holds no key that can verify a signature`);
  return [...new Map(keys.map((key) => [key.identity, key])).values()];
}
