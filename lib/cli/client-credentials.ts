import type { AuthorizationServer } from '../authorization-servers/authorization-server.js';
import { M2MConfigurationError } from '../errors/configuration.error.js';
import { credentialsFromEnvironment, type ClientCredentials } from '../options/credentials-from-environment.js';
import { readerOf, type ReadVariable } from '../options/environment-variables.js';
import { Problems } from '../validation/problems.js';
import { readAll, type Terminal } from './terminal.js';

export interface CredentialOptions {
  readonly clientAuthentication?: string;
  readonly clientSecretStdin?: boolean;
  readonly clientSecret?: string;
}

/**
 * What the client authenticates with: from the environment, or a secret from standard input.
 *
 * @throws M2MConfigurationError if it comes from nowhere, or was given as an argument
 */
export async function readCredentials(
  options: CredentialOptions,
  server: AuthorizationServer,
  terminal: Terminal,
): Promise<ClientCredentials> {
  if (options.clientSecret !== undefined) throw secretAsArgument();
  const secret = options.clientSecretStdin ? (await readAll(terminal)).trim() : undefined;
  const others = readerOf(terminal.environment);
  const read: ReadVariable = (name) => {
    if (name === 'M2M_CLIENT_AUTHENTICATION') return options.clientAuthentication ?? others(name);
    if (secret === undefined) return others(name);
    return name === 'M2M_CLIENT_SECRET' ? secret || undefined : undefined;
  };
  const problems = new Problems();
  const credentials = credentialsFromEnvironment(problems, read, server);
  problems.throwIfAny();
  return credentials;
}

function secretAsArgument(): M2MConfigurationError {
  const remedy = [
    'M2M_CLIENT_SECRET=... nestjs-m2m token ...',
    'M2M_CLIENT_SECRET_FILE=/run/secrets/m2m nestjs-m2m token ...',
    'nestjs-m2m token --client-secret-stdin ... < /run/secrets/m2m',
  ];
  const problem = 'is an argument, which other users of this machine can read';
  return new M2MConfigurationError({ option: 'the client secret', problem, remedy: remedy.join('\nor ') });
}
