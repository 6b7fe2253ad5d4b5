import { type ClientAssertion, clientAssertionAuthenticator } from './client-assertion.js';
import { type ClientSecretBasic, clientSecretBasicAuthenticator } from './client-secret-basic.js';
import { type ClientSecretJwt, clientSecretJwtAuthenticator } from './client-secret-jwt.js';
import { type ClientSecretPost, clientSecretPostAuthenticator } from './client-secret-post.js';
import { type NoAuthentication, noneAuthenticator } from './none.js';
import { type PrivateKeyJwt, privateKeyJwtAuthenticator } from './private-key-jwt.js';
import { type MutualTls, tlsClientAuthenticator } from './tls-client-auth.js';
import { M2MConfigurationError } from '../errors/configuration.error.js';
import type { Clock } from '../time/clock.js';
import { AssertionCallback } from './assertion-callback.js';
import { CachedCredential, type CredentialWatch } from './cached-credential.js';
import type { ClientAuthenticator } from './client-authenticator.js';
import type { CredentialCallback } from './credential-callback.js';
import { type CredentialOption, textOption } from './credential-option.js';

/**
 * How a client authenticates at its authorization server. Plain data. Its secret members are not enumerable, so that nothing
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

/** Authenticators by the name of their method. */
export type ClientAuthenticators = Readonly<Record<string, ClientAuthenticator>>;

/** The methods of this package, in the order in which messages list them. */
export const CLIENT_AUTHENTICATORS: {
  readonly [Method in ClientAuthentication['method']]: ClientAuthenticator<
    Extract<ClientAuthentication, { readonly method: Method }>
  >;
} = Object.freeze({
  client_secret_basic: clientSecretBasicAuthenticator,
  client_secret_post: clientSecretPostAuthenticator,
  client_secret_jwt: clientSecretJwtAuthenticator,
  private_key_jwt: privateKeyJwtAuthenticator,
  tls_client_auth: tlsClientAuthenticator,
  client_assertion: clientAssertionAuthenticator,
  none: noneAuthenticator,
});

/**
 * Finds the authenticator of a client's method.
 *
 * @throws M2MConfigurationError if there is no such method
 */
export function authenticatorOf(
  { method }: { readonly method: string },
  authenticators: ClientAuthenticators = CLIENT_AUTHENTICATORS,
): ClientAuthenticator {
  const found = Object.hasOwn(authenticators, method) ? authenticators[method] : undefined;
  if (found) return found;
  const option = 'client.clientAuthentication';
  const examples = Object.values(authenticators).map(({ example }) => example);
  const remedy = `clientAuthentication: ${examples.join(' or ')}`;
  throw new M2MConfigurationError({ option, problem: `has the method '${method}', which does not exist`, remedy });
}

/**
 * Makes the callback for what a client authenticates with. `undefined` if its method takes no credential.
 *
 * @param path of the options that describe the client, for messages. Default `client`
 */
export function credentialCallbackOf(
  client: {
    readonly clientAuthentication: ClientAuthentication;
    readonly clientSecret: (() => string | Promise<string>) | undefined;
  },
  authenticator: ClientAuthenticator,
  clock: Clock,
  watch?: CredentialWatch,
  path = 'client',
): CredentialCallback | undefined {
  const { clientAuthentication, clientSecret } = client;
  if (authenticator.needsSecret) {
    return clientSecret && new CachedCredential(secretOption(clientSecret, path), clock, watch);
  }
  const credential = authenticator.credential?.(clientAuthentication);
  if (credential) return new CachedCredential(credential, clock, watch);
  const assertion = authenticator.assertionCallback?.(clientAuthentication);
  return assertion && new AssertionCallback(assertion, clock);
}

function secretOption(read: () => string | Promise<string>, path: string): CredentialOption {
  const remedy =
    'clientSecret: () => readTheSecret(), which returns the secret or a promise of it: is the variable or file set that it reads?';
  return textOption('clientSecret', { option: `${path}.clientSecret`, remedy }, read);
}
