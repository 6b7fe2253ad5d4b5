import { CallerNotAllowedError } from '../../errors/caller-not-allowed.error.js';
import { InsufficientScopeError } from '../../errors/insufficient-scope.error.js';
import { InvalidTokenError } from '../../errors/invalid-token.error.js';
import { KeysUnavailableError } from '../../errors/keys-unavailable.error.js';
import { writeBearerChallenge, type BearerChallenge } from './bearer-challenge.js';

/** How a refused request is answered. Nothing in it comes from the request. */
export interface Refusal {
  readonly status: 400 | 401 | 403 | 503;
  readonly description: string;
  readonly headers: Readonly<Record<string, string>>;
  /** Of the log line: an error where operators must act, none where a caller merely came without a token. */
  readonly level: 'debug' | 'warn' | 'error';
}

/**
 * The answer to an error; `undefined` where the error is not the caller's to know.
 *
 * @param scope what the route needs, separated by spaces
 * @see {@link https://www.rfc-editor.org/rfc/rfc6750#section-3.1 RFC 6750, section 3.1}
 */
export function refusalOf(error: unknown, realm: string, scope: string): Refusal | undefined {
  const challenge = (
    status: Refusal['status'],
    description: string,
    parameters: Omit<BearerChallenge, 'realm'> = {},
  ): Refusal => {
    const value = writeBearerChallenge({ ...parameters, realm, description: parameters.error && description });
    return { status, description, headers: { 'WWW-Authenticate': value }, level: 'warn' };
  };

  if (error instanceof InvalidTokenError) {
    if (error.reason === 'absent') {
      return { ...challenge(401, 'an access token is needed'), level: 'debug' };
    }
    if (error.reason === 'request') {
      return challenge(400, 'one access token is needed, in one Authorization header', { error: 'invalid_request' });
    }
    return challenge(401, 'the access token is not valid here', { error: 'invalid_token' });
  }
  if (error instanceof InsufficientScopeError) {
    return challenge(403, 'the access token lacks a scope that is needed here', { error: 'insufficient_scope', scope });
  }
  if (error instanceof CallerNotAllowedError) {
    return challenge(403, 'this caller is not allowed', { error: 'insufficient_scope' });
  }
  if (error instanceof KeysUnavailableError) {
    const headers = { 'Retry-After': String(error.retryAfter) };
    return { status: 503, description: 'access tokens cannot be verified at the moment', headers, level: 'error' };
  }
  return undefined;
}
