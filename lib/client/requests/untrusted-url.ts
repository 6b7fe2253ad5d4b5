import { UntrustedTargetError } from '../../errors/untrusted-target.error.js';

/**
 * Characters that one server reads as a separator or a dot segment and another does not, so that a path under the prefix
 * here may be outside of it there: backslashes, characters that URL parsers drop, encoded dots, slashes and backslashes
 * (encoded twice, too), and path parameters of a dot segment (`..;`).
 */
const AMBIGUOUS_PATH = /[\\\t\n\r]|%(?:25)*(?:2e|2f|5c)|(?:^|\/)\.{1,2}(?:;|%3b)/i;

/**
 * The reason why a token must not go to a URL although it lies under a target; `undefined` if there is none.
 *
 * @param written the URL as it was before the parser normalized it
 */
export function whyUntrusted(url: URL, written: string): string | undefined {
  if (url.username !== '' || url.password !== '') return 'holds credentials of its own; leave them out';
  if (AMBIGUOUS_PATH.test(written.replace(/[?#].*$/s, ''))) {
    return 'has a path that servers read in different ways (backslash, %2f, %5c, %2e or ..;); write it without';
  }
  return undefined;
}

/** The refusal to send a token to a URL. It names origin and path only: a query may hold secrets. */
export function untrusted(url: URL | undefined, why: string): UntrustedTargetError {
  const place = url ? `${url.origin}${url.pathname}` : 'a URL that cannot be parsed';
  return new UntrustedTargetError(`no token goes to ${place}: it ${why}`);
}
