import { InvalidTokenError } from '../../../errors/invalid-token.error.js';
import type { AcceptedIssuer } from './accepted-issuer.js';
import type { CompactJws } from './compact-jws.js';
import type { VerificationHeader } from './header-rules.js';
import { checkAudienceUnverified, isForOthers } from './read-caller.js';
import type { VerificationKey } from './verification-key.js';

/**
 * The key of an issuer that a token is signed with. At most four keys are tried. If none of them verifies the token, the
 * issuer may have changed them, and those that are new are tried once.
 *
 * @throws InvalidTokenError if no key of the issuer verifies it
 * @throws KeysUnavailableError if that cannot be known now
 */
export async function findSigner(
  jws: CompactJws,
  { alg, kid }: VerificationHeader,
  { options, keys }: AcceptedIssuer,
): Promise<VerificationKey> {
  let candidates = keys.known(alg, kid);
  if (candidates.length === 0) {
    checkAudienceUnverified(jws.claims, options);
    candidates = await keys.find(alg, kid);
  }
  const signer = await signerAmong(candidates, alg, jws);
  if (signer) return signer;
  // Nothing is fetched for a token that would be refused anyway.
  const others = isForOthers(jws.claims, options) ? [] : await keys.findOthers(alg, kid, candidates);
  const other = await signerAmong(others, alg, jws);
  if (other) return other;
  throw new InvalidTokenError('signature', 'the signature of the token does not verify');
}

/** One after the other: the first is the only one that most tokens need. */
async function signerAmong(
  keys: readonly VerificationKey[],
  alg: string,
  { signingInput, signature }: CompactJws,
): Promise<VerificationKey | undefined> {
  for (const key of keys) if (await key.verify(alg, signingInput, signature)) return key;
  return undefined;
}
