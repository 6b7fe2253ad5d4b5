import { UntrustedTargetError } from '../../errors/untrusted-target.error.js';
import type { ResolvedTarget } from '../../options/resolved-options.js';

/** What of a target decides whether a URL lies under it. */
export type TargetLocation = Pick<ResolvedTarget, 'name' | 'origin' | 'path'>;

/**
 * What one server reads as a separator or a dot segment and another does not, so that a path under the prefix here may
 * be one outside of it there: backslashes, characters that URL parsers drop, encoded dots, slashes and backslashes
 * (encoded twice, too), and path parameters of a dot segment (`..;`).
 */
const AMBIGUOUS_PATH = /[\\\t\n\r]|%(?:25)*(?:2e|2f|5c)|(?:^|\/)\.{1,2}(?:;|%3b)/i;

/**
 * The target under whose origin and path prefix a URL lies; of several, the one with the longest prefix. Plain HTTP is
 * refused when the options are read: a URL under a target has the scheme of the target.
 */
export function findTarget<Target extends TargetLocation>(targets: readonly Target[], url: URL): Target | undefined {
  const { origin } = url;
  let found: Target | undefined;
  for (const target of targets) {
    if (target.origin === origin && liesUnder(target.path, url.pathname)) {
      if (found === undefined || target.path.length > found.path.length) found = target;
    }
  }
  return found;
}

/** Whether a path is equal to a prefix, or below it. */
function liesUnder(prefix: string, path: string): boolean {
  return path.startsWith(prefix) && (path.length === prefix.length || path[prefix.length] === '/');
}

/**
 * Why a token must not go to a URL although it lies under a target, or `undefined` where nothing speaks against it.
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
  const where = url ? `${url.origin}${url.pathname}` : 'a URL that cannot be parsed';
  return new UntrustedTargetError(`no token goes to ${where}: it ${why}`);
}
