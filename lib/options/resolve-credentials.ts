import { type ClientAuthentication, authenticatorOf } from '../client-authentication/client-authenticators.js';
import { clientSecretBasic } from '../client-authentication/client-secret-basic.js';
import { isText } from '../validation/checks.js';
import { describeValue, type Problems } from '../validation/problems.js';
import type { ResolvedAuthorizationServer } from './authorization-server-fields.js';

/** What a client authenticates with, as the options say it. */
interface CredentialOptions {
  readonly clientSecret?: string | (() => string | Promise<string>) | undefined;
  readonly clientAuthentication?: ClientAuthentication | undefined;
}

/** What a client authenticates with. */
export interface ResolvedCredentials {
  /** A function, so that nothing that prints options prints the secret; `undefined` if the method needs none. */
  readonly clientSecret: (() => string | Promise<string>) | undefined;
  readonly clientAuthentication: ClientAuthentication;
}

/**
 * Resolves the credentials of a client.
 *
 * @param path of the options that have them
 * @param server `undefined` if something is wrong with it, which another problem says
 */
export function resolveCredentials(
  problems: Problems,
  path: string,
  fields: CredentialOptions,
  server: ResolvedAuthorizationServer | undefined,
): ResolvedCredentials {
  const clientAuthentication = fields.clientAuthentication ?? server?.clientAuthentication ?? clientSecretBasic();
  // Whether the method that is meant needs a secret is not known then.
  const isWrong = problems.has(`${path}.clientAuthentication`);
  const clientSecret = isWrong ? undefined : resolveSecret(problems, path, fields.clientSecret, clientAuthentication);
  return { clientSecret, clientAuthentication };
}

function resolveSecret(
  problems: Problems,
  path: string,
  secret: CredentialOptions['clientSecret'],
  authentication: ClientAuthentication,
): ResolvedCredentials['clientSecret'] {
  const at = `${path}.clientSecret`;
  const { method, needsSecret } = authenticatorOf(authentication);
  if (!needsSecret && secret !== undefined) {
    const problem = `is given, but the client authenticates with ${method}`;
    problems.add(at, problem, 'no clientSecret beside that clientAuthentication');
  }
  if (typeof secret === 'function') return secret;
  if (isText(secret)) return () => secret;
  if (needsSecret || secret !== undefined) {
    problems.add(at, describeValue(secret), 'clientSecret: () => readTheSecret(), or another clientAuthentication');
  }
  return undefined;
}
