/** How often a path is decoded on its way through proxies and frameworks, at most. */
const MOST_DECODINGS = 3;

/** A text as it is, and as it is after each time that a server may percent-decode it, as long as that changes it. */
export function decodings(text: string): string[] {
  const all = [text];
  for (let decoded = decode(text); decoded !== all.at(-1) && all.length <= MOST_DECODINGS; decoded = decode(decoded)) {
    all.push(decoded);
  }
  return all;
}

/**
 * The paths that servers may take a path for, in one spelling: they decode it, merge its slashes, drop path parameters, or
 * ignore its case.
 */
export function readingsOf(path: string): string[] {
  return decodings(path).map(inOneSpelling);
}

/** Whether servers may read a path, as the URL parser writes it, as another one. */
export function hasReadings(path: string): boolean {
  return /[%\\;A-Z]|\/\//.test(path);
}

function inOneSpelling(path: string): string {
  const kept: string[] = [];
  for (const segment of path.split(/[/\\]+/)) {
    const name = segment.replace(/;.*$/s, '').toLowerCase();
    if (name === '..') kept.pop();
    else if (name !== '' && name !== '.') kept.push(`/${name}`);
  }
  return kept.join('');
}

/** Percent-decodes byte by byte: what is no UTF-8 is decoded by some servers, too. */
function decode(text: string): string {
  return text.replace(/%([\da-f]{2})/gi, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
}
