import { ClientSecretPost as postSecret } from 'oauth4webapi';
import { defineAuthenticator } from './client-authenticator.js';

/** {@link clientSecretPost} */
export interface ClientSecretPost {
  /** The name of the method in the IANA registry (`token_endpoint_auth_methods_supported`). */
  readonly method: 'client_secret_post';
}

/**
 * The secret goes into the request body, as `client_secret`.
 *
 * @see {@link https://www.rfc-editor.org/rfc/rfc6749#section-2.3.1 RFC 6749, section 2.3.1}
 */
export function clientSecretPost(): ClientSecretPost {
  return Object.freeze({ method: 'client_secret_post' });
}

/** `client_secret_post`. */
export const clientSecretPostAuthenticator = defineAuthenticator<ClientSecretPost>({
  method: 'client_secret_post',
  example: 'clientSecretPost()',
  needsSecret: true,
  sharesTokens: true,
  sharesFailures: true,
  authenticate: ({ credential }) => postSecret(credential),
});
