import { cut } from '../errors/printable.js';

/** Characters of a URL that a message shows: metadata may name one of any length. */
const LONGEST = 200;

/**
 * A URL for messages: cut, without what may be secret (user information, query and fragment), and in ASCII, because the
 * URL parser encodes control characters and all that is beyond.
 */
export function printableUrl(text: string): string {
  if (!URL.canParse(text)) return 'a text that is no URL';
  const { protocol, host, pathname } = new URL(text);
  return cut(`${protocol}//${host}${pathname}`, LONGEST);
}
