import { M2MConfigurationError } from '../errors/configuration.error.js';
import { clientSecretFromEnvironment } from '../options/client-secret-from-environment.js';
import { readerOf } from '../options/environment-variables.js';
import { Problems } from '../validation/problems.js';
import type { Terminal } from './terminal.js';

export interface SecretOptions {
  readonly clientSecretStdin?: boolean;
  readonly clientSecret?: string;
}

/**
 * The client's secret, from wherever it may come.
 *
 * @throws M2MConfigurationError if it comes from nowhere, or was given as an argument
 */
export async function readSecret(options: SecretOptions, { environment, input }: Terminal): Promise<string> {
  if (options.clientSecret !== undefined) throw wrong('is an argument, which other users of this machine can read');
  if (options.clientSecretStdin) return (await readAll(input)).trim() || missing();
  const problems = new Problems();
  const secret = clientSecretFromEnvironment(problems, readerOf(environment));
  problems.throwIfAny();
  return secret?.() ?? missing();
}

async function readAll(input: Terminal['input']): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of input) chunks.push(Buffer.from(chunk));
  return Buffer.concat(chunks).toString();
}

function missing(): never {
  throw wrong('is missing or empty');
}

function wrong(problem: string): M2MConfigurationError {
  const remedy = [
    'M2M_CLIENT_SECRET=... nestjs-m2m token ...',
    'M2M_CLIENT_SECRET_FILE=/run/secrets/m2m nestjs-m2m token ...',
    'nestjs-m2m token --client-secret-stdin ... < /run/secrets/m2m',
  ];
  return new M2MConfigurationError({ option: 'the client secret', problem, remedy: remedy.join('\n') });
}
