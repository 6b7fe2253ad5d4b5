import type { ResolvedOAuthClient } from '../../../options/resolved-options.js';
import { TokenRequestError } from '../../../errors/token-request.error.js';
import { jsonBody } from '../../../http/json-body.js';
import { inWords } from '../../events/requested-token.js';
import type { Grant } from '../grants/grant.js';
import type { FailureClass } from './failure-class.js';
import { redactor, type Redact } from './redaction.js';
import { isRegisteredError, meaningOf } from './refusal-meaning.js';
import { readRetryAfter } from '../../../http/retry-after.js';

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

/** Characters of an answer's texts that are looked at: what encodings may hide is sought in all of them. */
const MOST_TEXT = 16_384;

/** A refused token request: the error for the caller, and what it means for the next request. */
export interface Refused {
  readonly error: TokenRequestError;
  readonly failureClass: FailureClass;
}

/**
 * Makes the error of a response without a token. The response may have any shape.
 *
 * @param grant what the token request presented
 * @param credentials what was sent and must not be shown
 * @param now milliseconds since the epoch
 * @see {@link https://www.rfc-editor.org/rfc/rfc6749#section-5.2 RFC 6749, section 5.2}
 */
export function refusal(
  answer: TokenAnswer,
  { authorizationServer: server, clientId, clientAuthentication }: ResolvedOAuthClient,
  { requested, advice }: Pick<Grant, 'requested' | 'advice'>,
  credentials: readonly string[],
  now: number,
): Refused {
  const { status, members } = answer;
  const raw = (name: string): string | undefined => {
    const value = members[name];
    return typeof value === 'string' && value !== '' ? value : undefined;
  };
  const stated = { status, error: raw('error'), errorDescription: raw('error_description') ?? raw('message') };
  const meaning = meaningOf(stated, server);
  const { failureClass } = meaning;
  const hint = advice?.(stated) ?? meaning.hint;
  const redact = redactor(credentials, MOST_TEXT);
  const code = isRegisteredError(stated.error) ? stated.error : asCode(redact(stated.error));
  const error = code || `http_${status}`;
  const errorDescription = redact(stated.errorDescription) || undefined;
  const because = errorDescription === undefined ? error : `${error}: "${errorDescription}"`;
  // All clients of the endpoint get the error of an outage, so it names none.
  const isOfEndpoint = failureClass === 'transient';
  const refused = isOfEndpoint ? 'answered a token request' : `refused a token for ${inWords(requested)}`;
  const credentialsSent = isOfEndpoint
    ? ''
    : `The client "${clientId}" authenticated with ${clientAuthentication.method}. `;
  const message =
    `${server.name} (${server.issuer}) ${refused} with status ${status}, ${because}. ${credentialsSent}${hint}`.trim();
  const retryAfter = readRetryAfter(answer, now);
  const facts = { error, errorDescription, upstreamStatus: status, retryAfter, details: details(members, redact) };
  return { error: new TokenRequestError(message, facts), failureClass };
}

/** Names of errors are ASCII (RFC 6749, section 5.2). */
function asCode(text: string): string {
  return text.replaceAll(/[^ -~]/g, '').trim();
}

/** The members of a JSON object; of anything else, none. */
export function parseMembers(body: Buffer): Readonly<Record<string, unknown>> {
  const value = jsonBody(body);
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
}

function details(members: TokenAnswer['members'], redact: Redact): TokenAnswer['members'] | undefined {
  const kept: Record<string, unknown> = {};
  for (const name of DETAILS) {
    const value = members[name];
    const text = redact(typeof value === 'string' ? value : undefined);
    if (text !== '') kept[name] = text;
    if (typeof value === 'number') kept[name] = value;
    if (Array.isArray(value)) kept[name] = value.filter((item) => typeof item === 'number').slice(0, MAX_CODES);
  }
  return Object.keys(kept).length === 0 ? undefined : kept;
}
