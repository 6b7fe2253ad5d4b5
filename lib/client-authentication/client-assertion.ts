import { readFile } from 'node:fs/promises';
import { describeValue } from '../validation/problems.js';
import { JWT_BEARER, presentAssertion } from './assertion.js';
import { authenticationError } from './authentication-error.js';
import { defineAuthenticator } from './client-authenticator.js';
import { withHidden } from './hidden-members.js';

/** {@link clientAssertion} */
export interface ClientAssertion {
  /** The name of the method here: assertions of others have none in the IANA registry. */
  readonly method: 'client_assertion';
  /** Returns the client assertion for the next token request. Not enumerable. */
  readonly assertion: () => string | Promise<string>;
  /** `client_assertion_type`. */
  readonly type: string;
}

/**
 * The client authenticates with an assertion that another party issued. The function is called for every token request
 * and returns the assertion.
 *
 * @param type `client_assertion_type`. Default: a JWT, as RFC 7523 has it
 * @throws M2MConfigurationError if it is no function
 * @see {@link https://www.rfc-editor.org/rfc/rfc7521#section-4.2 RFC 7521, section 4.2}
 */
export function clientAssertion(assertion: () => string | Promise<string>, type = JWT_BEARER): ClientAssertion {
  if (typeof assertion !== 'function') {
    const remedy = 'clientAuthentication: clientAssertion(() => readTheAssertion()), or clientAssertionFile(path)';
    throw authenticationError('assertion', `${describeValue(assertion)}, not a function`, remedy);
  }
  return withHidden({ method: 'client_assertion', type } as const, { assertion });
}

/**
 * The client authenticates with an assertion in a file, as Kubernetes writes projected service account tokens. The file
 * is read for every token request, so a newer assertion is used as soon as it is there.
 *
 * @param path of the file: `/var/run/secrets/tokens/m2m`. If it cannot be read, the token request fails with a
 * TokenEndpointError
 * @param type `client_assertion_type`. Default: a JWT, as RFC 7523 has it
 * @see {@link https://kubernetes.io/docs/tasks/configure-pod-container/configure-service-account/#serviceaccount-token-volume-projection Kubernetes: token volume projection}
 */
export function clientAssertionFile(path: string, type = JWT_BEARER): ClientAssertion {
  return clientAssertion(async () => (await readFile(path, 'utf8')).trim(), type);
}

/** `client_assertion`. Each process has an assertion of its own, so a failure says nothing about other processes. */
export const clientAssertionAuthenticator = defineAuthenticator<ClientAssertion>({
  method: 'client_assertion',
  example: "clientAssertionFile('/var/run/secrets/token')",
  needsSecret: false,
  sharesTokens: true,
  sharesFailures: false,
  assertionCallback: ({ assertion }) => assertion,
  authenticate: ({ authentication, credential }) => presentAssertion(credential, authentication.type),
});
