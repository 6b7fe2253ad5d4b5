import { base64url, type TestIssuer, type TestKey } from '../support/issuer.js';
import { bearer, type Group } from './conformance-request.js';

const LONGEST = 16 * 1024;

/** Tokens that are longer than any that is looked at, which would pass otherwise. */
export const oversizedTokens: Group = ({ issuer, rsa, good }) => [
  ...[LONGEST + 1, LONGEST + 2, 20_000, 64_000].map((length) =>
    bearer(`a good one of ${length} characters`, 'invalid token', tokenOf(length, issuer, rsa)),
  ),
  bearer('on a route whose scope it lacks', 'invalid token', tokenOf(LONGEST + 1, issuer, rsa), {
    requestLine: 'GET /write',
  }),
  bearer('no JWT at all', 'invalid token', 'x'.repeat(LONGEST + 1)),
  bearer('a good one behind 16 KiB of spaces', 'invalid token', ' '.repeat(LONGEST) + good),
  bearer('one with a foreign character', 'invalid token', `${'x'.repeat(LONGEST)}"`),
];

/** The longest token that passes. */
export const longestTokens: Group = ({ issuer, rsa }) =>
  [LONGEST - 1, LONGEST].map((length) =>
    bearer(`a good one of ${length} characters`, 'ok', tokenOf(length, issuer, rsa)),
  );

/** A good token of so many characters. No base64url has 4n + 1, so the header makes up for what claims cannot. */
function tokenOf(length: number, issuer: TestIssuer, key: TestKey): string {
  for (const pad of ['', 'x', 'xx']) {
    const header = { alg: key.alg, kid: key.kid, typ: 'at+jwt', ...(pad && { pad }) };
    const claims = JSON.stringify(issuer.claims());
    const fixed = issuer.mintRaw(key, JSON.stringify(header), claims).length - base64url(claims).length;
    const bytes = Math.floor(((length - fixed) * 3) / 4) - claims.length - ',"pad":""'.length;
    const padded = `${claims.slice(0, -1)},"pad":"${'x'.repeat(bytes)}"}`;
    const token = issuer.mintRaw(key, JSON.stringify(header), padded);
    if (token.length === length) return token;
  }
  throw new Error(`No token has ${length} characters.`);
}
