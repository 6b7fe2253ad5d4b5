import { TokenRequestError } from '../../../errors/token-request.error.js';
import type { ResolvedClient } from '../../../options/resolved-options.js';
import type { RequestedToken } from '../../events/requested-token.js';
import type { IssuedToken } from '../token/cached-token.js';

/** The scopes that were requested and not granted. None if `verifyScope` is off, or if the granted ones are unknown. */
export function missingScopes(
  { verifyScope }: Pick<ResolvedClient, 'verifyScope'>,
  { scope: requested }: RequestedToken,
  { scope: granted }: IssuedToken,
): readonly string[] {
  if (verifyScope === 'off' || granted === undefined) return [];
  return requested.filter((scope) => !granted.includes(scope));
}

/** The error for a token without requested scopes. */
export function scopeRefused(missing: readonly string[]): TokenRequestError {
  const scopes = missing.join(' ');
  return new TokenRequestError(
    `The authorization server granted a token without the scope ${scopes}. ` +
      `Grant the client that scope, or write: verifyScope: 'warn'`,
    { error: 'invalid_scope', errorDescription: `not granted: ${scopes}`, upstreamStatus: 200 },
  );
}
