import type { Claims } from '../../../authorization-servers/authorization-server.js';
import type { ResolvedIssuer } from '../../../options/resolved-options.js';

/** The most payloads of one request that are parsed: garbage that looks like one costs an exception. */
const MOST_PAYLOADS = 100;

/** The most different texts of one request that are decoded: by far more than a request has that is meant well. */
const MOST_CANDIDATES = 1000;

/**
 * What may be `{"iss":"x"}` or longer in base64, of either alphabet: white space or a byte order mark may come first, and
 * after the brace only white space or a quotation mark. Few words and few UUIDs begin so.
 */
const CANDIDATE = /(?<![\w+/-])(?:e[wy]|77|I[A-P]|[CD][\w+/-])[\w+/-]{13,}/g;
/** A JSON object that may name an issuer: JSON can escape any letter. */
const NAMES_ISSUER = /^\s*\{.*?(?:"iss"|\\u)/s;

/** Each that passes a token on may encode it once more. */
const MOST_ENCODINGS = 3;

/**
 * Whether any token in these texts, as it describes itself, is of an accepted issuer and not plainly a user's; also if
 * they hold more than 100 tokens of any issuers, or more than 1000 different texts that begin like one.
 *
 * Nothing of them is verified. They are found and read as leniently as anybody might do it who accepts one in the end.
 */
export function hasMachineToken(texts: Iterable<string>, issuers: readonly ResolvedIssuer[]): boolean {
  const seen = new Set<string>();
  let count = 0;
  for (const text of texts) {
    for (const [candidate] of unescaped(text).matchAll(CANDIDATE)) {
      // The names of members come again and again.
      if (seen.has(candidate)) continue;
      if (seen.add(candidate).size > MOST_CANDIDATES) return true;
      const payload = Buffer.from(candidate, 'base64url').toString();
      if (!NAMES_ISSUER.test(payload)) continue;
      count += 1;
      if (count > MOST_PAYLOADS || isMachines(payload, issuers)) return true;
    }
  }
  return false;
}

/** A text without the escapes of URLs and of JSON. */
function unescaped(text: string, encodings = MOST_ENCODINGS): string {
  // decodeURIComponent would fail at one malformed escape, and leave the others as they are.
  const decoded = unescape(text.replaceAll(String.raw`\u`, '%u'));
  return decoded === text || encodings === 1 ? decoded : unescaped(decoded, encodings - 1);
}

function isMachines(payload: string, issuers: readonly ResolvedIssuer[]): boolean {
  let claims: Claims;
  try {
    claims = JSON.parse(payload.trim()) as Claims;
  } catch {
    return false;
  }
  const issuer = issuers.find((each) => each.authorizationServer.acceptedIssuers.some((iss) => iss === claims['iss']));
  try {
    return issuer !== undefined && issuer.authorizationServer.readClaims(claims, issuer.audience ?? []).kind !== 'user';
  } catch {
    return true;
  }
}
