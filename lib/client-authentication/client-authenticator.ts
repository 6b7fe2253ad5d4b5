import type { Agent } from 'node:https';
import type { ClientAuth } from 'oauth4webapi';
import type { Clock } from '../time/clock.js';
import type { CertificateAgents } from './certificate-agents.js';
import type { CredentialOption } from './credential-option.js';

/** One request of a client to its authorization server, as a method sees it. */
export interface AuthenticationRequest<Authentication extends { readonly method: string }, Credential = string> {
  /** The client's `clientAuthentication`. */
  readonly authentication: Authentication;
  readonly clientId: string;
  /** The client's secret, client assertion, key or certificate. Empty if the method takes none. */
  readonly credential: Credential;
  /** `aud` of an assertion that is signed here; `token-endpoint` stands for the URL of the token endpoint. */
  readonly assertionAudience: string;
  /** The URL of the token endpoint, as the options or the metadata write it. It is read only if an assertion names it. */
  tokenEndpoint(): string | Promise<string>;
  readonly clock: Pick<Clock, 'wall'>;
}

/**
 * One client authentication method with all its traits. Nothing else compares names of methods.
 *
 * @see {@link https://www.rfc-editor.org/rfc/rfc6749#section-2.3 RFC 6749, section 2.3}
 */
export interface ClientAuthenticator<
  Authentication extends { readonly method: string } = { readonly method: string },
  Credential = unknown,
> {
  /** Its name in the IANA registry "OAuth Token Endpoint Authentication Methods", if it has one. */
  readonly method: Authentication['method'];
  /** The call of its factory, for messages. */
  readonly example: string;
  /** Whether the client must have a `clientSecret`. Other clients must have none. */
  readonly needsSecret: boolean;
  /** Whether another process could use the tokens. */
  readonly sharesTokens: boolean;
  /** Whether refused credentials would be refused from another process as well. */
  readonly sharesFailures: boolean;
  /** SHA-256 of the key or certificate that a token may be bound to. `undefined` if a function returns that. */
  thumbprint?(authentication: Authentication): string | undefined;
  /** The key or certificate, as one object with its passphrase, header and so on. */
  credential?(authentication: Authentication): CredentialOption<Credential>;
  /** The function that returns the client assertion of the next request. */
  assertionCallback?(authentication: Authentication): () => string | Promise<string>;
  /**
   * The agents for connections to the authorization server, if the method shows a certificate.
   *
   * @param configured the agent that other requests to authorization servers use
   * @throws M2MConfigurationError if no certificate can be added to that
   */
  certificateAgents?(configured: Agent | undefined): CertificateAgents;
  /** Makes the function that puts the credentials of one request into its headers or body. */
  authenticate(request: AuthenticationRequest<Authentication, Credential>): ClientAuth | Promise<ClientAuth>;
}

/** Makes an authenticator. What it lacks is its own: nothing is found on a polluted `Object.prototype`. */
export function defineAuthenticator<Authentication extends { readonly method: string }, Credential = string>(
  traits: ClientAuthenticator<Authentication, Credential>,
): ClientAuthenticator<Authentication, Credential> {
  const [thumbprint, assertionCallback, credential, certificateAgents] = [] as undefined[];
  return Object.freeze({ thumbprint, assertionCallback, credential, certificateAgents, ...traits });
}
