import { isText } from '../validation/checks.js';

/** Characters of the longest name of a client that a function is asked for. */
export const LONGEST_CLIENT_NAME = 128;

/** Whether a function may be asked for a client of this name. */
export function isClientName(name: unknown): name is string {
  return isText(name) && name.length <= LONGEST_CLIENT_NAME;
}
