import type { ClientAuth } from 'oauth4webapi';
import { defineAuthenticator } from './client-authenticator.js';

/** {@link clientSecretBasic} */
export interface ClientSecretBasic {
  /** The name of the method in the IANA registry (`token_endpoint_auth_methods_supported`). */
  readonly method: 'client_secret_basic';
  /** How client id and secret are written before they are joined. */
  readonly encoding: 'form' | 'raw';
}

/**
 * The secret goes into an `Authorization: Basic` header.
 *
 * @param options.encoding `form` encodes id and secret first, as the RFC says. `raw` sends them as they are, which
 * Cognito, SimpleIdServer, glewlwyd, LemonLDAP::NG and Doorkeeper want. It matters only for characters outside
 * `[A-Za-z0-9-._~]`. Default `form`.
 * @see {@link https://www.rfc-editor.org/rfc/rfc6749#section-2.3.1 RFC 6749, section 2.3.1}
 */
export function clientSecretBasic(options: { encoding?: 'form' | 'raw' } = {}): ClientSecretBasic {
  return Object.freeze({ method: 'client_secret_basic', encoding: options.encoding ?? 'form' });
}

/** `client_secret_basic`. */
export const clientSecretBasicAuthenticator = defineAuthenticator<ClientSecretBasic>({
  method: 'client_secret_basic',
  example: 'clientSecretBasic()',
  needsSecret: true,
  sharesTokens: true,
  sharesFailures: true,
  authenticate: ({ authentication, credential }) => basic(credential, authentication.encoding),
});

/** Written here because oauth4webapi encodes `-`, `_`, `.` and `~` too, which breaks at servers that decode nothing. */
function basic(secret: string, encoding: ClientSecretBasic['encoding']): ClientAuth {
  const encode = encoding === 'form' ? formEncode : String;
  return (_server, { client_id: clientId }, _body, headers) => {
    const pair = `${encode(clientId)}:${encode(secret)}`;
    headers.set('authorization', `Basic ${Buffer.from(pair).toString('base64')}`);
  };
}

/** `application/x-www-form-urlencoded`, but unreserved characters of a URL stay as they are. */
function formEncode(text: string): string {
  return encodeURIComponent(text)
    .replaceAll('%20', '+')
    .replaceAll(/[!'()*]/g, (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`);
}
