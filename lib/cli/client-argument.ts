import type { Problems } from '../validation/problems.js';
import type { ArgumentReader } from './arguments.js';

/** An option's argument that says something of one client: `orders:s3cret`. */
export interface ClientArgument {
  /** What is before the first colon; empty if there is none. */
  readonly clientId: string;
  /** What is behind it. */
  readonly value: string;
}

/** Splits `<id>:<value>`. It refuses nothing: Commander would print the argument, and the value may be a secret. */
export const clientArgument: ArgumentReader<ClientArgument> = (argument) => {
  const colon = Math.max(0, argument.indexOf(':'));
  return { clientId: argument.slice(0, colon).trim(), value: argument.slice(colon + 1) };
};

const EXAMPLES = {
  '--client': { value: 'secret', remedy: '--client my-service:its-secret' },
  '--public-key': { value: 'file', remedy: '--public-key my-service:public-key.pem' },
  '--client-scope': { value: 'scopes', remedy: "--client-scope 'my-service:read:products write:products'" },
} as const;

type Option = keyof typeof EXAMPLES;

/** By client, what an option says of it. Messages never show a value, which may be a secret. */
export function valuesOf(
  problems: Problems,
  option: Option,
  given: readonly ClientArgument[] = [],
): Map<string, string> {
  const values = new Map<string, string>();
  const { value: needed, remedy } = EXAMPLES[option];
  for (const { clientId, value } of given) {
    if (clientId === '') problems.add(option, 'has no client id in front of a colon', remedy);
    else if (value.trim() === '') problems.add(option, `names '${clientId}' without a ${needed}`, remedy);
    else if (values.has(clientId)) problems.add(option, `names '${clientId}' twice`, `${option} once for each client`);
    else values.set(clientId, value);
  }
  return values;
}
