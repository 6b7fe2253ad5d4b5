import { listOf } from '../collections/list-of.js';
import { InvalidTokenError } from '../errors/invalid-token.error.js';
import { memberOf } from '../validation/checks.js';
import type { CallerClaims, CallerKind, Claims } from './authorization-server.js';

/** A claim, if it is a text that is not empty. */
export function textClaim(claims: Claims, name: string): string | undefined {
  const value = claims[name];
  return typeof value === 'string' && value !== '' ? value : undefined;
}

/** A claim, if it is an object and no array. */
export function objectClaim(claims: Claims, name: string): Claims | undefined {
  const value = Object.hasOwn(claims, name) ? claims[name] : undefined;
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Claims) : undefined;
}

/**
 * The client that a token was issued to, from those of the named claims that are present.
 *
 * Never read from `sub`: a server may let a user or a client choose its subject, and RFC 9068 gives `sub` another meaning.
 *
 * @throws InvalidTokenError if one of them is not a text, or two disagree
 * @see {@link https://www.rfc-editor.org/rfc/rfc9068#section-2.2 RFC 9068, section 2.2}
 */
export function clientIdOf(claims: Claims, ...names: readonly string[]): string | undefined {
  const present = names.filter((name) => claims[name] !== undefined);
  const wrong = present.find((name) => textClaim(claims, name) === undefined);
  if (wrong !== undefined) throw new InvalidTokenError('claims', `the claim ${wrong} is not a string`);
  if (present.some((name) => claims[name] !== claims[present[0] ?? ''])) {
    throw new InvalidTokenError('claims', `the claims ${present.join(' and ')} name different clients`);
  }
  return present[0] === undefined ? undefined : textClaim(claims, present[0]);
}

/** Whether a token's subject is the client itself, as in a token of the client credentials grant. */
export function subjectIsClient(claims: Claims, clientId: string | undefined): boolean {
  return clientId !== undefined && claims['sub'] === clientId;
}

/**
 * Whether a token has a claim that is written about users only.
 *
 * @param names claims that the product writes for users only
 */
export function hasUserClaim(claims: Claims, ...names: readonly string[]): boolean {
  return names.some((name) => Object.hasOwn(claims, name) && ![undefined, null, ''].includes(claims[name] as null));
}

/**
 * The audience of a token, whether it is one text or a list of them.
 *
 * @see {@link https://www.rfc-editor.org/rfc/rfc7519#section-4.1.3 RFC 7519, section 4.1.3}
 */
export function audienceOf(claims: Claims): readonly string[] {
  return listOf(claims['aud']).filter((value): value is string => typeof value === 'string' && value !== '');
}

/** Where the access tokens of a server say who calls. */
export interface ClaimRules {
  /** The claims that may name the client. */
  readonly clientId: readonly string[];
  scopes(claims: Claims, kind: CallerKind): readonly string[];
  /** @default none */
  organization?(claims: Claims, audience: readonly string[]): string | undefined;
  /** `machine` or `user` only if the token proves it. */
  kind(claims: Claims, clientId: string | undefined): CallerKind;
}

const WITHOUT_USERS = new WeakSet<object>();

/** Notes that a product writes no claim for users only, so that its `readClaims` never answers `user`. */
export function withoutUsers<T extends object>(readClaims: T): T {
  WITHOUT_USERS.add(readClaims);
  return readClaims;
}

/** Whether a `readClaims` can prove that a token is a user's. One that an application wrote is believed to. */
export function tellsUsers(readClaims: object): boolean {
  return !WITHOUT_USERS.has(readClaims);
}

/**
 * The `readClaims` of a server in whose tokens the caller's own client id in `aud` does not count as an audience.
 *
 * Some servers (SimpleIdServer, LemonLDAP::NG) put it there, and ID tokens hold nothing else. If it counted, a client
 * that is registered under the name of an API could call that API.
 */
export function readClaimsBy(rules: ClaimRules): (claims: Claims) => CallerClaims {
  return (claims) => {
    const clientId = clientIdOf(claims, ...rules.clientId);
    const audience = audienceOf(claims).filter((value) => value !== clientId);
    const kind = rules.kind(claims, clientId);
    const organization = memberOf(rules, 'organization')?.(claims, audience);
    return { clientId, scopes: rules.scopes(claims, kind), audience, organization, kind };
  };
}
