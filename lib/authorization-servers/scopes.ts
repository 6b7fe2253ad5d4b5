import { listOf } from '../collections/list-of.js';

const SCOPE_TOKEN = /^[\x21\x23-\x5b\x5d-\x7e]+$/;

/**
 * Whether it is one scope: printable ASCII without space, quote and backslash.
 *
 * @see {@link https://www.rfc-editor.org/rfc/rfc6749#section-3.3 RFC 6749, section 3.3}
 */
export function isScopeToken(value: unknown): boolean {
  return typeof value === 'string' && SCOPE_TOKEN.test(value);
}

/**
 * The scopes in claims or a token response: a string is split at single spaces, an array holds one scope an element,
 * and anything of another type is no scope. Scopes are kept as they stand.
 *
 * @see {@link https://www.rfc-editor.org/rfc/rfc6749#section-3.3 RFC 6749, section 3.3}
 */
export function readScopes(...values: readonly unknown[]): readonly string[] {
  const scopes = new Set<string>();
  for (const value of values) {
    for (const part of typeof value === 'string' ? value.split(' ') : listOf(value)) {
      if (typeof part === 'string' && part !== '') scopes.add(part);
    }
  }
  return [...scopes];
}

/**
 * The scopes in the first of these claims that is neither absent nor empty. The only element of a list may hold several,
 * separated by spaces: unlike a role, no scope has one.
 */
export function scopesIn(...claims: readonly unknown[]): readonly string[] {
  const claim = claims.find((each) => each !== undefined && each !== '' && !(Array.isArray(each) && each.length === 0));
  const only: unknown = Array.isArray(claim) && claim.length === 1 ? claim[0] : claim;
  return readScopes(typeof only === 'string' ? only : claim);
}
