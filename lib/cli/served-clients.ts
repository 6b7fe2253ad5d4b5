import { createPublicKey, X509Certificate, type JsonWebKey, type KeyObject } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { DEFAULT_CLIENTS } from '../testing/engine/registry.js';
import type { TestClient } from '../testing/options/test-authorization-server-options.js';
import { Problems } from '../validation/problems.js';
import { valuesOf, type ClientArgument } from './client-argument.js';

/** What the options of `serve` say of its clients. */
export interface ClientArguments {
  readonly client?: readonly ClientArgument[];
  readonly publicKey?: readonly ClientArgument[];
  readonly clientScope?: readonly ClientArgument[];
  readonly organization?: readonly string[];
  readonly opaque?: boolean;
  /** Seconds. */
  readonly tokenLifetime?: number;
}

/**
 * The clients of the server: those with a secret first, since they can be used from the environment.
 *
 * @param scopes the scopes of the APIs
 * @throws M2MConfigurationError with everything that is wrong
 */
export function servedClients(given: ClientArguments, scopes: readonly string[]): Record<string, TestClient> {
  const problems = new Problems();
  const isNamed = given.client !== undefined || given.publicKey !== undefined;
  const secrets = isNamed ? valuesOf(problems, '--client', given.client) : new Map(Object.entries(DEFAULT_CLIENTS));
  const files = valuesOf(problems, '--public-key', given.publicKey);
  const lists = valuesOf(problems, '--client-scope', given.clientScope);
  const keys = new Map([...files].map(([id, file]) => [id, readPublicKey(problems, id, file)]));
  const ids = new Set([...secrets.keys(), ...keys.keys()]);
  for (const id of [...lists.keys()].filter((each) => !ids.has(each))) {
    problems.add('--client-scope', `names '${id}', which is no client`, `--client ${id}:its-secret`);
  }
  const own = new Map([...lists].map(([id, list]) => [id, list.split(/\s+/).filter(Boolean)]));
  for (const scope of [...own.values()].flat().filter((each) => !scopes.includes(each))) {
    problems.add(
      '--client-scope',
      `names '${scope}', which no API has`,
      `--scope ${scope}, or one of ${scopes.join(', ')}`,
    );
  }
  problems.throwIfAny();
  const clients = [...ids].map((id): [string, TestClient] => [
    id,
    {
      secret: secrets.get(id),
      publicKey: keys.get(id),
      scopes: own.get(id),
      organizations: given.organization,
      tokenFormat: given.opaque ? 'opaque' : 'jwt',
      tokenLifetime: given.tokenLifetime && given.tokenLifetime * 1000,
    },
  ]);
  return Object.fromEntries(clients);
}

function readPublicKey(problems: Problems, id: string, file: string): KeyObject | string | undefined {
  const remedy = `--public-key ${id}:a file that holds a public key or its certificate, as PEM, or a JWK`;
  try {
    return importPublicKey(readFileSync(file, 'utf8'));
  } catch (error) {
    const { code, syscall } = error as NodeJS.ErrnoException;
    const problem = syscall === undefined ? 'names a file without a key' : `cannot be read: ${code}`;
    problems.add('--public-key', `${problem}: ${file}`, remedy);
    return undefined;
  }
}

/** A certificate stays a text: the server may want it to be named. */
function importPublicKey(text: string): KeyObject | string {
  if (text.includes('BEGIN CERTIFICATE')) return new X509Certificate(text).toString();
  if (!text.trimStart().startsWith('{')) return createPublicKey(text);
  return createPublicKey({ key: JSON.parse(text) as JsonWebKey, format: 'jwk' });
}
