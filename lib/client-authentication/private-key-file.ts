import type { JsonWebKey } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { algorithmFor, type ClientAssertionAlgorithm } from './assertion-algorithms.js';
import { authenticationError } from './authentication-error.js';
import { readPrivateKey } from './certificate.js';
import { privateKeyJwt, type PrivateKeyJwt } from './private-key-jwt.js';
import { isObject } from '../validation/checks.js';

/**
 * The client signs JWTs with the private key in a file: PEM (PKCS#8) or a JWK. The algorithm is the JWK's `alg`, else
 * RS256, EdDSA or that of the curve; `kid` is the JWK's. The file is read now, for the first token request, again after
 * 10 minutes, and when the assertion is refused. The algorithm stays.
 *
 * @throws M2MConfigurationError if the file holds no such key; an error of the file system if it cannot be read
 */
export function privateKeyFile(path: string): PrivateKeyJwt {
  const key = keyIn(readFileSync(path, 'utf8'));
  const named = typeof key === 'object' ? key['alg'] : undefined;
  const alg = named === undefined ? algorithmFor(readPrivateKey(key)) : (named as ClientAssertionAlgorithm);
  // What a function returns is not checked before the first request.
  privateKeyJwt({ key, alg });
  return privateKeyJwt({ key: async () => keyIn(await readFile(path, 'utf8')), alg });
}

function keyIn(text: string): string | JsonWebKey {
  if (text.includes('-----BEGIN ')) return text;
  try {
    const jwk = JSON.parse(text) as unknown;
    if (isObject(jwk)) return jwk;
  } catch {
    // Its error may hold what was parsed.
  }
  throw authenticationError('key', 'is no private key that can be read', 'a PEM (PKCS#8) or a JWK');
}
