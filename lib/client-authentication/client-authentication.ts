import type { KeyObject } from 'node:crypto';

/** The `client_assertion_type` of a JWT (RFC 7523, section 2.2). */
export const JWT_BEARER = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer';

/**
 * How a client proves who it is at the token endpoint. Plain data; `client/` carries it out. What is secret in it is not
 * enumerable, so that nothing prints it.
 *
 * @see {@link https://www.rfc-editor.org/rfc/rfc6749#section-2.3 RFC 6749, section 2.3}
 */
export type ClientAuthentication =
  | { readonly method: 'client_secret_basic'; readonly encoding: 'form' | 'raw' }
  | { readonly method: 'client_secret_post' }
  | { readonly method: 'client_secret_jwt' }
  | PrivateKeyJwt
  | MutualTls
  | ClientAssertion
  | { readonly method: 'none' };

/** {@link privateKeyJwt} */
export interface PrivateKeyJwt {
  readonly method: 'private_key_jwt';
  readonly key: KeyObject;
  /** SHA-256 of the public key. */
  readonly thumbprint: string;
  readonly alg: string;
  readonly kid: string | undefined;
  /** `undefined`: what the authorization server wants. */
  readonly audience: string | undefined;
}

/** {@link mutualTls} */
export interface MutualTls {
  readonly method: 'tls_client_auth';
  readonly cert: string | Buffer;
  readonly key: string | Buffer;
  readonly passphrase: string | undefined;
  /** Who may have signed the server's certificate. `undefined`: the authorities that Node knows. */
  readonly ca: string | Buffer | undefined;
  /** SHA-256 of the certificate. */
  readonly thumbprint: string;
}

/** {@link clientAssertion} */
export interface ClientAssertion {
  readonly method: 'client_assertion';
  readonly assertion: () => string | Promise<string>;
  readonly type: string;
}

/**
 * The secret goes into an `Authorization: Basic` header.
 *
 * @param options.encoding `form` encodes id and secret first, as the RFC says; `raw` sends them as they are, which
 * Cognito, SimpleIdServer, glewlwyd, LemonLDAP::NG and Doorkeeper want. It matters only for characters outside
 * `[A-Za-z0-9-._~]`. Default `form`.
 * @see {@link https://www.rfc-editor.org/rfc/rfc6749#section-2.3.1 RFC 6749, section 2.3.1}
 */
export function clientSecretBasic(options: { encoding?: 'form' | 'raw' } = {}): ClientAuthentication {
  return Object.freeze({ method: 'client_secret_basic', encoding: options.encoding ?? 'form' });
}

/**
 * The secret goes into the request body, as `client_secret`.
 *
 * @see {@link https://www.rfc-editor.org/rfc/rfc6749#section-2.3.1 RFC 6749, section 2.3.1}
 */
export function clientSecretPost(): ClientAuthentication {
  return Object.freeze({ method: 'client_secret_post' });
}

/**
 * The client sends its `client_id` only.
 *
 * @see {@link https://www.rfc-editor.org/rfc/rfc6749#section-2.3 RFC 6749, section 2.3}
 */
export function none(): ClientAuthentication {
  return Object.freeze({ method: 'none' });
}
