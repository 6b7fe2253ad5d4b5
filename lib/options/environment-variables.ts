import type { Problems } from '../validation/problems.js';
import { similarName } from '../validation/similar-name.js';

export type Environment = Readonly<Record<string, string | undefined>>;

/** The value of a variable; `undefined` if it is absent or empty. */
export type ReadVariable = (name: string) => string | undefined;

/** Reads the variables of an environment, and none that a polluted `Object.prototype` holds. */
export function readerOf(environment: Environment): ReadVariable {
  return (name) => (Object.hasOwn(environment, name) && environment[name]?.trim()) || undefined;
}

/** The variables that both halves use. */
const SHARED_VARIABLES = [
  'M2M_ISSUER',
  'M2M_PROVIDER',
  'M2M_METADATA_URL',
  'M2M_TOKEN_ENDPOINT',
  'M2M_JWKS_URI',
  'M2M_INSECURE_ORIGINS',
];
/** The variables of the resource server. */
const RESOURCE_SERVER_VARIABLES = ['M2M_API_AUDIENCE', 'M2M_API_CLIENTS', 'M2M_API_CALLERS'];
/** The variables that say which client it is, and how it authenticates. */
const CLIENT_VARIABLES = [
  'M2M_CLIENT_ID',
  'M2M_CLIENT_AUTHENTICATION',
  'M2M_CLIENT_SECRET',
  'M2M_CLIENT_SECRET_FILE',
  'M2M_PRIVATE_KEY_FILE',
  'M2M_CLIENT_ASSERTION_FILE',
];
const TOKEN_VARIABLES = ['M2M_AUDIENCE', 'M2M_RESOURCE', 'M2M_SCOPE', 'M2M_ORGANIZATION'];

/** Every variable but those of targets. */
export const NAMES: readonly string[] = [
  ...SHARED_VARIABLES,
  ...CLIENT_VARIABLES,
  ...TOKEN_VARIABLES,
  ...RESOURCE_SERVER_VARIABLES,
];

/** The ends of the variables of targets. */
export const TARGET_FIELDS: readonly string[] = ['URL', 'AUDIENCE', 'RESOURCE', 'SCOPE', 'ORGANIZATION'];

const TARGET_VARIABLE = new RegExp(`^M2M_TARGET_(?<name>[A-Z0-9_]+)_(?:${TARGET_FIELDS.join('|')})$`);

/** What Kubernetes puts into every pod for a Service whose name begins with `m2m-`. */
const SERVICE_VARIABLE = /_(?:SERVICE_(?:HOST|PORT\w*)|PORT(?:_\d+_(?:TCP|UDP|SCTP)\w*)?)$/;

/** A value in the quotes that a shell takes away, and `docker --env-file` does not. */
const QUOTED = /^(?<quote>["']).*\k<quote>$/s;

/** The `M2M_*` variables that say something of a half; a problem for each that does not exist, or is in quotes. */
export function variablesIn(problems: Problems, environment: Environment): { outbound: string[]; inbound: string[] } {
  const read = readerOf(environment);
  const set = Object.keys(environment).filter((name) => name.startsWith('M2M_') && !SERVICE_VARIABLE.test(name));
  for (const name of set.filter((each) => !isVariable(each))) {
    const word = /^[\w.-]+/.exec(name)?.[0] ?? '';
    if (word === name) problems.add(name, 'is not a variable of nestjs-m2m', meantBy(name));
    // The rest may be a secret: Node.js takes a line of an env file without `=` for a part of the next name.
    else problems.add(word, 'has no = behind it, in an env file', `${word}=...`);
  }
  for (const name of set.filter((each) => QUOTED.test(read(each) ?? ''))) {
    problems.add(name, 'is in quotes, and they would be a part of it', `${name}=... # without quotes`);
  }
  const own = set.filter((name) => isVariable(name) && !SHARED_VARIABLES.includes(name) && read(name));
  const inbound = own.filter((name) => RESOURCE_SERVER_VARIABLES.includes(name));
  return { outbound: own.filter((name) => !inbound.includes(name)), inbound };
}

/** The part of a variable's name that names a target: `SHOP` of `M2M_TARGET_SHOP_URL`. */
export function targetOf(name: string): string | undefined {
  return TARGET_VARIABLE.exec(name)?.groups?.['name'];
}

/** The variable that says something of a target: `M2M_TARGET_SHOP_EU_URL` of `shop-eu` and `url`. */
export function targetVariable(target: string, field: string): string {
  return `M2M_TARGET_${target.replaceAll('-', '_').toUpperCase()}_${field.toUpperCase()}`;
}

/** Whether there is such a variable. */
export function isVariable(name: string): boolean {
  return NAMES.includes(name) || TARGET_VARIABLE.test(name);
}

function meantBy(name: string): string {
  const target = /^M2M_TARGET_(\w+)_/i.exec(name)?.[1]?.toUpperCase();
  const similar = similarName(name, target ? variablesOf(target) : NAMES);
  return similar ? `${similar}=...` : `one of ${[...NAMES, ...variablesOf('<NAME>')].join(', ')}`;
}

function variablesOf(target: string): string[] {
  return TARGET_FIELDS.map((field) => targetVariable(target, field));
}
