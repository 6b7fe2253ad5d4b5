import { isObject } from '../../validation/checks.js';

/** A token as people copy it: with the word Bearer, the name of the header, and a new line at its end; or a token response. */
export function readToken(text: string): string {
  const token = text.trim().replace(/^(?:authorization: *)?bearer +(?=\S)/i, '');
  return token.startsWith('{') ? (accessTokenIn(token) ?? token) : token;
}

/** The token of a token response (RFC 6749, section 5.1), as `curl` writes it. */
function accessTokenIn(text: string): string | undefined {
  try {
    const response: unknown = JSON.parse(text);
    const token = isObject(response) && Object.hasOwn(response, 'access_token') ? response['access_token'] : undefined;
    return typeof token === 'string' ? token : undefined;
  } catch {
    return undefined;
  }
}
