import type { M2MError } from '../../errors/m2m.error.js';
import { hasCode } from '../../errors/has-code.js';
import type { ResolvedResourceServerOptions } from '../../options/resolved-options.js';

/** The answer to a refused request, in the terms of RFC 6750. Nothing in it but `cause` comes from the request. */
export interface Refusal {
  /** A status of HTTP. */
  readonly status: 400 | 401 | 403 | 503;
  /** A sentence for the caller. */
  readonly description: string;
  /** The error code of RFC 6750, section 3.1. */
  readonly error: 'invalid_request' | 'invalid_token' | 'insufficient_scope' | undefined;
  /** The scopes that the handler needs, separated by spaces, if one of them is lacking. */
  readonly scope: string | undefined;
  /** The challenge, as it stands in `WWW-Authenticate`. */
  readonly challenge: string | undefined;
  /** Seconds. */
  readonly retryAfter: number | undefined;
  /** The level of the log line: an error if operators must act, none to speak of if only the token is absent. */
  readonly level: 'debug' | 'warn' | 'error';
  /** The reason, for the application. */
  readonly cause: M2MError;
}

/** What the options say about challenges. */
type Challenges = Pick<ResolvedResourceServerOptions, 'realm' | 'resourceMetadata'>;

/** The answer to a caller: the status, the code of RFC 6750, section 3.1, and a sentence. */
const ANSWERS = {
  absent: [401, undefined, 'an access token is needed'],
  repeated: [400, 'invalid_request', 'one access token is needed, in one Authorization header'],
  invalid: [401, 'invalid_token', 'the access token is not valid here'],
  lacksScope: [403, 'insufficient_scope', 'the access token lacks a scope that is needed here'],
  notAllowed: [403, 'insufficient_scope', 'this caller is not allowed'],
} as const;

/**
 * The answer to an error; `undefined` if the error is not the caller's to know.
 *
 * With metadata of the resource, 401 and 403 say where it is, and 401 which scopes to request, as MCP advises.
 *
 * @param needed the scopes that the handler needs, separated by spaces
 * @see {@link https://www.rfc-editor.org/rfc/rfc6750#section-3.1 RFC 6750, section 3.1}
 * @see {@link https://www.rfc-editor.org/rfc/rfc9728#section-5.1 RFC 9728, section 5.1}
 */
export function refusalOf(cause: unknown, options: Challenges, needed: string): Refusal | undefined {
  if (hasCode(cause, 'ERR_M2M_KEYS_UNAVAILABLE') || hasCode(cause, 'ERR_M2M_CALLBACK')) {
    const description = 'access tokens cannot be verified at the moment';
    const retryAfter = hasCode(cause, 'ERR_M2M_KEYS_UNAVAILABLE') ? secondsOf(cause.retryAfter) : undefined;
    const nothing = { error: undefined, scope: undefined, challenge: undefined };
    return Object.freeze({ status: 503, description, ...nothing, retryAfter, level: 'error', cause });
  }
  const name = answerTo(cause);
  if (!name) return undefined;
  const [status, error, description] = ANSWERS[name];
  const scope = name === 'lacksScope' ? needed : undefined;
  const metadata = status === 400 ? undefined : options.resourceMetadata;
  const challenge = bearerChallenge({
    realm: options.realm,
    error,
    error_description: error && description,
    resource_metadata: metadata?.url,
    scope: metadata && status === 401 ? needed : scope,
  });
  const level = name === 'absent' ? 'debug' : 'warn';
  const answer = { status, description, error, scope, challenge, retryAfter: undefined };
  return Object.freeze({ ...answer, level, cause: cause as M2MError });
}

/**
 * A challenge as it stands in `WWW-Authenticate`, without the characters that may not stand there.
 *
 * @see {@link https://www.rfc-editor.org/rfc/rfc6750#section-3 RFC 6750, section 3}
 */
function bearerChallenge(parameters: Readonly<Record<string, string | undefined>>): string {
  const written = Object.entries(parameters)
    .map(([name, value = '']) => ({ name, value: value.replaceAll(/[^\x20-\x21\x23-\x5b\x5d-\x7e]/g, '') }))
    .filter(({ value }) => value !== '')
    .map(({ name, value }) => `${name}="${value}"`);
  return `Bearer ${written.join(', ')}`;
}

/** A number that another copy of this package may have made is not trusted to be one. */
function secondsOf(retryAfter: unknown): number {
  return Number.isSafeInteger(retryAfter) ? Math.max(1, retryAfter as number) : 1;
}

function answerTo(cause: unknown): keyof typeof ANSWERS | undefined {
  if (hasCode(cause, 'ERR_M2M_INSUFFICIENT_SCOPE')) return 'lacksScope';
  if (hasCode(cause, 'ERR_M2M_CALLER_NOT_ALLOWED')) return 'notAllowed';
  if (!hasCode(cause, 'ERR_M2M_INVALID_TOKEN')) return undefined;
  if (cause.reason === 'absent') return 'absent';
  return cause.reason === 'request' ? 'repeated' : 'invalid';
}
