import type { CallerClaims, Claims } from '../../../authorization-servers/authorization-server.js';
import { InvalidTokenError } from '../../../errors/invalid-token.error.js';
import { quoted } from '../../../events/log-text.js';
import type { ResolvedIssuer } from '../../../options/resolved-options.js';
import { isObject } from '../../../validation/checks.js';

/** The members that may tell what a token is, and their values for an access token, in lower case. */
const ACCESS_TOKENS: Readonly<Record<string, readonly string[]>> = {
  // RFC 6749, section 7.1; glewlwyd says that it is an access token.
  token_type: ['bearer', 'dpop', 'access_token'],
  // Hydra.
  token_use: ['access_token', 'access'],
  // Keycloak, and servers that answer the header of the token as well.
  typ: ['bearer', 'dpop', 'at+jwt', 'application/at+jwt', 'jwt'],
};

/**
 * Refuses what is active, and no access token: servers answer refresh tokens and ID tokens as well. One of three members
 * must say what it is, and none may say something else.
 *
 * @throws InvalidTokenError
 * @see {@link https://www.rfc-editor.org/rfc/rfc7662#section-2.2 RFC 7662, section 2.2}
 */
export function checkIsAccessToken(claims: Claims): void {
  const members = Object.keys(ACCESS_TOKENS).filter((name) => claims[name] !== undefined && claims[name] !== null);
  const other = members.find((name) => !isAmong(ACCESS_TOKENS[name] ?? [], claims[name]));
  if (other !== undefined) throw notAnAccessToken(`its ${other} is not that of an access token`);
  if (members.length === 0 || (members.length === 1 && members[0] === 'typ' && isAmong(['jwt'], claims['typ']))) {
    throw notAnAccessToken('the answer has no token_type: it may be about a refresh token');
  }
}

/**
 * What a token is bound to: its `cnf`, in the answer or else in the JWT itself, because not all servers repeat it.
 *
 * @param jwt the claims of the token itself, if it is a JWT
 * @throws InvalidTokenError if the token is said to be bound to a key, and not to which
 * @see {@link https://www.rfc-editor.org/rfc/rfc9449#section-6.2 RFC 9449, section 6.2}
 */
export function confirmationOf(claims: Claims, jwt: Claims | undefined): unknown {
  const confirmation = claims['cnf'] === undefined ? jwt?.['cnf'] : claims['cnf'];
  const isBound = [claims['token_type'], claims['typ'], jwt?.['typ']].some((type) => isAmong(['dpop'], type));
  if (confirmation !== undefined || !isBound) return confirmation;
  const message = 'the answer says that the token is bound to a key (DPoP), and has no "cnf" to tell to which';
  throw new InvalidTokenError('sender-constrained', message);
}

/**
 * An issuer that is named must be the one that was asked.
 *
 * @throws InvalidTokenError
 */
export function checkIssuer({ iss }: Claims, { authorizationServer: { acceptedIssuers } }: ResolvedIssuer): void {
  if (iss === undefined || acceptedIssuers.some((each) => each === iss)) return;
  const shown = typeof iss === 'string' ? quoted(iss) : 'no text';
  throw new InvalidTokenError('issuer', `the answer about the token names the issuer ${shown}`);
}

/**
 * The issuer, with a reader of claims that knows what an answer about a token does not prove. Unlike a JWT (RFC 9068), it
 * may lack `sub` for users, too: glewlwyd, Doorkeeper and django-oauth-toolkit never write it.
 *
 * @param jwt the claims of the token itself, if it is a JWT: the issuer has vouched for them by saying that it is active.
 * They may tell more (Keycloak), and count for the kind of the caller if the answer does not tell that.
 */
export function withSparseClaims(issuer: ResolvedIssuer, jwt: Claims | undefined): ResolvedIssuer {
  const { authorizationServer } = issuer;
  const readClaims = (claims: Claims, audience: readonly string[]): CallerClaims => {
    // A function of the options may return anything, and is judged by whoever called this one.
    const caller: CallerClaims | undefined = authorizationServer.readClaims(claims, audience);
    const isProven = claims['sub'] !== undefined && claims['sub'] !== null;
    if (caller?.kind === 'user' || (caller?.kind === 'machine' && isProven)) return caller;
    if (!isCaller(caller)) return caller;
    const ofJwt: CallerClaims | undefined = jwt && authorizationServer.readClaims(jwt, audience);
    if (ofJwt && !isCaller(ofJwt)) return ofJwt;
    return { ...caller, kind: ofJwt?.kind ?? 'unknown' };
  };
  return { ...issuer, authorizationServer: { ...authorizationServer, readClaims } };
}

/** A promise is passed on as it is: a copy would leave its rejection to nobody. */
function isCaller(value: unknown): value is CallerClaims {
  return isObject(value) && !(value instanceof Promise);
}

function isAmong(values: readonly string[], value: unknown): boolean {
  return typeof value === 'string' && values.includes(value.toLowerCase());
}

function notAnAccessToken(message: string): InvalidTokenError {
  return new InvalidTokenError('not-an-access-token', message);
}
