import { decodeJwt } from 'jose';
import type { Claims } from '../../../authorization-servers/authorization-server.js';
import { readScopes } from '../../../authorization-servers/scopes.js';
import { TokenEndpointError } from '../../../errors/token-endpoint.error.js';
import type { ResolvedClient } from '../../../options/resolved-options.js';
import { bearer } from '../../requests/schemes/bearer.js';
import { isTokenText, type IssuedToken } from '../token/cached-token.js';

/** Seconds. */
const UNKNOWN_LIFETIME = 300;
/** Seconds, a year: a longer lifetime means "for ever". */
const LONGEST_LIFETIME = 365 * 24 * 60 * 60;

/** An answer without any token in it. Something between here and the token endpoint may have given it. */
export class NoTokenResponse extends Error {
  constructor() {
    super('it has no access_token');
  }
}

/**
 * Reads the token out of a successful answer. An ID token or a refresh token may come along, and is ignored.
 *
 * @param members of the answer's JSON
 * @throws TokenEndpointError if it is not a token response
 * @see {@link https://www.rfc-editor.org/rfc/rfc6749#section-5.1 RFC 6749, section 5.1}
 */
export function readTokenResponse(
  { access_token: value, token_type: type, scope, expires_in: expiresIn, cnf }: Readonly<Record<string, unknown>>,
  { authorizationServer }: Pick<ResolvedClient, 'authorizationServer'>,
): Omit<IssuedToken, 'requestedAt'> {
  if (value === undefined) {
    const cause = new NoTokenResponse();
    throw new TokenEndpointError(`its answer is not a token response: ${cause.message}`, { cause });
  }
  if (typeof value !== 'string' || value === '') throw malformed('access_token');
  if (typeof type !== 'string' || type === '') throw malformed('token_type');
  if (scope !== undefined && scope !== null && typeof scope !== 'string') throw malformed('scope');
  const lifetime = statedLifetime(expiresIn);
  const { tokenType } = bearer;
  if (type.toLowerCase() !== tokenType.toLowerCase()) {
    throw new TokenEndpointError(`its answer has a token_type other than ${tokenType}`);
  }
  if (!isTokenText(value)) {
    throw new TokenEndpointError('its answer has an access_token with characters that no token may have');
  }
  const claims = decodeClaims(value);
  const seconds = Math.min(lifetime ?? claimedLifetime(claims) ?? UNKNOWN_LIFETIME, LONGEST_LIFETIME);
  // As the answer says, else as the token says, else as the server means it.
  const granted = scope ?? claims?.['scope'] ?? claims?.['scp'];
  const absent = authorizationServer.absentScope === 'none' ? [] : undefined;
  return {
    value,
    lifetime: seconds * 1000,
    scope: granted === undefined ? absent : readScopes(granted),
    isBound: (cnf ?? claims?.['cnf']) !== undefined,
  };
}

function malformed(member: string): TokenEndpointError {
  return new TokenEndpointError(`its answer is not a token response: its ${member} is no text`);
}

function statedLifetime(value: unknown): number | undefined {
  if (value === undefined || value === null) return undefined;
  const seconds = typeof value === 'string' && /^\d+(\.\d+)?$/.test(value) ? Number(value) : value;
  if (typeof seconds === 'number' && Number.isFinite(seconds) && seconds > 0) return seconds;
  throw new TokenEndpointError('its answer has an expires_in that is no number of seconds');
}

function claimedLifetime(claims: Claims | undefined): number | undefined {
  const lifetime = Number(claims?.['exp']) - Number(claims?.['iat']);
  return Number.isFinite(lifetime) && lifetime > 0 ? lifetime : undefined;
}

/** Not verified: the token came from the token endpoint itself. */
function decodeClaims(token: string): Claims | undefined {
  try {
    return decodeJwt(token);
  } catch {
    return undefined;
  }
}
