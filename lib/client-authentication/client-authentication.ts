import type { ClientAssertion } from './client-assertion.js';
import type { ClientSecretBasic } from './client-secret-basic.js';
import type { ClientSecretJwt } from './client-secret-jwt.js';
import type { ClientSecretPost } from './client-secret-post.js';
import type { NoAuthentication } from './none.js';
import type { PrivateKeyJwt } from './private-key-jwt.js';
import type { MutualTls } from './tls-client-auth.js';

/**
 * How a client authenticates at the token endpoint. Plain data. Its secret members are not enumerable, so that nothing
 * prints them.
 *
 * @see {@link https://www.rfc-editor.org/rfc/rfc6749#section-2.3 RFC 6749, section 2.3}
 */
export type ClientAuthentication =
  | ClientSecretBasic
  | ClientSecretPost
  | ClientSecretJwt
  | PrivateKeyJwt
  | MutualTls
  | ClientAssertion
  | NoAuthentication;
