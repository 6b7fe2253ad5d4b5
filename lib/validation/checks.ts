import { optionName, pathTo } from './option-path.js';
import { describeValue, type Problems } from './problems.js';
import { similarName } from './similar-name.js';

/** Whether a value is an object, and neither an array nor `null`. */
export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/**
 * The member of an object that a user made; `undefined` if it is found on `Object.prototype` alone. A dependency of an
 * application may be tricked into writing there, and would speak for everybody who left the member out.
 */
export function memberOf<Made extends object, Name extends keyof Made>(
  object: Made,
  name: Name,
): Made[Name] | undefined {
  const value = object[name];
  return value === undefined || !(name in Object.prototype) || Object.hasOwn(object, name) ? value : undefined;
}

/** Whether a value is a string of more than white space. */
export function isText(value: unknown): value is string {
  return typeof value === 'string' && value.trim() !== '';
}

/** Whether a value is an object; adds a problem if it is not. */
export function checkObject(
  problems: Problems,
  path: string,
  value: unknown,
  remedy: string,
): value is Record<string, unknown> {
  if (!isObject(value)) problems.add(path, describeValue(value), remedy);
  return isObject(value);
}

/** The members of an object whose names a user chose, an empty list if it is left out; adds a problem if it is no object. */
export function entriesOf<T>(
  problems: Problems,
  path: string,
  value: Readonly<Record<string, T>> | undefined,
  example: string,
): readonly [string, T][] {
  if (value === undefined || !checkObject(problems, path, value, `${optionName(path)}: { ${example} }`)) return [];
  return Object.entries<T>(value);
}

/** Adds a problem for each option that does not exist. Most are misspelt, and would do nothing. */
export function checkNames(problems: Problems, path: string, value: object, known: readonly string[]): void {
  for (const name of Object.keys(value).filter((key) => !known.includes(key))) {
    const similar = similarName(name, known);
    const remedy = similar ? `${similar}: ...` : `one of ${known.join(', ')}`;
    problems.add(pathTo(path, name), 'is not an option', remedy);
  }
}
