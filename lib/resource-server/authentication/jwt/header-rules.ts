import { InvalidTokenError } from '../../../errors/invalid-token.error.js';
import type { ResolvedResourceServerOptions } from '../../../options/resolved-options.js';

/** What of a header decides how the token is verified. Keys and URLs that a header carries are never used. */
export interface VerificationHeader {
  readonly alg: string;
  readonly kid: string | undefined;
}

const accessTokenTypes = ['at+jwt', 'application/at+jwt'];
const anyTypes = [...accessTokenTypes, 'jwt'];

/**
 * What the header of an access token must say before anything is verified.
 *
 * @throws InvalidTokenError
 * @see {@link https://www.rfc-editor.org/rfc/rfc8725#section-3 RFC 8725, section 3}
 * @see {@link https://www.rfc-editor.org/rfc/rfc9068#section-2.1 RFC 9068, section 2.1}
 */
export function checkHeader(
  header: Readonly<Record<string, unknown>>,
  { algorithms, tokenType }: Pick<ResolvedResourceServerOptions, 'algorithms' | 'tokenType'>,
): VerificationHeader {
  const { alg, kid, typ } = header;
  if (typeof alg !== 'string' || !algorithms.includes(alg)) {
    throw new InvalidTokenError('algorithm', 'the "alg" of the token is not an accepted one');
  }
  if ('crit' in header || 'b64' in header) {
    const message = 'the token has a "crit" or "b64" header, none of which is understood';
    throw new InvalidTokenError('critical-header', message);
  }
  if (!isAccepted(typ, tokenType)) {
    throw new InvalidTokenError('type', 'the "typ" of the token is not that of an access token');
  }
  if (kid !== undefined && typeof kid !== 'string') {
    throw new InvalidTokenError('key', 'the "kid" of the token is not a string');
  }
  // Some servers write an empty one and mean none.
  return { alg, kid: kid === '' ? undefined : kid };
}

function isAccepted(typ: unknown, tokenType: 'at+jwt' | 'any'): boolean {
  if (typ === undefined) return tokenType === 'any';
  return typeof typ === 'string' && (tokenType === 'any' ? anyTypes : accessTokenTypes).includes(typ.toLowerCase());
}
