import type { ClientAuthentication } from '../client-authentication/client-authenticators.js';

/**
 * How the authorization server is asked about tokens: whether they are active, and what they hold.
 *
 * @see {@link https://www.rfc-editor.org/rfc/rfc7662 RFC 7662}
 */
export interface M2MIntrospectionOptions {
  /**
   * The client as which this resource server asks. It needs credentials of its own: those in `client` are never used for it.
   */
  clientId: string;
  /** Its secret, or a function that fetches it: it is asked again when the credentials are refused. */
  clientSecret?: string | (() => string | Promise<string>) | undefined;
  /** How it authenticates. @default what the authorization server's factory says */
  clientAuthentication?: ClientAuthentication | undefined;
  /**
   * Which tokens are asked about: `opaque`, those that are no JWTs; `always`, the JWTs of this issuer as well, whose
   * signature is then not verified here. A JWT that is refused is never introspected instead.
   *
   * @default 'opaque'
   */
  when?: 'opaque' | 'always' | undefined;
  /**
   * How opaque tokens of this issuer begin. Others are refused without a request. Every issuer with introspection but one
   * needs it, and none may begin as another does.
   *
   * @default any opaque token is this issuer's
   */
  tokenPrefix?: string | undefined;
  /** Milliseconds that an active token is accepted without being asked about again, at least 1000. @default 60000 */
  ttl?: number | undefined;
  /** Milliseconds that a token which was refused is refused without being asked about again. @default 10000 */
  negativeTtl?: number | undefined;
  /** Milliseconds that a request may take. @default 5000 */
  timeout?: number | undefined;
  /**
   * Requests at once, from 2 to 1000. A quarter of them, and at least one, is for tokens that were active lately, so that
   * invented tokens cannot shut them out.
   *
   * @default 16
   */
  concurrency?: number | undefined;
}
