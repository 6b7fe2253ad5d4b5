import { isObject, memberOf } from '../validation/checks.js';

/** A JSON Web Key that has nothing of a prototype, and no member that is `null`. */
export type Jwk = Readonly<Record<string, unknown>>;

/** Keys are imported one after the other, while everything else waits: some 0.1 ms each. */
const MOST_KEYS = 500;

const SECRET_MEMBERS = ['d', 'p', 'q', 'dp', 'dq', 'qi', 'oth', 'k'];
const PUBLIC_MEMBERS = ['kty', 'n', 'e', 'crv', 'x', 'y'];

/**
 * The keys of a key set, as it is published.
 *
 * @throws Error if the document is not a key set, or too large a one
 * @see {@link https://www.rfc-editor.org/rfc/rfc7517#section-5 RFC 7517, section 5}
 */
export function readKeySet(document: unknown): readonly Jwk[] {
  const keys = isObject(document) ? memberOf(document, 'keys') : undefined;
  if (!Array.isArray(keys)) throw new Error('the document has no "keys"');
  if (keys.length > MOST_KEYS) throw new Error(`the document has ${keys.length} keys, more than ${MOST_KEYS}`);
  return keys.filter(isObject).map(withoutNulls);
}

/** The members that only a private or a symmetric key has. */
export function secretMembersOf(jwk: Jwk): readonly string[] {
  return SECRET_MEMBERS.filter((member) => member in jwk);
}

/** The keys that may verify signatures, by what they say of themselves. A private key that was published is never trusted. */
export function signatureKeysOf(keys: readonly Jwk[]): readonly Jwk[] {
  return keys.filter(isForSignatures).map(onlyPublic);
}

/** Some servers write every member that a key could have. @returns what has the members of the document alone */
function withoutNulls(jwk: Jwk): Jwk {
  const members = Object.fromEntries(Object.entries(jwk).filter(([, value]) => value !== null));
  return Object.setPrototypeOf(members, null) as Jwk;
}

function isForSignatures(jwk: Jwk): boolean {
  const { use, key_ops: operations } = jwk;
  if (secretMembersOf(jwk).length > 0) return false;
  if (use !== undefined && use !== 'sig') return false;
  // Some servers publish `key_ops: []` and mean nothing by it.
  return !Array.isArray(operations) || operations.length === 0 || operations.includes('verify');
}

/**
 * Leaves out everything that libraries trip over and that verifies nothing (`x5c: []`, `key_ops: []`, ...). Absent members
 * are own ones: libraries would find them on a polluted `Object.prototype`.
 */
function onlyPublic(jwk: Jwk): Jwk {
  const absent = [...SECRET_MEMBERS, 'key_ops', 'x5c', 'x5t', 'kid', 'alg'].map(
    (member) => [member, undefined] as const,
  );
  const texts = ['kid', 'alg'].filter((member) => typeof jwk[member] === 'string');
  const present = [...PUBLIC_MEMBERS, ...texts].map((member) => [member, jwk[member]] as const);
  return Object.fromEntries([...absent, ['use', 'sig'], ...present]);
}
