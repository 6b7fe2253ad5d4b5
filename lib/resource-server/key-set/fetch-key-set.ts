import jwksRsa from 'jwks-rsa';
import type { UpstreamFetch } from '../../authorization-servers/discovery.js';
import { VerificationKey } from './verification-key.js';

type Jwk = Readonly<Record<string, unknown>>;

const privateMembers = ['d', 'p', 'q', 'dp', 'dq', 'qi', 'oth', 'k'];
const publicMembers = ['kty', 'n', 'e', 'crv', 'x', 'y'];

/**
 * Fetches a key set and keeps the keys that can verify signatures. A key that cannot be imported is skipped.
 *
 * @param timeout milliseconds
 * @throws Error where the document is not a key set, or has no usable key
 */
export async function fetchKeySet(fetch: UpstreamFetch, uri: string, timeout: number): Promise<VerificationKey[]> {
  const fetcher = async () => ({ keys: readKeySet(await fetchJson(fetch, uri, timeout)) });
  const client = new jwksRsa.JwksClient({ cache: false, rateLimit: false, fetcher });
  const signingKeys = await client.getSigningKeys();
  const keys = signingKeys
    .map((key) => new VerificationKey(key.kid, key.alg, key.getPublicKey()))
    .filter(({ algorithms }) => algorithms.length > 0)
    .filter((key, index, all) => all.findIndex((each) => each.equals(key)) === index);
  if (keys.length === 0) throw new Error(`${uri} holds no key that can verify a signature`);
  return keys;
}

async function fetchJson(fetch: UpstreamFetch, uri: string, timeout: number): Promise<unknown> {
  const headers = { accept: 'application/jwk-set+json, application/json' };
  const { status, body } = await fetch({ url: uri, timeout, headers });
  if (status !== 200) throw new Error(`${uri} answered ${status}`);
  try {
    return JSON.parse(body.toString('utf8'));
  } catch {
    throw new Error(`${uri} answered something that is not JSON`);
  }
}

function readKeySet(document: unknown): Jwk[] {
  const keys = (document as { keys?: unknown } | null)?.keys;
  if (!Array.isArray(keys)) throw new Error('the document has no "keys"');
  return keys.filter(isForSignatures).map(onlyPublic);
}

/** A private key that somebody published is not trusted, whatever else it is. */
function isForSignatures(jwk: unknown): jwk is Jwk {
  if (typeof jwk !== 'object' || jwk === null) return false;
  const { use, key_ops: operations } = jwk as Jwk;
  if (privateMembers.some((member) => member in jwk)) return false;
  if (use !== undefined && use !== 'sig') return false;
  // Some servers publish `key_ops: []` and mean nothing by it.
  return !Array.isArray(operations) || operations.length === 0 || operations.includes('verify');
}

/** Leaves out everything that libraries trip over and that verifies nothing (`x5c: []`, `key_ops: []`, ...). */
function onlyPublic(jwk: Jwk): Jwk {
  const texts = ['kid', 'alg'].filter((member) => typeof jwk[member] === 'string');
  return Object.fromEntries([...publicMembers, ...texts].map((member) => [member, jwk[member]]));
}
