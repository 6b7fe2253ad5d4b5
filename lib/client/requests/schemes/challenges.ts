/** One challenge of a `WWW-Authenticate` header. */
export interface Challenge {
  /** Its scheme, in lower case. */
  readonly scheme: string;
  /** Names in lower case. */
  readonly parameters: ReadonlyMap<string, string>;
}

/** Characters that are read of all challenges of a response. */
const MOST_CHARACTERS = 8192;

const SEPARATORS = /[\s,]*/y;
/** Gateways leave out quotation marks and commas: AWS, Kong and WSO2 separate parameters with spaces. */
const PARAMETER = /([!#$%&'*+\-.^_`|~\w]+)\s*=\s*(?:"((?:[^"\\]|\\.)*)(?:"|$)|([^\s",=][^\s",]*))/y;
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

/**
 * The challenges of a response, from one header or several.
 *
 * @param headers names in any case: adapters and mocks return plain objects
 */
export function challengesOf(headers: Readonly<Record<string, unknown>>): readonly Challenge[] {
  const entries: Iterable<[string, unknown]> = headers instanceof Headers ? headers : Object.entries(headers ?? {});
  const values = [...entries].filter(([name]) => name.toLowerCase() === 'www-authenticate');
  const text = values.flatMap(([, value]) => value).join(', ');
  return parseChallenges(text.slice(0, MOST_CHARACTERS));
}

/**
 * The scopes that a response asks for, because the token has too few; `undefined` if it does not say so.
 *
 * @see {@link https://www.rfc-editor.org/rfc/rfc6750#section-3.1 RFC 6750, section 3.1}
 */
export function missingScopes(headers: Readonly<Record<string, unknown>>): readonly string[] | undefined {
  const challenge = challengesOf(headers).find(({ parameters }) => parameters.get('error') === 'insufficient_scope');
  if (!challenge) return undefined;
  const scopes = challenge.parameters.get('scope')?.split(/\s+/) ?? [];
  // The text of another service goes into messages and log lines.
  return scopes.filter((scope) => /^[\x21\x23-\x5b\x5d-\x7e]{1,200}$/.test(scope)).slice(0, 20);
}
