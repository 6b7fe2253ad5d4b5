import type { Claims } from '../../authorization-servers/authorization-server.js';
import type { ResolvedIssuer } from '../../options/resolved-options.js';

/** The most payloads of one request that are parsed: garbage that looks like one costs an exception. */
const MOST_PAYLOADS = 100;

/** What may be `{"iss":"x"}` or longer in base64, of either alphabet: white space or a byte order mark may come first. */
const PAYLOAD = /(?<![\w+/-])[7CDIe][\w+/-]{14,}/g;
/** A JSON object that may name an issuer: JSON can escape any letter. */
const NAMES_ISSUER = /^\s*\{.*?(?:"iss"|\\u)/s;

/** Whoever passes a token on may encode it once more. */
const MOST_ENCODINGS = 3;

/**
 * Whether any token in these texts, as it describes itself, is of an accepted issuer and not plainly a user's; also where
 * they hold more than 100 tokens of whatever issuers.
 *
 * Nothing of them is verified. They are found and read as leniently as anybody might do it who accepts one in the end.
 */
export function hasMachineToken(texts: Iterable<string>, issuers: readonly ResolvedIssuer[]): boolean {
  let count = 0;
  for (const text of texts) {
    for (const payload of payloadsIn(unescaped(text))) {
      count += 1;
      if (count > MOST_PAYLOADS || isMachines(payload, issuers)) return true;
    }
  }
  return false;
}

/** The JSON of whatever could be the payload of a JWT, wherever in a text it is. */
function* payloadsIn(text: string): Generator<string> {
  for (const [encoded] of text.matchAll(PAYLOAD)) {
    const payload = Buffer.from(encoded, 'base64url').toString();
    if (NAMES_ISSUER.test(payload)) yield payload;
  }
}

/** A text without the escapes of URLs and of JSON. */
function unescaped(text: string, encodings = MOST_ENCODINGS): string {
  // decodeURIComponent would fail at one malformed escape, and leave the others as they are.
  const decoded = unescape(text.replaceAll(String.raw`\u`, '%u'));
  return decoded === text || encodings === 1 ? decoded : unescaped(decoded, encodings - 1);
}

function isMachines(payload: string, issuers: readonly ResolvedIssuer[]): boolean {
  const claims = parseClaims(payload);
  const issuer = issuers.find(({ authorizationServer: server }) =>
    server.acceptedIssuers.some((each) => each === claims?.['iss']),
  );
  if (!claims || !issuer) return false;
  try {
    const { authorizationServer: server, audience } = issuer;
    const { kind } = server.readClaims(claims, audience ?? []);
    return kind !== 'user';
  } catch {
    return true;
  }
}

function parseClaims(payload: string): Claims | undefined {
  try {
    return JSON.parse(payload.trim()) as Claims;
  } catch {
    return undefined;
  }
}
