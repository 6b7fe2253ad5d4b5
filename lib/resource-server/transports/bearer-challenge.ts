/** The parameters of a `Bearer` challenge. Characters that may not stand in one are left out. */
export interface BearerChallenge {
  readonly realm: string;
  /** A code of RFC 6750, section 3.1; absent if no credentials came. */
  readonly error?: 'invalid_request' | 'invalid_token' | 'insufficient_scope' | undefined;
  /** Its `error_description`. */
  readonly description?: string | undefined;
  /** Separated by spaces. */
  readonly scope?: string | undefined;
}

/**
 * A challenge as it stands in `WWW-Authenticate`.
 *
 * @see {@link https://www.rfc-editor.org/rfc/rfc6750#section-3 RFC 6750, section 3}
 */
export function writeBearerChallenge({ realm, error, description, scope }: BearerChallenge): string {
  const parameters = Object.entries({ realm, error, error_description: description, scope })
    .map(([name, value = '']) => ({ name, value: value.replaceAll(FORBIDDEN, '') }))
    .filter(({ value }) => value !== '')
    .map(({ name, value }) => `${name}="${value}"`);
  return `Bearer ${parameters.join(', ')}`;
}

const FORBIDDEN = /[^\x20-\x21\x23-\x5b\x5d-\x7e]/g;
