import { InvalidTokenError } from '../../errors/invalid-token.error.js';
import { isObject, memberOf } from '../../validation/checks.js';
import { LONGEST_TOKEN } from '../authentication/jwt/compact-jws.js';
import { tokenShape } from '../authentication/jwt/token-shape.js';
import type { M2MHttpRequest } from './m2m-request.js';

/** The longest Authorization header, in characters. */
export const LONGEST_CREDENTIALS = 'Bearer '.length + LONGEST_TOKEN;
/** Any authentication scheme (RFC 9110, section 11.1). */
const SCHEME = /^[!#$%&'*+.^_`|~\w-]+(?= |$)/;
const BEARER = /^bearer(?= |$)/i;
/** The `b64token` of RFC 6750, section 2.1. */
const TOKEN = /^ *([\w.~+/-]+=*)$/;

/**
 * The access token of a request: that of its one `Authorization: Bearer` header, and of nowhere else.
 *
 * @throws InvalidTokenError
 * @see {@link https://www.rfc-editor.org/rfc/rfc6750#section-2.1 RFC 6750, section 2.1}
 */
export function readBearerToken(request: M2MHttpRequest): string {
  return tokenOf(readBearerCredentials(request));
}

/**
 * What a request's one Authorization header says after the word `Bearer`: a token, or something malformed.
 *
 * @throws InvalidTokenError
 */
export function readBearerCredentials(request: M2MHttpRequest): string {
  // Read once: if every request has a hidden class of its own, each access takes a while.
  const { headers } = request;
  const authorization = memberOf(headers, 'authorization');
  if (authorization === undefined) throw new InvalidTokenError('absent', 'the request has no Authorization header');
  if (typeof authorization !== 'string' || isRepeated(request)) {
    throw new InvalidTokenError('request', 'the request has more than one Authorization header');
  }
  if (!BEARER.test(authorization)) {
    if (SCHEME.test(authorization)) throw new InvalidTokenError('absent', 'the credentials are of another scheme');
    throw new InvalidTokenError('request', 'the Authorization header is malformed');
  }
  if (authorization.length > LONGEST_CREDENTIALS) throw new InvalidTokenError('too-large', 'the token is too long');
  if (isElsewhere(request, headers)) {
    throw new InvalidTokenError('request', 'the request carries an access token in more than one place');
  }
  return authorization.slice('Bearer '.length);
}

/** Whether a request has neither Authorization nor a DPoP proof (RFC 9449, section 4.1), and no token in query or form. */
export function hasNoCredentials(request: M2MHttpRequest): boolean {
  const { headers } = request;
  const has = (name: string): boolean => memberOf(headers, name) !== undefined;
  return !has('authorization') && !has('dpop') && !isElsewhere(request, headers);
}

/** The token that Bearer credentials are. @throws InvalidTokenError */
export function tokenOf(credentials: string): string {
  const token = TOKEN.exec(credentials)?.[1];
  if (token === undefined)
    throw new InvalidTokenError('request', `the Bearer credentials are malformed: ${tokenShape(credentials)}`);
  return token;
}

// Node keeps the first of several and says nothing.
function isRepeated(request: M2MHttpRequest): boolean {
  const raw = memberOf(request, 'raw');
  const names = memberOf(request, 'rawHeaders') ?? (raw && memberOf(raw, 'rawHeaders'));
  if (!names) return false;
  let count = 0;
  for (let index = 0; index < names.length; index += 2) {
    const name = names[index];
    if (name?.length === 'authorization'.length && name.toLowerCase() === 'authorization') count += 1;
  }
  return count > 1;
}

/**
 * Whether an access token came in the query or in a form, too. It is a credential to nobody here.
 *
 * @see {@link https://www.rfc-editor.org/rfc/rfc6750#section-2.2 RFC 6750, sections 2.2 and 2.3}
 */
function isElsewhere(request: M2MHttpRequest, headers: M2MHttpRequest['headers']): boolean {
  const { url = '' } = request;
  const start = url.indexOf('?');
  if (start !== -1 && [...new URLSearchParams(url.slice(start)).keys()].some(isToken)) return true;
  const type = headers['content-type'];
  const isForm = typeof type === 'string' && /^application\/x-www-form-urlencoded\b/i.test(type);
  return isForm && isObject(request.body) && Object.keys(request.body).some(isToken);
}

/** Many parsers read `access_token[]` as a list of that name. */
function isToken(parameter: string): boolean {
  return parameter === 'access_token' || parameter.startsWith('access_token[');
}
