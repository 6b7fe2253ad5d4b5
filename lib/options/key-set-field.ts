import type { AuthorizationServer } from '../authorization-servers/authorization-server.js';
import { asPublished } from '../json-web-keys/as-published.js';
import type { JsonWebKeySet } from '../json-web-keys/json-web-key-set.js';
import { canVerify } from '../json-web-keys/key-rules.js';
import { readKeySet, secretMembersOf, signatureKeysOf, type Jwk } from '../json-web-keys/read-key-set.js';
import { custom, type Field } from '../validation/fields.js';
import { optionName } from '../validation/option-path.js';
import { describeValue, type Problems } from '../validation/problems.js';

const EXAMPLE = "{ keys: [{ kty: 'RSA', n: '...', e: 'AQAB', kid: '1' }] }";
const PUBLIC_PART = 'its public members alone: kty, n, e, or kty, crv, x, y, with kid and alg';
const USABLE = 'an RSA key of at least 2048 bits, or a P-256, P-384, P-521 or Ed25519 key, that is not for encryption';

/** Public keys, or a function that returns them. Keys are checked, and copied; what a function returns is not known yet. */
export const KEY_SET: Field<AuthorizationServer['jwks']> = custom<AuthorizationServer['jwks']>(
  (problems, path, value) =>
    typeof value === 'function' ? (value as () => JsonWebKeySet) : readGivenKeySet(problems, path, value),
);

function readGivenKeySet(problems: Problems, path: string, value: unknown): JsonWebKeySet | undefined {
  const name = optionName(path);
  const add = (problem: string, remedy: string): undefined => {
    problems.add(path, problem, remedy);
  };
  if (value instanceof Promise) {
    // A rejection that nobody hears ends the process.
    value.catch(() => undefined);
    return add('is a promise', `${name}: () => readKeys(), the function that returns it`);
  }
  if (typeof value === 'string') return add('is a string', `${name}: JSON.parse(text)`);
  if (typeof value !== 'object' || value === null)
    return add(`${describeValue(value)}, not a key set`, `${name}: ${EXAMPLE}`);
  const document = copyOf(value);
  let keys: readonly Jwk[];
  try {
    keys = readKeySet(document);
  } catch (error) {
    return add(`is no key set: ${(error as Error).message}`, `${name}: ${EXAMPLE}`);
  }
  for (const [index, key] of keys.entries()) refuseSecretKey(problems, `${path}.keys[${index}]`, key);
  if (keys.length === 0) return add('holds no key', `${name}: ${EXAMPLE}`);
  if (!signatureKeysOf(keys).some(canVerify) && !keys.some((key) => secretMembersOf(key).length > 0)) {
    return add('holds no key that can verify a signature', USABLE);
  }
  return Object.freeze(document as JsonWebKeySet);
}

/** `undefined` for what is not data: what its getters throw may hold a secret. */
function copyOf(value: unknown): unknown {
  try {
    return asPublished(value);
  } catch {
    return undefined;
  }
}

function refuseSecretKey(problems: Problems, path: string, key: Jwk): void {
  const members = secretMembersOf(key);
  if (members.length === 0) return;
  const isSymmetric = members.includes('k');
  const problem = `is a ${isSymmetric ? 'symmetric' : 'private'} key: it has ${members.join(', ')}`;
  problems.add(
    path,
    problem,
    isSymmetric ? 'the public keys of the issuer: it must sign with a key pair' : PUBLIC_PART,
  );
}
