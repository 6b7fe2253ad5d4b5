import jwksRsa from 'jwks-rsa';
import type { UpstreamFetch } from '../../../authorization-servers/discovery.js';
import { jsonBody } from '../../../http/json-body.js';
import { printableUrl } from '../../../http/printable-url.js';
import { isObject, memberOf } from '../../../validation/checks.js';
import { VerificationKey } from './verification-key.js';

type Jwk = Readonly<Record<string, unknown>>;

/** Keys are imported one after the other, while everything else waits: some 0.1 ms each. */
const MOST_KEYS = 500;

const privateMembers = ['d', 'p', 'q', 'dp', 'dq', 'qi', 'oth', 'k'];
const publicMembers = ['kty', 'n', 'e', 'crv', 'x', 'y'];

/**
 * Fetches a key set and keeps the keys that can verify signatures. A key that cannot be imported is skipped.
 *
 * @param timeout milliseconds
 * @throws Error if the document is not a key set, or has no usable key
 */
export async function fetchKeySet(fetch: UpstreamFetch, uri: string, timeout: number): Promise<VerificationKey[]> {
  const fetcher = async () => ({ keys: readKeySet(await fetchJson(fetch, uri, timeout)) });
  const client = new jwksRsa.JwksClient({ cache: false, rateLimit: false, fetcher });
  const signingKeys = await client.getSigningKeys();
  const keys = signingKeys
    .map((key) => new VerificationKey(memberOf(key, 'kid'), memberOf(key, 'alg'), key.getPublicKey()))
    .filter(({ algorithms }) => algorithms.length > 0);
  if (keys.length === 0) throw new Error(`${printableUrl(uri)} holds no key that can verify a signature`);
  return [...new Map(keys.map((key) => [key.identity, key])).values()];
}

async function fetchJson(fetch: UpstreamFetch, uri: string, timeout: number): Promise<unknown> {
  const headers = { accept: 'application/jwk-set+json, application/json' };
  const { status, body } = await fetch({ url: uri, timeout, headers });
  if (status !== 200) throw new Error(`${printableUrl(uri)} answered ${status}`);
  const document = jsonBody(body);
  if (document === undefined) throw new Error(`${printableUrl(uri)} answered something that is not JSON`);
  return document;
}

function readKeySet(document: unknown): Jwk[] {
  const keys = isObject(document) ? memberOf(document, 'keys') : undefined;
  if (!Array.isArray(keys)) throw new Error('the document has no "keys"');
  if (keys.length > MOST_KEYS) throw new Error(`the document has ${keys.length} keys, more than ${MOST_KEYS}`);
  return keys.filter(isObject).map(withoutNulls).filter(isForSignatures).map(onlyPublic);
}

/** Some servers write every member that a key could have. @returns what has the members of the document alone */
function withoutNulls(jwk: Jwk): Jwk {
  const members = Object.fromEntries(Object.entries(jwk).filter(([, value]) => value !== null));
  return Object.setPrototypeOf(members, null) as Jwk;
}

/** A private key that was published is never trusted. */
function isForSignatures(jwk: Jwk): boolean {
  const { use, key_ops: operations } = jwk;
  if (privateMembers.some((member) => member in jwk)) return false;
  if (use !== undefined && use !== 'sig') return false;
  // Some servers publish `key_ops: []` and mean nothing by it.
  return !Array.isArray(operations) || operations.length === 0 || operations.includes('verify');
}

/**
 * Leaves out everything that libraries trip over and that verifies nothing (`x5c: []`, `key_ops: []`, ...). Absent members
 * are own ones: libraries would find them on a polluted `Object.prototype`.
 */
function onlyPublic(jwk: Jwk): Jwk {
  const absent = [...privateMembers, 'key_ops', 'x5c', 'x5t', 'kid', 'alg'].map(
    (member) => [member, undefined] as const,
  );
  const texts = ['kid', 'alg'].filter((member) => typeof jwk[member] === 'string');
  const present = [...publicMembers, ...texts].map((member) => [member, jwk[member]] as const);
  return Object.fromEntries([...absent, ['use', 'sig'], ...present]);
}
