import { challengesOf } from './challenges.js';
import type { Observation, ObservedResponse, TokenScheme } from './token-scheme.js';

/** A token that anybody who has it can use (RFC 6750). */
export const bearer = {
  tokenType: 'Bearer',

  prepare: ({ token }) => ({ Authorization: `Bearer ${token}` }),

  observe(_origin, { status, headers }) {
    if (status === 401) return readChallenges(headers);
    return status < 500 ? 'accepted' : 'unknown';
  },
} as const satisfies TokenScheme;

/** WSO2 calls it by its old name. */
const SCHEMES: ReadonlySet<string> = new Set([bearer.tokenType.toLowerCase(), 'oauth2']);
/** Faults that another token would not mend. */
const OTHER_FAULTS: ReadonlySet<string | undefined> = new Set(['insufficient_scope', 'invalid_request']);

/** @see {@link https://www.rfc-editor.org/rfc/rfc6750#section-3.1 RFC 6750, section 3.1} */
function readChallenges(headers: ObservedResponse['headers']): Observation {
  const challenges = challengesOf(headers);
  if (challenges.length === 0) return 'unchallenged';
  const mine = challenges.filter(({ scheme }) => SCHEMES.has(scheme));
  const errors = mine.map(({ parameters }) => parameters.get('error')?.toLowerCase());
  if (errors.includes('invalid_token')) return 'rejected';
  return mine.length === 0 || errors.some((error) => OTHER_FAULTS.has(error)) ? 'unknown' : 'unexplained';
}
