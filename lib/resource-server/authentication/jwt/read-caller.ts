import type { CallerClaims, Claims } from '../../../authorization-servers/authorization-server.js';
import { readStandardClaims } from '../../../authorization-servers/standard.js';
import { CallerNotAllowedError } from '../../../errors/caller-not-allowed.error.js';
import { InvalidTokenError } from '../../../errors/invalid-token.error.js';
import type { ResolvedIssuer } from '../../../options/resolved-options.js';
import { readCallerClaims } from './read-claims.js';

/** What a token says of its caller, once it is known to name a client. */
export type NamedCaller = CallerClaims & { readonly clientId: string };

const GUESS =
  ", since its sub is not its client; if that is a machine's, use the factory of that server (auth0, keycloak, ...)";

/**
 * Who is calling, and whether this issuer's tokens may say so here.
 *
 * @throws InvalidTokenError if the token is not one for this resource server
 * @throws CallerNotAllowedError if it is, and its caller is not one of those allowed
 */
export function readCaller(claims: Claims, issuer: ResolvedIssuer): NamedCaller {
  const caller = readCallerClaims(claims, issuer);
  if (!isForUs(caller, issuer)) {
    throw new InvalidTokenError(
      'audience',
      `the token is for [${caller.audience.join(', ')}], not for [${issuer.audience?.join(', ')}]`,
    );
  }
  const { clientId } = caller;
  if (!clientId) throw new InvalidTokenError('client', 'the token does not say which client it was issued to');
  const refusal = whyNotAllowed({ ...caller, clientId }, issuer);
  if (refusal) throw new CallerNotAllowedError(refusal);
  const honoured = issuer.scopes ? caller.scopes.filter((scope) => issuer.scopes?.includes(scope)) : caller.scopes;
  return { ...caller, clientId, scopes: honoured };
}

/**
 * Refuses a token for another resource server before its keys are asked for. Nothing vouches for the claims yet: a
 * server whose functions cannot read them is left for later, and nothing of them is shown.
 *
 * @throws InvalidTokenError
 */
export function checkAudienceUnverified(claims: Claims, issuer: ResolvedIssuer): void {
  let caller: CallerClaims;
  try {
    caller = readCallerClaims(claims, issuer);
  } catch {
    return;
  }
  if (isForUs(caller, issuer)) return;
  throw new InvalidTokenError('audience', `the token is for others, not for [${issuer.audience?.join(', ')}]`);
}

function isForUs({ audience }: CallerClaims, issuer: ResolvedIssuer): boolean {
  return issuer.audience === null || issuer.audience.some((each) => audience.includes(each));
}

/** Why a client may not call, whatever its token is for. */
function whyNotAllowed({ clientId, kind, organization }: NamedCaller, issuer: ResolvedIssuer): string | undefined {
  const { authorizationServer: server, callers, allowedClients, allowedOrganizations } = issuer;
  const of = `of ${server.issuer}`;
  const token = `the token of the client ${clientId} ${of}`;
  if (callers === 'machine' && kind === 'user') {
    return `${token} is a user's${server.readClaims === readStandardClaims ? GUESS : ''}; to allow users: callers: 'any'`;
  }
  if (callers === 'machine' && kind === 'unknown') {
    return `${token} does not tell a machine from a user; to allow both: callers: 'any'`;
  }
  if (allowedClients && !allowedClients.includes(clientId)) {
    return `the client ${clientId} ${of} is not among allowedClients`;
  }
  if (allowedOrganizations && (organization === undefined || !allowedOrganizations.includes(organization))) {
    return `the organization ${organization} ${of} is not among allowedOrganizations`;
  }
  return undefined;
}
