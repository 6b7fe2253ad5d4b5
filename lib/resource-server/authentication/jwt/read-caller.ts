import type { CallerClaims, CallerKind, Claims } from '../../../authorization-servers/authorization-server.js';
import { readStandardClaims } from '../../../authorization-servers/standard.js';
import { CallerNotAllowedError } from '../../../errors/caller-not-allowed.error.js';
import { M2MConfigurationError } from '../../../errors/configuration.error.js';
import { hasCode } from '../../../errors/has-code.js';
import { InvalidTokenError, knownReason } from '../../../errors/invalid-token.error.js';
import { isM2MError } from '../../../errors/m2m.error.js';
import { quoted, quotedList } from '../../../events/log-text.js';
import type { ResolvedIssuer } from '../../../options/resolved-options.js';
import { isObject, memberOf } from '../../../validation/checks.js';

/** What a token says of its caller, once it is known to name a client. */
export type NamedCaller = CallerClaims & { readonly clientId: string };

const KINDS: readonly CallerKind[] = ['machine', 'user', 'unknown'];

const NO_CLIENT =
  'the token does not say which client it was issued to; if another claim names it, use the factory of that product or a readClaims of your own';

/** What else may help if a token does not tell, read by the standard. */
const FACTORY = 'use the factory of that product (keycloak, auth0, spring, ...) in place of oidc, or ';

/**
 * Who is calling, and whether this issuer's tokens may say so here.
 *
 * @throws InvalidTokenError if the token is not one for this resource server
 * @throws CallerNotAllowedError if it is, and its caller is not one of those allowed
 */
export function readCaller(claims: Claims, issuer: ResolvedIssuer): NamedCaller {
  const caller = readCallerClaims(claims, issuer);
  if (!isForUs(caller, issuer)) {
    const message = `the token is for ${quotedList(caller.audience)}, not for ${quotedList(issuer.audience ?? [])}`;
    throw new InvalidTokenError('audience', message);
  }
  const { clientId } = caller;
  if (!clientId) throw new InvalidTokenError('client', NO_CLIENT);
  const refusal = whyNotAllowed({ ...caller, clientId }, issuer);
  if (refusal) throw new CallerNotAllowedError(refusal, { clientId, issuer: issuer.authorizationServer.issuer });
  const honoured = issuer.scopes ? caller.scopes.filter((scope) => issuer.scopes?.includes(scope)) : caller.scopes;
  return { ...caller, clientId, scopes: honoured };
}

/**
 * Refuses a token for another resource server before its keys are asked for, and shows nothing of it.
 *
 * @throws InvalidTokenError
 */
export function checkAudienceUnverified(claims: Claims, issuer: ResolvedIssuer): void {
  if (!isForOthers(claims, issuer)) return;
  throw new InvalidTokenError('audience', `the token is for others, not for ${quotedList(issuer.audience ?? [])}`);
}

/**
 * Whether a token is for another resource server, by claims that nothing vouches for yet. A server whose functions cannot
 * read them is left for later.
 */
export function isForOthers(claims: Claims, issuer: ResolvedIssuer): boolean {
  try {
    return !isForUs(readCallerClaims(claims, issuer), issuer);
  } catch {
    return false;
  }
}

function isForUs({ audience }: CallerClaims, issuer: ResolvedIssuer): boolean {
  return issuer.audience === null || issuer.audience.some((each) => audience.includes(each));
}

/** Why a client may not call, though its token is genuine and for this API. */
function whyNotAllowed({ clientId, kind, organization }: NamedCaller, issuer: ResolvedIssuer): string | undefined {
  const { authorizationServer: server, callers, allowedClients, allowedOrganizations } = issuer;
  // Most tokens are allowed, and need none of these texts.
  const client = (): string => `the client ${quoted(clientId)} of ${quoted(server.issuer)}`;
  if (callers === 'machine' && kind === 'user') {
    return `the token of ${client()} is a user's; to allow users: callers: 'any'`;
  }
  if (callers === 'machine' && kind === 'unknown') {
    const factory = server.readClaims === readStandardClaims ? FACTORY : '';
    const remedies = `${factory}list the client in allowedClients with callers: 'any', or write a readClaims of your own; for users of M2MGuard.or: its isUser`;
    return `the token of ${client()} does not tell a machine from a user; ${remedies}`;
  }
  if (allowedClients && !allowedClients.includes(clientId)) {
    return `${client()} is not among allowedClients`;
  }
  if (allowedOrganizations && (organization === undefined || !allowedOrganizations.includes(organization))) {
    const shown = organization === undefined ? 'no organization' : `the organization ${quoted(organization)}`;
    return `the token of ${client()} is for ${shown}, and allowedOrganizations does not list it`;
  }
  return undefined;
}

/**
 * What a token says in the words of its authorization server, whose functions may be written by hand.
 *
 * @throws InvalidTokenError if the server's own checks do not hold
 * @throws M2MConfigurationError if its functions do not do what they should: no token gets by them
 */
function readCallerClaims(claims: Claims, issuer: ResolvedIssuer): CallerClaims {
  const { authorizationServer: server } = issuer;
  try {
    const checked: unknown = server.checkClaims?.(claims);
    if (checked !== undefined) throw unusable('checkClaims', checked, 'checkClaims(claims) { ... }, which throws');
    return readClaims(claims, issuer);
  } catch (error) {
    if (hasCode(error, 'ERR_M2M_INVALID_TOKEN')) throw byProduct(error, server.name);
    if (isM2MError(error)) throw error;
    throw new InvalidTokenError('claims', `${server.name} could not read the claims`, { cause: error });
  }
}

/**
 * What a token says in the words of its authorization server, whose own checks are left out.
 *
 * @throws M2MConfigurationError if `readClaims` returns something else than it should; also what it throws itself
 */
export function readClaims(claims: Claims, { authorizationServer: server, audience }: ResolvedIssuer): CallerClaims {
  const caller: unknown = server.readClaims(claims, audience ?? []);
  const own = isObject(caller) ? ownFields(caller) : undefined;
  if (own && isCallerClaims(own)) return own;
  throw unusable('readClaims', caller, "return { clientId, scopes: ['...'], audience: ['...'], kind: 'machine' }");
}

/** A refusal by a rule of a product, which says so. The reason is one of the list, also if the function is written by hand. */
function byProduct(error: InvalidTokenError, product: string): InvalidTokenError {
  return new InvalidTokenError(knownReason(error.reason) ?? 'claims', `${product}: ${error.message}`, { cause: error });
}

type OwnFields = Readonly<Partial<Record<keyof CallerClaims, unknown>>>;

/** The fields of a caller. What a function leaves out is nowhere else. */
function ownFields(value: Readonly<Record<string, unknown>>): OwnFields {
  const field = (name: keyof CallerClaims): unknown => memberOf(value, name);
  const [clientId, scopes, audience] = [field('clientId'), field('scopes'), field('audience')];
  return { clientId, scopes, audience, organization: field('organization'), kind: field('kind') };
}

function isCallerClaims(value: OwnFields): value is CallerClaims {
  const { scopes, audience, kind, clientId, organization } = value;
  const areTexts = [clientId, organization].every((each) => each === undefined || typeof each === 'string');
  return areTexts && isTexts(scopes) && isTexts(audience) && KINDS.some((known) => known === kind);
}

function isTexts(value: unknown): boolean {
  return Array.isArray(value) && value.every((item) => typeof item === 'string');
}

function unusable(name: 'checkClaims' | 'readClaims', returned: unknown, remedy: string): M2MConfigurationError {
  const isPromise = returned instanceof Promise;
  // Nobody waits for it, and a rejection that nobody hears ends the process.
  if (isPromise) returned.catch(() => undefined);
  const problem = isPromise ? 'returned a promise, and is not waited for' : 'returned something else than it should';
  return new M2MConfigurationError({ option: `authorizationServer.${name}`, problem, remedy });
}
