import { None } from 'oauth4webapi';
import { defineAuthenticator } from './client-authenticator.js';

/** {@link none} */
export interface NoAuthentication {
  /** The name of the method in the IANA registry (`token_endpoint_auth_methods_supported`). */
  readonly method: 'none';
}

/**
 * The client sends its `client_id` only.
 *
 * @see {@link https://www.rfc-editor.org/rfc/rfc6749#section-2.3 RFC 6749, section 2.3}
 */
export function none(): NoAuthentication {
  return Object.freeze({ method: 'none' });
}

/** `none`. */
export const noneAuthenticator = defineAuthenticator<NoAuthentication>({
  method: 'none',
  example: 'none()',
  needsSecret: false,
  sharesTokens: true,
  sharesFailures: true,
  authenticate: () => None(),
});
