import type { Claims } from '../../authorization-servers/authorization-server.js';
import { VerifiedCaller } from '../../caller/verified-caller.js';
import { listOf } from '../../collections/list-of.js';
import { hasCode } from '../../errors/has-code.js';
import { InvalidTokenError } from '../../errors/invalid-token.error.js';
import { isM2MError } from '../../errors/m2m.error.js';
import { quoted, quotedList } from '../../events/log-text.js';
import type { ResolvedIssuer } from '../../options/resolved-options.js';
import { admit } from '../../resource-server/authentication/admit.js';
import type { AcceptedIssuer } from '../../resource-server/authentication/jwt/accepted-issuer.js';
import { checkKind, checkTimes } from '../../resource-server/authentication/jwt/claim-rules.js';
import type { CompactJws } from '../../resource-server/authentication/jwt/compact-jws.js';
import { findSigner } from '../../resource-server/authentication/jwt/find-signer.js';
import { checkHeader, type VerificationHeader } from '../../resource-server/authentication/jwt/header-rules.js';
import { readCaller, type NamedCaller } from '../../resource-server/authentication/jwt/read-caller.js';
import { authorizeCaller } from '../../resource-server/authorization/authorize-caller.js';
import { uniteConditions, type HandlerConditions } from '../../resource-server/authorization/handler-conditions.js';
import { durationText } from '../../time/duration-text.js';
import { ok, unknown, wrong, type Check } from '../checks/check.js';
import { issuerDifference } from '../checks/issuer-difference.js';
import type { OpenGuard } from './open-guard.js';
import { remedyFor, type SeenToken } from './remedies.js';

/** A JWT that could be read, and what it is held to. */
export interface ReadToken extends SeenToken {
  readonly jws: CompactJws;
  /** The scopes that the handler needs. */
  readonly scopes: readonly string[];
}

/** Holds a token to each rule of the guard, by the guard's own functions, also beyond the first that it breaks. */
export async function checkToken(token: ReadToken, guard: OpenGuard): Promise<readonly Check[]> {
  const { header, claims } = token;
  const { options, issuers, clock } = guard;
  const rule = <T>(name: string, seen: string, run: () => T): Ruled<T> => {
    try {
      return { check: ok(name, seen), value: run() };
    } catch (error) {
      return { check: refused(name, error, token, seen), value: undefined };
    }
  };
  const verificationHeader = rule('header', describeHeader(header), () => checkHeader(header, options));
  const accepted = issuers.known(claims['iss']);
  const issuer = accepted ?? issuers.inOptions[0];
  const times = rule('times', describeTimes(claims, clock.wall()), () => checkTimes(claims, options, clock.wall()));
  const kind = rule('kind of token', 'nothing of an ID token or a logout token', () => checkKind(claims));
  return [
    verificationHeader.check,
    checkIssuer(token, issuers),
    times.check,
    kind.check,
    ...(issuer ? checkCaller(token, issuer, times.value?.expiresAt ?? 0) : []),
    await checkSignature(token, verificationHeader.value, accepted),
  ];
}

interface Ruled<T> {
  readonly check: Check;
  /** `undefined` if the rule is broken. */
  readonly value: T | undefined;
}

/** A rule that a token breaks. @throws what is no refusal of this package */
export function refused(name: string, error: unknown, token: SeenToken, seen = ''): Check {
  if (!isM2MError(error)) throw error;
  return wrong(name, error.message, remedyFor(error, token), seen);
}

/** By the name alone: keys and functions come later. */
function checkIssuer(token: ReadToken, issuers: OpenGuard['issuers']): Check {
  const { iss } = token.claims;
  const seen = typeof iss === 'string' ? quoted(iss) : 'none';
  if (issuers.known(iss)) return ok('iss', seen);
  const difference = issuers.names.map((name) => issuerDifference(name, textOf(iss))).find(Boolean);
  const alike = difference === undefined ? '' : `; they differ by ${difference}`;
  const problem = `the token's issuer is ${seen}, and not one of ${quotedList(issuers.names)}${alike}`;
  return refused('iss', new InvalidTokenError('issuer', problem), token, seen);
}

/** Audience, client and scopes, as the product writes them. */
function checkCaller(token: ReadToken, { options }: AcceptedIssuer, expiresAt: number): readonly Check[] {
  const { claims, jws, scopes } = token;
  const audience = read(claims, options);
  const isForOthers = hasCode(audience.error, 'ERR_M2M_INVALID_TOKEN') && audience.error.reason === 'audience';
  const aud = isForOthers
    ? refused('aud', audience.error, token, describeAudience(claims))
    : ok('aud', describeAudience(claims));
  // A token for others is looked at as if it were for this API.
  const { caller, error } = isForOthers ? read(claims, { ...options, audience: null }) : audience;
  if (!caller) return [aud, refused('client', error, token), ...withoutCaller(scopes)];
  const { issuer } = options.authorizationServer;
  const verified = new VerifiedCaller(issuer, caller, undefined, expiresAt * 1000, jws.payload);
  const client = ok('client', `${quoted(caller.clientId)}, a ${caller.kind === 'unknown' ? 'client' : caller.kind}`);
  return [aud, client, checkConfirmation(token, verified), ...checkScopes(token, verified)];
}

function withoutCaller(scopes: readonly string[]): readonly Check[] {
  return scopes.length === 0 ? [] : [unknown('scope', 'the client is not let in')];
}

interface ReadCaller {
  readonly caller: NamedCaller | undefined;
  readonly error: unknown;
}

function read(claims: Claims, issuer: ResolvedIssuer): ReadCaller {
  try {
    return { caller: readCaller(claims, issuer), error: undefined };
  } catch (error) {
    return { caller: undefined, error };
  }
}

/** As a Bearer token, which is how M2MGuard takes it. */
function checkConfirmation(token: ReadToken, caller: VerifiedCaller): Check {
  const confirmation = token.claims['cnf'];
  const once = { acceptedUntil: Infinity, jti: undefined, issuedAt: undefined, isStillValid: () => true };
  const bearer = { scheme: 'Bearer', proofThumbprint: undefined, certificateThumbprint: undefined, time: 0 } as const;
  try {
    admit({ caller, confirmation, ...once }, bearer);
    return ok('cnf', 'bound to no key');
  } catch (error) {
    return refused('cnf', error, token);
  }
}

function checkScopes(token: ReadToken, caller: VerifiedCaller): readonly Check[] {
  const seen = quotedList(caller.scopes);
  try {
    authorizeCaller(caller, conditionsOf(token.scopes));
    return [ok('scope', seen)];
  } catch (error) {
    return [refused('scope', error, token, seen)];
  }
}

/** Those of a handler with `@RequireScopes(...scopes)`. */
export function conditionsOf(scopes: readonly string[]): HandlerConditions {
  return uniteConditions([], scopes.length > 0 ? [{ decorator: 'RequireScopes', scopes }] : []);
}

/** Keys are asked for at issuers of the options only. */
async function checkSignature(
  token: ReadToken,
  header: VerificationHeader | undefined,
  accepted: AcceptedIssuer | undefined,
): Promise<Check> {
  if (!accepted) return unknown('signature', 'its issuer is not accepted, and is not asked for keys');
  if (!header) return unknown('signature', 'its header is not accepted');
  const { options, keys } = accepted;
  try {
    // A token for others is looked at as if it were for this API.
    await findSigner(token.jws, header, { ...accepted, keys, options: { ...options, audience: null } });
    return ok('signature', `of a key of ${quoted(options.authorizationServer.issuer)}`);
  } catch (error) {
    return refused('signature', error, token);
  }
}

/** A member of a token, which may be of any type. */
function textOf(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value ?? null);
}

function describeHeader(header: Readonly<Record<string, unknown>>): string {
  const members = ['alg', 'typ', 'kid'].filter((name) => header[name] !== undefined);
  return members.map((name) => `${name} ${quoted(textOf(header[name]))}`).join(', ');
}

function describeAudience({ aud }: Claims): string {
  return aud === undefined ? 'none' : quotedList(listOf(aud).map(textOf));
}

/** @param now milliseconds since the epoch */
function describeTimes(claims: Claims, now: number): string {
  const times = ['iat', 'nbf', 'exp'].flatMap((name) => {
    const value = claims[name];
    return typeof value === 'number' ? [`${name} ${relative(value * 1000 - now)}`] : [];
  });
  return times.join(', ') || 'none';
}

/** @param ahead milliseconds */
function relative(ahead: number): string {
  return ahead < 0 ? `${durationText(-ahead)} ago` : `in ${durationText(ahead)}`;
}
