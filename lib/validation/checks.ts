import { describeValue, optionName, type Problems } from './problems.js';
import { similarName } from './similar-name.js';

export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export function isText(value: unknown): value is string {
  return typeof value === 'string' && value.trim() !== '';
}

/** Whether it is an object; a problem where it is not. */
export function checkObject(problems: Problems, path: string, value: unknown, write: string): boolean {
  if (!isObject(value)) problems.add(path, describeValue(value), write);
  return isObject(value);
}

/** What stands under the names of an object that a user chose; nothing where it is no object. */
export function entriesOf<T>(
  problems: Problems,
  path: string,
  value: Readonly<Record<string, T>> | undefined,
  example: string,
): readonly [string, T][] {
  if (value === undefined || !checkObject(problems, path, value, `${optionName(path)}: { ${example} }`)) return [];
  return Object.entries(value);
}

/** Refuses option names that do not exist: most are misspelt ones that would silently do nothing. */
export function checkNames(problems: Problems, path: string, value: object, known: readonly string[]): void {
  for (const name of Object.keys(value).filter((key) => !known.includes(key))) {
    const similar = similarName(name, known);
    const write = similar ? `${similar}: ...` : `one of ${known.join(', ')}`;
    problems.add(path ? `${path}.${name}` : name, 'is not an option', write);
  }
}

export interface NumberRule {
  /** @default 0 */
  readonly least?: number;
  readonly most?: number;
  readonly example: number;
}

/** A whole number within bounds, or the default. */
export function wholeNumber<D>(
  problems: Problems,
  path: string,
  value: unknown,
  { least = 0, most = Number.MAX_SAFE_INTEGER, example }: NumberRule,
  fallback: D,
): number | D {
  if (value === undefined) return fallback;
  if (Number.isSafeInteger(value) && (value as number) >= least && (value as number) <= most) return value as number;
  const name = optionName(path);
  const bounds = most === Number.MAX_SAFE_INTEGER ? `at least ${least}` : `between ${least} and ${most}`;
  problems.add(path, `${describeValue(value)}, not a whole number of ${bounds}`, `${name}: ${example}`);
  return fallback;
}

/** One of a few words, or the default. */
export function oneOf<T extends string, D>(
  problems: Problems,
  path: string,
  value: unknown,
  words: readonly T[],
  fallback: D,
): T | D {
  if (value === undefined) return fallback;
  if (words.includes(value as T)) return value as T;
  const name = optionName(path);
  problems.add(
    path,
    `${describeValue(value)} that is none of its words`,
    words.map((word) => `${name}: '${word}'`).join(' or '),
  );
  return fallback;
}

/** A list of texts, none of them empty. */
export function texts(
  problems: Problems,
  path: string,
  value: unknown,
  example: string,
): readonly string[] | undefined {
  if (value === undefined) return undefined;
  if (Array.isArray(value) && value.length > 0 && value.every(isText)) return Object.freeze([...value]);
  const name = optionName(path);
  problems.add(path, `${describeValue(value)}, not a list of names`, `${name}: ['${example}']`);
  return undefined;
}

/** An object, or an empty one in its place. */
export function section<T extends object>(
  problems: Problems,
  path: string,
  value: T | undefined,
  known: readonly string[],
): Partial<T> {
  if (value === undefined) return {};
  if (!isObject(value)) {
    problems.add(path, describeValue(value), `${optionName(path)}: { ${known[0]}: ... }`);
    return {};
  }
  checkNames(problems, path, value, known);
  return value;
}
