import { UntrustedTargetError } from '../../errors/untrusted-target.error.js';
import type { ResolvedTarget } from '../../options/resolved-options.js';
import { decodings } from './path-readings.js';

/** Control characters, encoded any number of times. Servers and proxies strip them, and see another path then. */
const CONTROL_CHARACTER = /%(?:25)*(?:[01][\da-f]|7f|c[02]%(?:25)*[89][\da-f])/i;

/** A character of ASCII in more bytes than it needs (`%c0%ae`): some servers read it as that character. */
const OVERLONG = /%(?:25)*(?:c[01]|(?:e0|f0%(?:25)*80)%(?:25)*8[01])%(?:25)*[89ab][\da-f]/i;

/**
 * Characters that one server reads as a separator or a dot segment and another does not, so that a path under the prefix
 * here may be outside of it there: backslashes, encoded dots, slashes and backslashes (encoded twice, too), and path
 * parameters of a dot segment (`..;`).
 */
const AMBIGUOUS_PATH = /\\|%(?:25)*(?:2e|2f|5c)|(?:^|\/)\.{1,2}(?:;|%(?:25)*3b)/i;

/** A path that every server reads alike, as most are written, and the parser leaves as it is but for dot segments. */
const PLAIN_PATH = /^[\w:/.~-]*(?:[?#]|$)/;

/**
 * The reason why a token must not go to a URL although it lies under a target; `undefined` if there is none.
 *
 * @param written the URL as it was before the parser normalized it
 */
export function whyUntrusted(
  url: URL,
  written: string,
  { path: prefix, encodedSlashes }: Pick<ResolvedTarget, 'path' | 'encodedSlashes'>,
): string | undefined {
  if (url.username !== '' || url.password !== '') return 'holds credentials of its own; leave them out';
  if (PLAIN_PATH.test(written)) return undefined;
  const path = written.replace(/[?#].*$/s, '');
  const readings = decodings(path);
  const has = (pattern: RegExp): boolean => readings.some((reading) => pattern.test(reading));
  if (/\p{Cc}/u.test(path) || has(CONTROL_CHARACTER))
    return 'has a control character in its path (such as %00, %09, %0a); leave it out';
  // There is no prefix that a path of a whole origin could leave.
  if (prefix === '') return undefined;
  if (encodedSlashes === 'allow') {
    const isAmbiguous = path.includes('\\') || has(OVERLONG) || mayLeave(url.pathname) || hidesDotSegment(path);
    return isAmbiguous
      ? 'has a path that, once decoded, holds a dot segment or a backslash; write it without'
      : undefined;
  }
  if (!has(AMBIGUOUS_PATH) && !has(OVERLONG)) return undefined;
  const remedy = "write it without, or encodedSlashes: 'allow' in the target";
  return `has a path that servers read in different ways (backslash, %2f, %5c, %2e or ..;); ${remedy}`;
}

/** Whether a path holds a dot segment or a backslash for a server that decodes it up to three times. */
function mayLeave(path: string): boolean {
  return decodings(path).some((each) => each.includes('\\') || each.split('/').some(isDotSegment));
}

/** Whether the parser took a segment for a dot segment although it was not written as one. */
function hidesDotSegment(path: string): boolean {
  const hidden = path.split('/').filter((segment) => segment.includes('%'));
  return hidden.some((segment) => decodings(segment).some(isDotSegment));
}

function isDotSegment(segment: string): boolean {
  return /^\.{1,2}(?:;|$)/.test(segment);
}

/** The refusal to send a token to a URL. It names origin and path only: a query may hold secrets. */
export function untrusted(url: URL | undefined, why: string): UntrustedTargetError {
  const place = url ? `${url.origin}${url.pathname}` : 'a URL that cannot be parsed';
  return new UntrustedTargetError(`no token goes to ${place}: it ${why}`);
}
