import type { Claims } from '../../../authorization-servers/authorization-server.js';
import { listOf } from '../../../collections/list-of.js';
import { InvalidTokenError } from '../../../errors/invalid-token.error.js';
import type { ResolvedResourceServerOptions } from '../../../options/resolved-options.js';
import { expired, issuedInFuture, notYetValid, tooOld } from '../token-time-errors.js';

type TimeRules = Pick<ResolvedResourceServerOptions, 'clockTolerance' | 'maxTokenAge'>;

/** The last moment that a Date can hold, in seconds. */
const LAST_DATE = 8.64e12;

/** Claims of ID tokens and logout tokens that no access token has. */
const foreignClaims = ['nonce', 'at_hash', 'c_hash', 'events'];

/** When a token expires, and until when it is accepted here. */
export interface TokenTimes {
  /** Seconds since the epoch. */
  readonly expiresAt: number;
  /** Milliseconds since the epoch. */
  readonly acceptedUntil: number;
}

/**
 * What an access token must say about time.
 *
 * @param now milliseconds since the epoch
 * @throws InvalidTokenError
 * @see {@link https://www.rfc-editor.org/rfc/rfc7519#section-4.1.4 RFC 7519, sections 4.1.4 to 4.1.6}
 */
export function checkTimes(claims: Claims, { clockTolerance, maxTokenAge }: TimeRules, now: number): TokenTimes {
  const { exp } = claims;
  const [nbf, iat] = [numericDate(claims, 'nbf'), numericDate(claims, 'iat')];
  if (!isNumericDate(exp)) throw new InvalidTokenError('claims', 'the token has no "exp" that is a finite number');

  const ahead = (date: number | undefined): number => (date === undefined ? 0 : date * 1000 - now);
  if (ahead(nbf) > clockTolerance) throw notYetValid(ahead(nbf));
  if (ahead(iat) > clockTolerance) throw issuedInFuture(ahead(iat));
  const expiry = exp * 1000 + clockTolerance;
  if (now >= expiry) throw expired(now - exp * 1000);
  if (maxTokenAge === undefined) return { expiresAt: exp, acceptedUntil: expiry };

  if (iat === undefined) throw new InvalidTokenError('claims', 'the token has no "iat" to tell its age by');
  const oldest = iat * 1000 + maxTokenAge + clockTolerance;
  if (now >= oldest) throw tooOld(now - oldest);
  return { expiresAt: exp, acceptedUntil: Math.min(expiry, oldest) };
}

/**
 * Whether a token is no longer accepted, by what it says about time.
 *
 * @param now milliseconds since the epoch
 */
export function areOver(claims: Claims, rules: TimeRules, now: number): boolean {
  try {
    return checkTimes(claims, rules, now).acceptedUntil <= now;
  } catch {
    return true;
  }
}

/**
 * What must not be in an access token, and the types of its registered claims.
 *
 * @throws InvalidTokenError
 * @see {@link https://www.rfc-editor.org/rfc/rfc8725#section-3.12 RFC 8725, section 3.12}
 * @see {@link https://www.rfc-editor.org/rfc/rfc7519#section-4.1 RFC 7519, section 4.1}
 */
export function checkKind(claims: Claims): void {
  const foreign = foreignClaims.find((name) => name in claims && !(name === 'nonce' && isMarked(claims)));
  if (foreign) throw new InvalidTokenError('not-an-access-token', `a token with "${foreign}" is not an access token`);
  if (claims['token_use'] === 'id') throw new InvalidTokenError('not-an-access-token', 'its "token_use" is "id"');
  for (const name of ['sub', 'jti']) {
    if (claims[name] === undefined || typeof claims[name] === 'string') continue;
    throw new InvalidTokenError('claims', `the "${name}" of the token is not a string`);
  }
  const { aud } = claims;
  if (aud === undefined || listOf(aud).every((each) => typeof each === 'string')) return;
  throw new InvalidTokenError('claims', 'the "aud" of the token is neither a string nor a list of strings');
}

/**
 * Refuses a token for other resource servers before anybody is asked for its issuer.
 *
 * @param audience what the `aud` of every token must have: one of these; `undefined`: anything
 * @throws InvalidTokenError
 */
export function checkCommonAudience({ aud }: Claims, audience: readonly string[] | undefined): void {
  if (!audience || listOf(aud).some((each) => audience.some((own) => own === each))) return;
  throw new InvalidTokenError('audience', `the token is for others, not for [${audience.join(', ')}]`);
}

/** Older Keycloak copies the nonce of a login into access tokens. It marks them: the "typ" of its ID tokens is "ID". */
function isMarked({ typ }: Claims): boolean {
  return typ === 'Bearer';
}

function numericDate(claims: Claims, name: 'nbf' | 'iat'): number | undefined {
  const value = claims[name];
  if (value === undefined || isNumericDate(value)) return value;
  throw new InvalidTokenError('claims', `the "${name}" of the token is not a finite number`);
}

function isNumericDate(value: unknown): value is number {
  return typeof value === 'number' && Math.abs(value) <= LAST_DATE;
}
