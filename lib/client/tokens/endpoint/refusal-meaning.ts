import type { TokenErrorAnswer } from '../../../authorization-servers/authorization-server.js';
import type { ResolvedAuthorizationServer } from '../../../options/authorization-server-fields.js';
import type { FailureClass } from './failure-class.js';

/** What a refusal means for the next request, and for the person who reads the error. */
export interface RefusalMeaning {
  readonly failureClass: FailureClass;
  /** What to look at. Empty if that is not known. */
  readonly hint: string;
}

/** The registered errors, each with its advice (RFC 6749, section 5.2; RFC 8707, section 2; RFC 9449, section 5). */
const HINTS = new Map([
  ['invalid_client', ''],
  ['invalid_request', ''],
  ['invalid_grant', ''],
  ['unauthorized_client', 'Allow this client the grant type client_credentials.'],
  ['unsupported_grant_type', 'Allow the grant type client_credentials at the authorization server.'],
  ['invalid_scope', 'Check scope, and that these scopes are granted to the client.'],
  ['invalid_target', 'Check audience or resource: it must be, to the letter, an API that the server knows.'],
  ['access_denied', 'Grant the client access to that API and its scopes.'],
  ['temporarily_unavailable', ''],
  ['server_error', ''],
  ['invalid_dpop_proof', ''],
  ['use_dpop_nonce', ''],
]);
const CREDENTIALS = 'Check clientId, clientSecret and clientAuthentication.';
const BOUND_TO_KEY =
  'The server wants to bind the tokens of this client to a key (DPoP). Turn that off for the client.';
const BOUND_TO_CERTIFICATE =
  'The server wants to bind the tokens of this client to a certificate. ' +
  'Write clientAuthentication: mutualTls({ cert, key }), or turn that off for the client.';

/**
 * Entra ID: no thumbprint in the header, or one that is not registered. The bare text is that of its older errors.
 *
 * @see {@link https://learn.microsoft.com/entra/identity-platform/certificate-credentials Microsoft: certificate credentials}
 */
const WANTS_THUMBPRINT = /\bAADSTS(?:50027\d*|700027)\b|no certificate thumbprint/i;
const THUMBPRINT =
  'The server finds the key of an assertion by the thumbprint of its certificate. ' +
  'Write privateKeyJwt({ key, cert, alg }), and register that certificate for the client.';

const TRANSIENT_ERRORS = new Set(['temporarily_unavailable', 'server_error']);

/** Whether an error has a registered name: no secret, even if a secret reads the same. */
export function isRegisteredError(error: unknown): error is string {
  return typeof error === 'string' && HINTS.has(error);
}

/** Reads a refusal as the server wrote it, before anything in it is redacted. */
export function meaningOf(
  answer: TokenErrorAnswer,
  server: Pick<ResolvedAuthorizationServer, 'wrongCredentials'>,
): RefusalMeaning {
  const failureClass = classifyRefusal(answer, server);
  return { failureClass, hint: hintFor(answer, failureClass) };
}

/** By the OAuth error before most statuses, because servers disagree on those. But any 401 is about the credentials. */
function classifyRefusal(
  answer: TokenErrorAnswer,
  server: Pick<ResolvedAuthorizationServer, 'wrongCredentials'>,
): FailureClass {
  const { status, error = '' } = answer;
  if (status === 401 || error === 'invalid_client' || server.wrongCredentials?.(answer)) return 'credentials';
  if (status === 429) return 'throttled';
  return TRANSIENT_ERRORS.has(error) || status === 408 || status >= 500 ? 'transient' : 'refused';
}

/** No error says that a server wants proof of possession: Keycloak writes invalid_request, oidc-provider invalid_grant. */
function hintFor({ error = '', errorDescription = '' }: TokenErrorAnswer, failureClass: FailureClass): string {
  if (/dpop/i.test(`${error} ${errorDescription}`)) return BOUND_TO_KEY;
  if (WANTS_THUMBPRINT.test(errorDescription)) return THUMBPRINT;
  const advice = HINTS.get(error) ?? '';
  if (failureClass === 'credentials') return error === 'unauthorized_client' ? `${CREDENTIALS} ${advice}` : CREDENTIALS;
  return failureClass === 'refused' && /certificat|\bmtls\b/i.test(errorDescription) ? BOUND_TO_CERTIFICATE : advice;
}
