import { CallerNotAllowedError } from '../../errors/caller-not-allowed.error.js';
import { InsufficientScopeError } from '../../errors/insufficient-scope.error.js';
import { InvalidTokenError } from '../../errors/invalid-token.error.js';
import { KeysUnavailableError } from '../../errors/keys-unavailable.error.js';
import type { M2MError } from '../../errors/m2m.error.js';
import { writeBearerChallenge, type BearerChallenge } from './bearer-challenge.js';

/** The answer to a refused request, in the terms of RFC 6750. Nothing in it but `cause` comes from the request. */
export interface Refusal {
  /** A status of HTTP. */
  readonly status: 400 | 401 | 403 | 503;
  /** A sentence for the caller. */
  readonly description: string;
  /** The challenge, as it stands in `WWW-Authenticate`. */
  readonly challenge: string | undefined;
  /** Seconds. */
  readonly retryAfter: number | undefined;
  /** The level of the log line: an error if operators must act, none to speak of if only the token is absent. */
  readonly level: 'debug' | 'warn' | 'error';
  /** The reason, for the application. */
  readonly cause: M2MError;
}

/**
 * The answer to an error; `undefined` if the error is not the caller's to know.
 *
 * @param scope what the handler needs, separated by spaces
 * @see {@link https://www.rfc-editor.org/rfc/rfc6750#section-3.1 RFC 6750, section 3.1}
 */
export function refusalOf(error: unknown, realm: string, scope: string): Refusal | undefined {
  if (error instanceof InvalidTokenError) return invalidToken(error, realm);
  if (error instanceof InsufficientScopeError) {
    const description = 'the access token lacks a scope that is needed here';
    return challenged(error, 403, description, { realm, error: 'insufficient_scope', description, scope });
  }
  if (error instanceof CallerNotAllowedError) {
    const description = 'this caller is not allowed';
    return challenged(error, 403, description, { realm, error: 'insufficient_scope', description });
  }
  if (error instanceof KeysUnavailableError) {
    const description = 'access tokens cannot be verified at the moment';
    const { retryAfter } = error;
    return Object.freeze({ status: 503, description, challenge: undefined, retryAfter, level: 'error', cause: error });
  }
  return undefined;
}

function invalidToken(cause: InvalidTokenError, realm: string): Refusal {
  if (cause.reason === 'absent') {
    return challenged(cause, 401, 'an access token is needed', { realm }, 'debug');
  }
  if (cause.reason === 'request') {
    const description = 'one access token is needed, in one Authorization header';
    return challenged(cause, 400, description, { realm, error: 'invalid_request', description });
  }
  const description = 'the access token is not valid here';
  return challenged(cause, 401, description, { realm, error: 'invalid_token', description });
}

function challenged(
  cause: M2MError,
  status: Refusal['status'],
  description: string,
  parameters: BearerChallenge,
  level: Refusal['level'] = 'warn',
): Refusal {
  const challenge = writeBearerChallenge(parameters);
  return Object.freeze({ status, description, challenge, retryAfter: undefined, level, cause });
}
