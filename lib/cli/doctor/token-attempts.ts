import type { AuthorizationServer } from '../../authorization-servers/authorization-server.js';
import type { ServerMetadata } from '../../authorization-servers/discovery.js';
import { clientSecretBasic } from '../../client-authentication/client-secret-basic.js';
import type { AccessToken } from '../../client/tokens/token/access-token.js';
import { meaningOf } from '../../client/tokens/endpoint/refusal-meaning.js';
import { hasCode } from '../../errors/has-code.js';
import { readerOf, type Environment, type ReadVariable } from '../../options/environment-variables.js';
import { readEnvironment } from '../../options/read-environment.js';
import { requestToken } from '../token-request/request-token.js';

/** The most token requests of one diagnosis. */
export const MOST_ATTEMPTS = 3;

/** One token request, by one client authentication method. */
export interface TokenAttempt {
  readonly method: string;
  readonly token: AccessToken | undefined;
  /** An error of this package, which holds no credentials. */
  readonly error: unknown;
}

/**
 * Requests a token as the environment says and, if the credentials are refused, by the other methods that they may be meant
 * for: one request each, three at most.
 *
 * @throws M2MConfigurationError if no token can be requested with these options
 */
export async function attemptTokens(
  environment: Environment,
  server: AuthorizationServer,
  metadata: ServerMetadata | undefined,
): Promise<readonly TokenAttempt[]> {
  const attempts: TokenAttempt[] = [];
  const read = readerOf(environment);
  for (const method of plausibleMethods(read, server, metadata)) {
    const isFirst = attempts.length === 0;
    const attempt = await attemptToken(isFirst ? environment : { ...environment, M2M_CLIENT_AUTHENTICATION: method });
    attempts.push({ method, ...attempt });
    if (attempt.token || !refusesCredentials(attempt.error, server)) break;
  }
  return attempts;
}

async function attemptToken(environment: Environment): Promise<Omit<TokenAttempt, 'method'>> {
  const { client, ...others } = readEnvironment(environment).options;
  if (!client) return { token: undefined, error: undefined };
  const [target] = Object.keys(client.targets ?? {});
  const { audience, resource, scope } = client;
  const isOfTarget = [audience, resource, scope].every((each) => each === undefined);
  const options = { ...others, client: { ...client, retry: { attempts: 1 }, warmup: 'off' as const } };
  try {
    return { token: await requestToken(options, isOfTarget && target ? { target } : undefined), error: undefined };
  } catch (error) {
    if (hasCode(error, 'ERR_M2M_CONFIGURATION')) throw error;
    return { token: undefined, error };
  }
}

/** The method of the environment first. A secret may be meant for others, and only for those that the server knows. */
function plausibleMethods(
  read: ReadVariable,
  server: AuthorizationServer,
  metadata: ServerMetadata | undefined,
): readonly string[] {
  const own = methodOf(read, server);
  const isSecret = ['M2M_CLIENT_SECRET', 'M2M_CLIENT_SECRET_FILE'].some((name) => read(name) !== undefined);
  if (!isSecret) return [own];
  const listed = metadata?.['token_endpoint_auth_methods_supported'];
  const known = Array.isArray(listed) ? listed : [];
  const common = ['client_secret_basic', 'client_secret_post'];
  const others = known.includes('client_secret_jwt') ? [...common, 'client_secret_jwt'] : common;
  return [own, ...others.filter((method) => method !== own)].slice(0, MOST_ATTEMPTS);
}

/** The method that the environment leads to. */
function methodOf(read: ReadVariable, { clientAuthentication }: AuthorizationServer): string {
  if (read('M2M_CLIENT_AUTHENTICATION') !== undefined) return read('M2M_CLIENT_AUTHENTICATION') ?? '';
  if (read('M2M_PRIVATE_KEY_FILE') !== undefined) return 'private_key_jwt';
  if (read('M2M_CLIENT_ASSERTION_FILE') !== undefined) return 'client_assertion';
  return (clientAuthentication ?? clientSecretBasic()).method;
}

/** Whether a refusal is about the credentials, as the client itself classifies it. */
export function refusesCredentials(error: unknown, server: AuthorizationServer): boolean {
  if (!hasCode(error, 'ERR_M2M_TOKEN_REQUEST')) return false;
  const { upstreamStatus: status, error: code, errorDescription } = error;
  const { failureClass } = meaningOf(
    { status, error: code, errorDescription },
    { wrongCredentials: server.wrongCredentials },
  );
  return failureClass === 'credentials' || code === 'unauthorized_client';
}
