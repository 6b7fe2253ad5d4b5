/** One challenge of a `WWW-Authenticate` header. */
export interface Challenge {
  /** Its scheme, in lower case. */
  readonly scheme: string;
  /** Names in lower case. */
  readonly parameters: ReadonlyMap<string, string>;
}

const SEPARATORS = /[\s,]*/y;
const PARAMETER = /([!#$%&'*+\-.^_`|~\w]+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([!#$%&'*+\-.^_`|~\w]+))\s*(?=,|$)/y;
/** A scheme, with the token68 that some have instead of parameters (`Negotiate oYG...`). */
const SCHEME = /([!#$%&'*+\-.^_`|~\w]+)(?=[\s,]|$)(?:\s+[\w\-.~+/]+=*\s*(?=,|$))?/y;

/**
 * Reads the challenges of a `WWW-Authenticate` header, which may hold several. Reading ends at the first thing that is
 * no challenge.
 *
 * @see {@link https://www.rfc-editor.org/rfc/rfc9110#section-11.6.1 RFC 9110, section 11.6.1}
 */
export function parseChallenges(header: string): readonly Challenge[] {
  const challenges: { scheme: string; parameters: Map<string, string> }[] = [];
  let at = 0;
  const read = (pattern: RegExp): RegExpExecArray | null => {
    pattern.lastIndex = at;
    const found = pattern.exec(header);
    if (found) at = pattern.lastIndex;
    return found;
  };
  while (read(SEPARATORS) && at < header.length) {
    const challenge = challenges.at(-1);
    const parameter = challenge && read(PARAMETER);
    const scheme = parameter ? undefined : read(SCHEME)?.[1];
    if (parameter) {
      const [, name = '', quoted, plain = ''] = parameter;
      challenge.parameters.set(name.toLowerCase(), quoted?.replaceAll(/\\(.)/g, '$1') ?? plain);
    } else if (scheme === undefined) {
      break;
    } else {
      challenges.push({ scheme: scheme.toLowerCase(), parameters: new Map() });
    }
  }
  return challenges;
}
