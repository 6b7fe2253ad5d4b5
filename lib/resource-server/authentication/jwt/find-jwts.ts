import type { CallerKind, Claims } from '../../../authorization-servers/authorization-server.js';
import { InvalidTokenError } from '../../../errors/invalid-token.error.js';
import type { ResolvedIssuer } from '../../../options/resolved-options.js';
import { readClaims } from './read-caller.js';

/** The most JWTs of one text: garbage that looks like one costs an exception. */
const MOST_JWTS = 100;

/** What may be the JSON object of a JWT in base64, of either alphabet: it begins with a brace and white space or a quotation mark. */
const ENCODED_OBJECT = /(?<![\w+/-])e[wy][\w+/-]{13,}/g;
/** JSON can escape any letter. */
const NAMES_ISSUER = /"iss"|\\u/;

/** A JWT of an accepted issuer, as it describes itself: nothing of it is verified. */
export interface FoundJwt {
  readonly claims: Claims;
  readonly issuer: ResolvedIssuer;
}

/**
 * The claims of the JWTs in a text that name an issuer, found and read as leniently as anybody might do it who accepts one
 * in the end.
 *
 * @throws InvalidTokenError if there are more than 100
 */
export function findJwts(text: string): readonly Claims[] {
  const found: Claims[] = [];
  let count = 0;
  for (const [encoded] of unescaped(text).matchAll(ENCODED_OBJECT)) {
    const json = Buffer.from(encoded, 'base64url').toString();
    if (!NAMES_ISSUER.test(json)) continue;
    count += 1;
    if (count > MOST_JWTS) throw new InvalidTokenError('request', `the request has more than ${MOST_JWTS} tokens`);
    const claims = parsed(json);
    if (typeof claims?.['iss'] === 'string') found.push(claims);
  }
  return found;
}

/** Whose a token says it is. One whose claims cannot be read is held to the rules of machines. */
export function kindOfJwt({ claims, issuer }: FoundJwt): CallerKind {
  try {
    return readClaims(claims, issuer).kind;
  } catch {
    return 'machine';
  }
}

/** A text without the escapes of URLs, then of JSON. decodeURIComponent would fail at one malformed escape. */
function unescaped(text: string): string {
  return /[%\\]/.test(text) ? unescape(unescape(text).replaceAll(String.raw`\u`, '%u')) : text;
}

function parsed(json: string): Claims | undefined {
  try {
    return JSON.parse(json) as Claims;
  } catch {
    return undefined;
  }
}
