import type { ResolvedClient } from '../../../options/resolved-options.js';
import { TokenRequestError } from '../../../errors/token-request.error.js';
import { jsonBody } from '../../../http/json-body.js';
import { redact } from './redaction.js';
import { readRetryAfter } from './retry-after.js';

/** An answer of a token endpoint. */
export interface TokenAnswer {
  /** The HTTP status. */
  readonly status: number;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  /** The members of its JSON object; of another body, none. */
  readonly members: Readonly<Record<string, unknown>>;
}

/** Members beside `error` that a vendor's support asks for. No others are kept: they might hold anything. */
const DETAILS = 'error_uri error_codes code message trace_id correlation_id request_id timestamp'.split(' ');

/** Numbers of a list that are kept. */
const MAX_CODES = 10;

/** Advice for each OAuth error (RFC 6749, section 5.2; RFC 8707, section 2). */
const HINTS = new Map([
  ['invalid_client', 'Check clientId, clientSecret and clientAuthentication.'],
  ['unauthorized_client', 'Allow this client the grant type client_credentials.'],
  ['unsupported_grant_type', 'Allow the grant type client_credentials at the authorization server.'],
  ['invalid_scope', 'Check scope, and that these scopes are granted to the client.'],
  ['invalid_target', 'Check audience or resource: it must be, to the letter, an API that the server knows.'],
  ['access_denied', 'Grant the client access to that API and its scopes.'],
]);

/**
 * Makes the error of a response without a token. The response may have any shape.
 *
 * @param requested the parameters of the token request, in words
 * @param credentials what was sent and must not be shown
 * @param now milliseconds since the epoch
 * @see {@link https://www.rfc-editor.org/rfc/rfc6749#section-5.2 RFC 6749, section 5.2}
 */
export function refusal(
  answer: TokenAnswer,
  { authorizationServer: server, clientId, clientAuthentication }: ResolvedClient,
  requested: string,
  credentials: readonly string[],
  now: number,
): TokenRequestError {
  const { status, members } = answer;
  /** Without the characters that may not be shown, nothing may be left. */
  const text = (name: string): string | undefined => {
    const value = members[name];
    return typeof value === 'string' ? redact(value, credentials) || undefined : undefined;
  };
  const error = text('error') ?? `http_${status}`;
  const errorDescription = text('error_description') ?? text('message');
  const because = [error, errorDescription].filter(Boolean).join(': ');
  const credentialsSent = `The client "${clientId}" authenticated with ${clientAuthentication.method}.`;
  const hint = HINTS.get(error) ?? '';
  const retryAfter = readRetryAfter(answer, now);
  return new TokenRequestError(
    `${server.name} (${server.issuer}) refused a token for ${requested} with status ${status}, ${because}. ` +
      `${credentialsSent} ${hint}`.trim(),
    { error, errorDescription, upstreamStatus: status, retryAfter, details: details(members, credentials) },
  );
}

/** The members of a JSON object; of anything else, none. */
export function parseMembers(body: Buffer): Readonly<Record<string, unknown>> {
  const value = jsonBody(body);
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
}

function details(members: TokenAnswer['members'], credentials: readonly string[]): TokenAnswer['members'] | undefined {
  const kept: Record<string, unknown> = {};
  for (const name of DETAILS) {
    const value = members[name];
    const text = typeof value === 'string' ? redact(value, credentials) : '';
    if (text !== '') kept[name] = text;
    if (typeof value === 'number') kept[name] = value;
    if (Array.isArray(value)) kept[name] = value.filter((item) => typeof item === 'number').slice(0, MAX_CODES);
  }
  return Object.keys(kept).length === 0 ? undefined : kept;
}
