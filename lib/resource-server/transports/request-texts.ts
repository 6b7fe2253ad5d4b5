import { InvalidTokenError } from '../../errors/invalid-token.error.js';
import { LONGEST_CREDENTIALS } from './bearer-credentials.js';
import type { InboundTexts } from './inbound-transport.js';
import type { M2MHttpRequest } from './m2m-request.js';

/**
 * The text of a request's Authorization header, and that of its URL and its other headers.
 *
 * @throws InvalidTokenError if the header is longer than any token
 */
export function textsOf({ headers: { authorization = '', ...others }, url = '' }: M2MHttpRequest): InboundTexts {
  const credentials = String(authorization);
  if (credentials.length > LONGEST_CREDENTIALS)
    throw new InvalidTokenError('too-large', 'the credentials are too long');
  return {
    credentials: [credentials, ...base64Decoded(credentials)].join('\n'),
    elsewhere: [url, ...Object.values(others).flat()].join('\n'),
  };
}

/**
 * The text that an Authorization header encodes in base64, as Basic credentials do.
 *
 * @see {@link https://www.rfc-editor.org/rfc/rfc7617#section-2 RFC 7617, section 2}
 */
function base64Decoded(credentials: string): string[] {
  const words = credentials.match(/[\w+/-]{20,}/g) ?? [];
  return words.map((word) => Buffer.from(word, 'base64').toString());
}
