import { type ClientAuthentication, authenticatorOf } from '../client-authentication/client-authenticators.js';
import { isText } from '../validation/checks.js';
import { describeValue, type Problems } from '../validation/problems.js';

/** The secret of a client, or a function that returns it; `undefined` if its method needs none. */
export type ClientSecret = string | (() => string | Promise<string>);

/**
 * The secret as a function, so that nothing that prints options prints it.
 *
 * @param path of the options that have it
 */
export function resolveSecret(
  problems: Problems,
  path: string,
  secret: ClientSecret | undefined,
  authentication: ClientAuthentication,
): (() => string | Promise<string>) | undefined {
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
