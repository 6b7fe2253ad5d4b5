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
  // Strategies decode what follows the scheme, and Node skips characters that are not of base64.
  const decoded = Buffer.from(credentials.replace(/^\S+ +/, ''), 'base64').toString();
  return {
    credentials: [withDecoded(credentials), decoded].join('\n'),
    elsewhere: withDecoded([url, ...Object.values(others).flat()].join('\n')),
  };
}

/**
 * A text, and what its words encode in base64, as Basic credentials and some cookies do.
 *
 * @see {@link https://www.rfc-editor.org/rfc/rfc7617#section-2 RFC 7617, section 2}
 */
function withDecoded(text: string): string {
  const words = text.match(/[\w+/-]{20,}/g) ?? [];
  return [text, ...words.map((word) => Buffer.from(word, 'base64').toString())].join('\n');
}
