import type { ResolvedClient } from '../../../options/resolved-options.js';
import { TokenRequestError } from '../../../errors/token-request.error.js';
import { bodyText } from '../../../http/body-text.js';
import { redact } from './redaction.js';

/** An answer of a token endpoint. */
export interface TokenAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  /** Of its JSON. */
  readonly members: Readonly<Record<string, unknown>>;
}

/** Members beside `error` that a vendor's support asks for. No others are kept: they might hold anything. */
const DETAILS = [
  'error_uri',
  'error_codes',
  'code',
  'message',
  'trace_id',
  'correlation_id',
  'request_id',
  'timestamp',
];

/** Of a list of codes, what is kept. */
const MAX_CODES = 10;

/** Seconds, 68 years: as RFC 9111, section 1.2.2 reads whatever is longer. */
const FOR_EVER = 2 ** 31;

/** What to look at first. */
const HINTS: Readonly<Record<string, string>> = {
  invalid_client: 'Check clientId, clientSecret and clientAuthentication.',
  unauthorized_client: 'Allow this client the grant type client_credentials.',
  unsupported_grant_type: 'Allow the grant type client_credentials at the authorization server.',
  invalid_scope: 'Check scope, and that these scopes are granted to the client.',
  invalid_target: 'Check audience or resource: it must be, to the letter, an API that the server knows.',
  access_denied: 'Grant the client access to that API and its scopes.',
};

/**
 * Reads a refusal, in whatever shape it comes.
 *
 * @param credentials what was sent and must not be shown
 * @param asked what the token was asked for, in words
 * @param now milliseconds since the epoch
 */
export function refusal(
  answer: TokenAnswer,
  { authorizationServer: server, clientId, clientAuthentication }: ResolvedClient,
  asked: string,
  credentials: readonly string[],
  now: number,
): TokenRequestError {
  const { status, members } = answer;
  const text = (name: string): string | undefined => {
    const value = members[name];
    return typeof value === 'string' && value !== '' ? redact(value, credentials) : undefined;
  };
  const error = text('error') ?? `http_${status}`;
  const errorDescription = text('error_description') ?? text('message');
  const because = [error, errorDescription].filter(Boolean).join(': ');
  const credentialsSent = `The client "${clientId}" authenticated with ${clientAuthentication.method}.`;
  const hint = HINTS[error] ?? '';
  return new TokenRequestError(
    `${server.name} (${server.issuer}) refused a token for ${asked} with status ${status}, ${because}. ` +
      `${credentialsSent} ${hint}`.trim(),
    {
      error,
      errorDescription,
      upstreamStatus: status,
      retryAfter: retryAfter(answer.headers, now),
      details: details(members, credentials),
    },
  );
}

/** The members of a JSON object; of anything else, none. The content type is not looked at: servers get it wrong. */
export function parseMembers(body: Buffer): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(bodyText(body));
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
  } catch {
    return {};
  }
}

function details(
  members: Readonly<Record<string, unknown>>,
  credentials: readonly string[],
): Readonly<Record<string, unknown>> | undefined {
  const kept: Record<string, unknown> = {};
  for (const name of DETAILS) {
    const value = members[name];
    if (typeof value === 'string') kept[name] = redact(value, credentials);
    if (typeof value === 'number') kept[name] = value;
    if (Array.isArray(value)) kept[name] = value.filter((item) => typeof item === 'number').slice(0, MAX_CODES);
  }
  return Object.keys(kept).length === 0 ? undefined : kept;
}

/**
 * Seconds.
 *
 * @see {@link https://www.rfc-editor.org/rfc/rfc9110#section-10.2.3 RFC 9110, section 10.2.3}
 */
function retryAfter(headers: TokenAnswer['headers'], now: number): number | undefined {
  // better-auth spells it x-retry-after.
  const text = (headers['retry-after'] ?? headers['x-retry-after'])?.trim() ?? '';
  if (/^\d+$/.test(text)) return Math.min(Number(text), FOR_EVER);
  const until = httpDate(text);
  if (until === undefined) return undefined;
  // Both by the server's clock: it need not be right.
  const since = httpDate(headers['date']?.trim() ?? '') ?? now;
  return Math.min(Math.max(0, Math.ceil((until - since) / 1000)), FOR_EVER);
}

/** Milliseconds since the epoch, out of any of the three forms of RFC 9110, section 5.6.7. */
function httpDate(text: string): number | undefined {
  if (!/^(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)[\w, -]* \d\d:\d\d:\d\d(?: GMT| \d{4})$/.test(text)) return undefined;
  const date = Date.parse(text.endsWith(' GMT') ? text : `${text} GMT`);
  return Number.isNaN(date) ? undefined : date;
}
