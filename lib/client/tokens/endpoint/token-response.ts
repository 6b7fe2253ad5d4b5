import { decodeJwt } from 'jose';
import type { Claims } from '../../../authorization-servers/authorization-server.js';
import { readScopes } from '../../../authorization-servers/scopes.js';
import { TokenEndpointError } from '../../../errors/token-endpoint.error.js';
import type { ResolvedAuthorizationServer } from '../../../options/authorization-server-fields.js';
import { isTokenText, type IssuedToken } from '../token/cached-token.js';
import { extraMembers } from './extra-members.js';
import { ageOf, sentAt, tokenLifetime, type StatedLifetime } from './token-lifetime.js';

/** The `token_type`s, in lower case, of tokens that may not be sent as Bearer (RFC 9449; RFC 8693, section 2.2.1). */
const OTHER_TYPES = new Set(['dpop', 'n_a', 'mac']);

/** The claims in which servers tell what a token is good for. */
const CLAIMS_OF_RIGHTS = 'scope scp scopes roles groups entitlements permissions realm_access resource_access'.split(
  ' ',
);

type Server = Pick<ResolvedAuthorizationServer, 'absentScope' | 'defaultLifetime'>;

/** An answer without any token in it. Something between here and the token endpoint may have given it. */
export class NoTokenResponse extends Error {
  constructor() {
    super('it has no access_token');
  }
}

/**
 * Reads the token out of a successful answer. What else it says may be wrong or missing: servers differ in all of it.
 *
 * @param members of the answer's JSON
 * @param headers of the answer, names in lower case
 * @param receivedAt milliseconds since the epoch
 * @throws TokenEndpointError if it has no token that can be sent as a Bearer token
 * @see {@link https://www.rfc-editor.org/rfc/rfc6749#section-5.1 RFC 6749, section 5.1}
 */
export function parseTokenResponse(
  members: Readonly<Record<string, unknown>>,
  headers: Readonly<Record<string, string>>,
  server: Server,
  receivedAt: number,
): Omit<IssuedToken, 'requestedAt'> {
  const { access_token: value, expires_in: expiresIn, scope, cnf } = members;
  if (value === undefined || value === null) throw withoutToken(members);
  if (typeof value !== 'string' || value === '') {
    throw new TokenEndpointError('its answer is not a token response: its access_token is no text');
  }
  refuseOtherType(members);
  if (!isTokenText(value)) {
    throw new TokenEndpointError('its answer has an access_token with characters that no token may have');
  }
  const stated = { expiresIn, scope, cnf, sentAt: sentAt(headers), age: ageOf(headers), receivedAt };
  return { ...readToken(value, stated, server), extra: extraMembers(members, value) };
}

/** What was said of a token beside it. */
export interface StatedOfToken extends Omit<StatedLifetime, 'claims'> {
  /** The granted scopes, as a list or separated by spaces. Anything else says nothing. */
  readonly scope: unknown;
  /** The key or certificate that it is bound to (RFC 7800, section 3.1). */
  readonly cnf: unknown;
}

/** Reads a token, which may be a JWT, together with what was said of it. */
export function readToken(
  value: string,
  { scope, cnf, ...stated }: StatedOfToken,
  server: Server,
): Omit<IssuedToken, 'requestedAt' | 'extra'> {
  const claims = decodeClaims(value);
  const lifetime = tokenLifetime({ ...stated, claims }, server.defaultLifetime);
  const isBound = (cnf ?? claims?.['cnf']) !== undefined;
  return { value, lifetime, scope: grantedScopes(scope, claims, server), isBound };
}

/** A token under another name is no outage: the options must name it. */
function withoutToken(members: Readonly<Record<string, unknown>>): TokenEndpointError {
  const spelling = Object.keys(members).find((name) => /^access-?token$/i.test(name));
  if (spelling !== undefined) {
    const line = `readTokenResponse: ({ ${spelling}: access_token, expiresIn: expires_in }) => ({ access_token, expires_in })`;
    return new TokenEndpointError(`its answer has ${spelling} instead of access_token: { ...server, ${line} }`);
  }
  const cause = new NoTokenResponse();
  return new TokenEndpointError(`its answer is not a token response: ${cause.message}`, { cause });
}

/** Any other word, or none, stands for Bearer: some servers write the token's format, or the name of the product. */
export function refuseOtherType({ token_type, tokenType }: Readonly<Record<string, unknown>>): void {
  const names = [token_type, tokenType].map((type) => (typeof type === 'string' ? type.trim().toLowerCase() : ''));
  if (!names.some((name) => OTHER_TYPES.has(name))) return;
  throw new TokenEndpointError('its answer has a token_type that cannot be sent as Bearer: DPoP, N_A or mac');
}

/** As the answer says, else as the token says, else as the server means it. `undefined`: as requested, or unknown. */
function grantedScopes(scope: unknown, claims: Claims | undefined, { absentScope }: Server): IssuedToken['scope'] {
  const granted = [scope, claims?.['scope'], claims?.['scp']].find(isScope);
  if (granted !== undefined) return readScopes(granted);
  if (absentScope !== 'as-in-token') return absentScope === 'none' ? [] : undefined;
  return claims && !CLAIMS_OF_RIGHTS.some((name) => Object.hasOwn(claims, name)) ? [] : undefined;
}

function isScope(value: unknown): boolean {
  return typeof value === 'string' || Array.isArray(value);
}

/** Not verified: the token came from the token endpoint itself. */
function decodeClaims(token: string): Claims | undefined {
  try {
    return decodeJwt(token);
  } catch {
    return undefined;
  }
}
