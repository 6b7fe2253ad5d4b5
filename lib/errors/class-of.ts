import { isNativeError } from 'node:util/types';
import { cut } from './printable.js';

/** Characters of a name that a message shows at most. */
const LONGEST = 100;

/**
 * The class of what a function of the options threw: `TypeError`, or `string` for a text. Nothing else of it may be shown,
 * because it may be secret: its own `name` and `constructor` too.
 */
export function classOf(thrown: unknown): string {
  try {
    if (!isError(thrown)) return typeof thrown;
    const { name } = (Object.getPrototypeOf(thrown) as Error).constructor;
    return typeof name === 'string' && name !== '' ? cut(name, LONGEST) : 'Error';
  } catch {
    return 'Error';
  }
}

/** Test runners have realms with an `Error` of their own, and leave `fetch` outside. */
function isError(value: unknown): value is Error {
  return value instanceof Error || isNativeError(value);
}
