import type { ClientAuth } from 'oauth4webapi';

/**
 * Client id and secret in an `Authorization: Basic` header.
 *
 * Written here because oauth4webapi encodes `-`, `_`, `.` and `~` too, which breaks at servers that decode nothing.
 *
 * @see {@link https://www.rfc-editor.org/rfc/rfc6749#section-2.3.1 RFC 6749, section 2.3.1}
 */
export function basic(secret: string, encoding: 'form' | 'raw'): ClientAuth {
  const encode = encoding === 'form' ? formEncode : String;
  return (_server, { client_id: clientId }, _body, headers) => {
    const credentials = Buffer.from(`${encode(clientId)}:${encode(secret)}`).toString('base64');
    headers.set('authorization', `Basic ${credentials}`);
  };
}

/** `application/x-www-form-urlencoded`, leaving alone all that is unreserved in a URL. */
function formEncode(text: string): string {
  return encodeURIComponent(text)
    .replaceAll('%20', '+')
    .replaceAll(/[!'()*]/g, (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`);
}
