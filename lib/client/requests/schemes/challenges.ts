/** One challenge of a `WWW-Authenticate` header. */
export interface Challenge {
  /** In lower case. */
  readonly scheme: string;
  /** Names in lower case. */
  readonly parameters: ReadonlyMap<string, string>;
}

const SEPARATORS = /[\s,]*/y;
const PARAMETER = /([!#$%&'*+\-.^_`|~\w]+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([!#$%&'*+\-.^_`|~\w]+))\s*(?=,|$)/y;
/** A scheme, and the token68 that stands in place of parameters in some (`Negotiate oYG...`). */
const SCHEME = /([!#$%&'*+\-.^_`|~\w]+)(?=[\s,]|$)(?:\s+[\w\-.~+/]+=*\s*(?=,|$))?/y;

/**
 * Reads the challenges of a `WWW-Authenticate` header, several of which may stand in one. What follows something that
 * cannot be read is left out.
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

/**
 * Whether a Bearer challenge says that the token is at fault, and not the request or its scope.
 *
 * @see {@link https://www.rfc-editor.org/rfc/rfc6750#section-3.1 RFC 6750, section 3.1}
 */
export function saysInvalidToken(header: string): boolean {
  return parseChallenges(header).some(
    ({ scheme, parameters }) => scheme === 'bearer' && parameters.get('error') === 'invalid_token',
  );
}
