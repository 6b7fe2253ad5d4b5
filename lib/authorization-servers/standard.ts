import type { CallerKind, Claims, TokenErrorAnswer } from './authorization-server.js';
import { hasUserClaim, readClaimsBy, subjectIsClient } from './claims.js';
import { tokenParametersBy } from './request-rules.js';
import { scopesIn } from './scopes.js';

/**
 * The parameters of a token request to a server that keeps to the standards: `scope`, `resource` and `audience`.
 *
 * @throws M2MConfigurationError for an organization, which no standard knows
 * @see {@link https://www.rfc-editor.org/rfc/rfc6749#section-4.4.2 RFC 6749, section 4.4.2}
 * @see {@link https://www.rfc-editor.org/rfc/rfc8707#section-2.2 RFC 8707, section 2.2}
 */
export const standardTokenParameters = tokenParametersBy('the standard', {
  unknown: { organization: (organization) => ({ option: 'parameters', value: { organization } }) },
});

/**
 * Reads the caller by the standard profile of access tokens.
 *
 * A token without `sub`, or whose `sub` is its client, is a machine's; RFC 9068 bids servers keep users' subjects apart
 * from clients. Another is a user's if it has a claim of OpenID Connect about a person or a login, else it does not tell.
 * The caller's own client id in `aud` does not count.
 *
 * @throws InvalidTokenError if `client_id` and `azp` disagree
 * @see {@link https://www.rfc-editor.org/rfc/rfc9068#section-2.2 RFC 9068, sections 2.2 and 5}
 */
export const readStandardClaims = readClaimsBy({
  clientId: ['client_id', 'azp'],
  scopes: ({ scope, scp }) => scopesIn(scope, scp),
  kind: standardCallerKind,
});

/** Claims about a person or a login. @see {@link https://openid.net/specs/openid-connect-core-1_0.html#StandardClaims OpenID Connect Core, sections 2 and 5.1} */
const USER_CLAIMS = ['sid', 'auth_time', 'amr', 'email', 'given_name', 'family_name', 'phone_number', 'birthdate'];

function standardCallerKind(claims: Claims, clientId: string | undefined): CallerKind {
  if (claims['sub'] === undefined || subjectIsClient(claims, clientId)) return 'machine';
  // Keycloak, which writes a claim "typ", gives service accounts a session and an email address, too; Google an address.
  const mayBeServiceAccount = claims['typ'] !== undefined || isOfServiceAccount(claims['email']);
  return !mayBeServiceAccount && hasUserClaim(claims, ...USER_CLAIMS) ? 'user' : 'unknown';
}

function isOfServiceAccount(email: unknown): boolean {
  return typeof email === 'string' && email.endsWith('.gserviceaccount.com');
}

/**
 * What is about the credentials beside any 401: glewlwyd answers 403 with an empty body, Logto 400 for an old secret,
 * Keycloak 400 for a client assertion that another secret signed.
 */
export function isStandardCredentialsError(answer: TokenErrorAnswer): boolean {
  if (answer.error === undefined) return answer.status === 403;
  return isExpiredSecret(answer) || isFailedAuthentication(answer);
}

/** Logto says so. */
export function isExpiredSecret({ error, errorDescription = '' }: TokenErrorAnswer): boolean {
  return error === 'invalid_request' && /client secret has expired/i.test(errorDescription);
}

/** Keycloak says so, with the error for a grant that the client may not use (RFC 6749, section 5.2). */
export function isFailedAuthentication({ error, errorDescription = '' }: TokenErrorAnswer): boolean {
  return error === 'unauthorized_client' && /^client authentication .*failed/i.test(errorDescription);
}
