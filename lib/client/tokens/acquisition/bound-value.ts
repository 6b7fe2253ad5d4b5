import { TokenStoreError } from '../../../errors/token-store.error.js';

/** The version of everything that this package keeps in a token store. What another version wrote is passed over. */
const FORMAT = '2';

/** Characters of the longest value that is kept and read. A token of more than about 64,000 characters is not shared. */
export const LONGEST_VALUE = 64 * 1024;

/** Ties a value to its key, so that a store that is no more than a map gives it back under that key only. */
export function bindValue(key: string, text: string): string {
  return `${FORMAT}:${key}:${text}`;
}

/** Reads back what was tied to a key. @throws TokenStoreError for anything else */
export function unbindValue(key: string, value: string): string {
  if (value.length > LONGEST_VALUE) throw unusable(`is longer than ${LONGEST_VALUE} characters`);
  const binding = bindValue(key, '');
  if (value.startsWith(binding)) return value.slice(binding.length);
  if (!value.startsWith(`${FORMAT}:`)) throw unusable('was not written by this version of nestjs-m2m');
  throw unusable('was written under another key');
}

function unusable(why: string): TokenStoreError {
  return new TokenStoreError(`a value in the token store ${why}; it is passed over`);
}
