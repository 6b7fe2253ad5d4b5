import { TokenRequestError } from '../../../errors/token-request.error.js';
import type { RequestedToken } from '../../events/m2m-client-event.js';
import type { IssuedToken } from '../token/cached-token.js';

/** The scopes asked for and not granted; none where nobody can tell. */
export function missingScopes(
  { scope: requested }: RequestedToken,
  { scope: granted }: IssuedToken,
): readonly string[] {
  return granted === undefined ? [] : requested.filter((scope) => !granted.includes(scope));
}

/** A grant of fewer scopes than asked for, as an error. */
export function scopeRefused(missing: readonly string[]): TokenRequestError {
  const scopes = missing.join(' ');
  return new TokenRequestError(
    `The authorization server granted a token without the scope ${scopes}. ` +
      `Grant the client that scope, or write: verifyScope: 'warn'`,
    { error: 'invalid_scope', errorDescription: `not granted: ${scopes}`, upstreamStatus: 200 },
  );
}
