import { parseChallenges } from './challenges.js';
import type { ObservedResponse, TokenScheme } from './token-scheme.js';

/** A token that anybody who has it can use (RFC 6750). */
export const bearer = {
  tokenType: 'Bearer',

  prepare: ({ token }) => ({ Authorization: `Bearer ${token}` }),

  observe(_origin, { status, headers }) {
    if (status === 401) return saysInvalidToken(headers) ? 'rejected' : 'unknown';
    return status < 500 ? 'accepted' : 'unknown';
  },
} as const satisfies TokenScheme;

/** @see {@link https://www.rfc-editor.org/rfc/rfc6750#section-3.1 RFC 6750, section 3.1} */
function saysInvalidToken(headers: ObservedResponse['headers']): boolean {
  return parseChallenges([headers['www-authenticate']].flat().join(', ')).some(
    ({ scheme, parameters }) => scheme === 'bearer' && parameters.get('error') === 'invalid_token',
  );
}
