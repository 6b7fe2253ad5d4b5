import { M2MConfigurationError } from '../errors/configuration.error.js';
import type { Clock } from '../time/clock.js';
import { AssertionCallback } from './assertion-callback.js';
import { clientAssertionAuthenticator } from './client-assertion.js';
import type { ClientAuthentication } from './client-authentication.js';
import type { ClientAuthenticator } from './client-authenticator.js';
import { clientSecretBasicAuthenticator } from './client-secret-basic.js';
import { clientSecretJwtAuthenticator } from './client-secret-jwt.js';
import { clientSecretPostAuthenticator } from './client-secret-post.js';
import type { CredentialCallback } from './credential-callback.js';
import { noneAuthenticator } from './none.js';
import { privateKeyJwtAuthenticator } from './private-key-jwt.js';
import { SecretCallback } from './secret-callback.js';
import { tlsClientAuthenticator } from './tls-client-auth.js';

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
  throw new M2MConfigurationError([{ option, problem: `has the method '${method}', which does not exist`, remedy }]);
}

/** Makes the callback for a client's secret or client assertion. `undefined` if its method takes neither. */
export function credentialCallbackOf<Authentication extends { readonly method: string }>(
  client: {
    readonly clientAuthentication: Authentication;
    readonly clientSecret: (() => string | Promise<string>) | undefined;
  },
  authenticator: ClientAuthenticator<Authentication>,
  clock: Clock,
): CredentialCallback | undefined {
  if (authenticator.needsSecret) return client.clientSecret && new SecretCallback(client.clientSecret, clock);
  const assertion = authenticator.assertionCallback?.(client.clientAuthentication);
  return assertion && new AssertionCallback(assertion, clock);
}
