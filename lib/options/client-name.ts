import { isText } from '../validation/checks.js';

/** The path of a client in the options. @param name `undefined`: the module's own */
export function clientPath(name: string | undefined): string {
  return name === undefined ? 'client' : `client.clients.${name}`;
}

/** Characters of the longest name of a client that a function is asked for. */
export const LONGEST_CLIENT_NAME = 128;

/** Whether a function may be asked for a client of this name. */
export function isClientName(name: unknown): name is string {
  return isText(name) && name.length <= LONGEST_CLIENT_NAME;
}
