import { callFunction } from './credential-option.js';

/**
 * What an option holds, or a function that returns it. The function is asked for the first token request, again after 10
 * minutes, and when the credentials are refused.
 *
 * @example () => readFile('/run/tls/tls.crt')
 */
export type Rotatable<T> = T | (() => T | Promise<T>);

/** The members of an object, each of which a function may return. */
export type RotatableMembers<T> = { readonly [Name in keyof T]: Rotatable<T[Name]> };

/** Whether a function returns any of the members. */
export function isRotated(members: object): boolean {
  return Object.values(members).some((member) => typeof member === 'function');
}

/**
 * Calls the functions among the members, all at once.
 *
 * @param owner the factory that took them, for messages
 * @throws TokenEndpointError if one fails
 */
export async function readMembers<T extends object>(owner: string, members: RotatableMembers<T>): Promise<T> {
  const entries = Object.entries<Rotatable<unknown>>(members);
  const read = entries.map(async ([name, member]) => [
    name,
    typeof member === 'function' ? await callFunction(`${owner} ${name}`, member as () => unknown) : member,
  ]);
  return Object.fromEntries(await Promise.all(read)) as T;
}
