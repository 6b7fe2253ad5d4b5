/** What comes in place of a JWT, by what it looks like. The first that fits counts. */
const SHAPES: readonly (readonly [shape: RegExp, description: string])[] = [
  [/^ *$/, 'nothing comes after the word Bearer'],
  [/^ *bearer\b/i, 'the word Bearer comes twice'],
  [/^ *(?:["'`]|%22)/, 'it is in quotation marks'],
  [/^ *(?:(?:undefined|null|none|nan|false|true)$|\[object|[${<])/i, 'it looks like a variable without a value'],
  [/[ ,]/, 'it is more than one word'],
  [
    /^[\w-]+(?:\.[\w-]*){4}$/,
    'it looks like an encrypted token (JWE); at Auth0 request it with an audience, elsewhere turn the encryption off',
  ],
  [/^ey[\w-]+\.[\w-]+\.?$/, 'it looks like a JWT without a signature'],
  [/^ey[\w+/-]+={0,2}\.[\w+/-]+={0,2}\.[\w+/-]+={0,2}$/, 'it looks like a JWT in base64, and not in base64url'],
  [/^ey/, 'it looks like a part of a JWT'],
  [
    /^(?:sk|pk|rk|api|key|pat|gh[oprsu]|github_pat|glpat|xox[abprs]|dop_v1|AKIA|AIza|npm|SG)[_.-]?\w/,
    'it looks like an API key or a personal access token',
  ],
];

/** The user-id and the password of HTTP's Basic scheme (RFC 7617, section 2). */
const CREDENTIALS = /^[!-9;-~]+:[!-~]+$/;

const OPAQUE =
  'it looks like an opaque token; to get a JWT, request it with an audience (Auth0) or a resource (Logto), or set the type of access tokens to JWT (Zitadel, Hydra); to take opaque tokens: resourceServer.introspection';

/** What a text that is no JWT looks like, in fixed words: nothing of the text is shown. */
export function tokenShape(text: string): string {
  const known = SHAPES.find(([shape]) => shape.test(text));
  if (known) return known[1];
  const isCredentials = CREDENTIALS.test(Buffer.from(text, 'base64').toString('latin1'));
  return isCredentials ? 'it looks like a client id and secret; request a token with them' : OPAQUE;
}
