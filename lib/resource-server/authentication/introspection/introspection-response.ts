import { isUtf8 } from 'node:buffer';
import type { Claims } from '../../../authorization-servers/authorization-server.js';
import { KeysUnavailableError } from '../../../errors/keys-unavailable.error.js';
import type { UpstreamResponse } from '../../../http/authorization-server-http.js';
import { readRetryAfter } from '../../../http/retry-after.js';
import type { ResolvedIssuer } from '../../../options/resolved-options.js';
import { parseStrictObject } from '../jwt/strict-json.js';

/** What the authorization server says of a token. */
export interface IntrospectionResponse {
  readonly claims: Claims;
  /** The bytes of the answer, one character each. */
  readonly payload: string;
}

/** Seconds until a client that was refused is worth another try. */
const CREDENTIALS_PAUSE = 5;

/** Errors that are shown. Other texts of an answer may repeat the token or the secret. */
const KNOWN_ERRORS = [
  'invalid_request',
  'invalid_client',
  'invalid_token',
  'invalid_grant',
  'unauthorized_client',
  'access_denied',
  'insufficient_scope',
  'unsupported_token_type',
];

/** Whether an answer refuses the credentials of this resource server. */
export function isAboutCredentials(
  { status, body }: UpstreamResponse,
  { authorizationServer }: ResolvedIssuer,
): boolean {
  if (status === 401 || status === 403) return true;
  const error = status === 400 ? errorIn(body) : undefined;
  if (error === undefined) return false;
  return error === 'invalid_client' || authorizationServer.wrongCredentials?.({ status, error }) === true;
}

/**
 * Reads the answer to a request about a token.
 *
 * @param now milliseconds since the epoch
 * @throws KeysUnavailableError if it does not tell whether the token is active
 * @see {@link https://www.rfc-editor.org/rfc/rfc7662#section-2.2 RFC 7662, sections 2.2 and 2.3}
 */
export function readIntrospectionResponse(
  answer: UpstreamResponse,
  issuer: ResolvedIssuer,
  now: number,
): IntrospectionResponse {
  const { status, body } = answer;
  if (status !== 200) throw notAnswered(answer, issuer, now);
  const claims = isUtf8(body) ? parseStrictObject(body.toString('utf8')) : undefined;
  if (typeof claims?.['active'] === 'boolean') return { claims, payload: body.toString('latin1') };
  const problem = 'answered something that is not JSON with "active", which can be read in one way only';
  throw new KeysUnavailableError(`${nameOf(issuer)} ${problem}; is introspectionEndpoint right?`, 1);
}

function notAnswered(answer: UpstreamResponse, issuer: ResolvedIssuer, now: number): KeysUnavailableError {
  const { status } = answer;
  const error = errorIn(answer.body);
  const said = error === undefined ? `status ${status}` : `status ${status}, ${error}`;
  const options = `${issuer.path}.introspection`;
  if (isAboutCredentials(answer, issuer)) {
    const { clientId, clientAuthentication } = issuer.introspection ?? {};
    const message = `${nameOf(issuer)} refused this resource server, and not the token, with ${said}: the client "${clientId}" authenticated with ${clientAuthentication?.method}; check clientId, clientSecret and clientAuthentication in ${options}, and whether that client may introspect tokens`;
    return new KeysUnavailableError(message, CREDENTIALS_PAUSE);
  }
  const remedy = error === 'unsupported_token_type' ? `; if it introspects no JWTs: when: 'opaque' in ${options}` : '';
  const retryAfter = Math.max(1, readRetryAfter(answer, now) ?? 1);
  return new KeysUnavailableError(
    `${nameOf(issuer)} did not say whether a token is active: ${said}${remedy}`,
    retryAfter,
  );
}

function nameOf({ authorizationServer: { name, issuer } }: ResolvedIssuer): string {
  return `${name} (${issuer})`;
}

function errorIn(body: Buffer): string | undefined {
  const error = parseStrictObject(body.toString('utf8'))?.['error'];
  return KNOWN_ERRORS.find((known) => known === error);
}
