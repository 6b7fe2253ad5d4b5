import type { KeyObject } from 'node:crypto';
import { similarName } from '../validation/similar-name.js';
import { authenticationError } from './authentication-error.js';

/** The type of key for each algorithm, with its curve if it has one (RFC 7518, section 3.1; RFC 9864). */
const KEY_TYPES = {
  RS256: 'rsa',
  RS384: 'rsa',
  RS512: 'rsa',
  PS256: 'rsa',
  PS384: 'rsa',
  PS512: 'rsa',
  ES256: 'ec prime256v1',
  ES384: 'ec secp384r1',
  ES512: 'ec secp521r1',
  EdDSA: 'ed25519',
  Ed25519: 'ed25519',
} as const;

/** The algorithms of {@link privateKeyJwt}. `Ed25519` is RFC 9864's name for `EdDSA`. */
export type ClientAssertionAlgorithm = keyof typeof KEY_TYPES;

/** Checks the name of an algorithm. @throws M2MConfigurationError */
export function checkAlgorithm(alg: string): void {
  if (Object.hasOwn(KEY_TYPES, alg)) return;
  const known = Object.keys(KEY_TYPES);
  const seen = JSON.stringify(alg);
  const similar = similarName(seen, known);
  const remedy = similar === undefined ? `alg: 'RS256', or one of ${known.join(', ')}` : `alg: '${similar}'`;
  throw authenticationError('alg', `is ${seen}`, remedy);
}

/** The first algorithm for a key. @throws M2MConfigurationError if there is none */
export function algorithmFor(key: KeyObject): ClientAssertionAlgorithm {
  const type = typeOf(key);
  const found = Object.entries(KEY_TYPES).find(([, each]) => each === type);
  if (found) return found[0] as ClientAssertionAlgorithm;
  const types = [...new Set(Object.values(KEY_TYPES))].join(', ');
  throw authenticationError('key', `is of the type ${type}`, `a key of one of the types ${types}`);
}

/** Checks that a key fits its algorithm. @throws M2MConfigurationError */
export function checkKey(key: KeyObject, alg: ClientAssertionAlgorithm): void {
  const expected = KEY_TYPES[alg];
  const { modulusLength = Infinity } = key.asymmetricKeyDetails ?? {};
  const found = typeOf(key);
  if (found !== expected) {
    throw authenticationError('key', `is of the type ${found}`, `a key of the type ${expected} for ${alg}`);
  }
  if (modulusLength < 2048) {
    throw authenticationError('key', `has ${modulusLength} bits`, 'an RSA key of 2048 bits or more');
  }
}

function typeOf({ asymmetricKeyType, asymmetricKeyDetails }: KeyObject): string {
  return [asymmetricKeyType, asymmetricKeyDetails?.namedCurve].filter(Boolean).join(' ');
}
