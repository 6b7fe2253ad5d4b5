import { createHmac, createPublicKey } from 'node:crypto';
import { base64url, signCompact, type TestKey } from '../support/issuer.js';
import { bearer, shown, type Answer, type Group } from './conformance-request.js';

const INVALID = 'invalid token';

/** Tokens that are correctly signed, with headers that must not pass. */
export const hostileHeaders: Group = ({ issuer, rsa, stranger }) => {
  const minted = (header: object): string => issuer.mintWith(rsa, {}, { ...header });
  const wrong: Record<string, readonly unknown[]> = {
    alg: [
      'none',
      'None',
      'NONE',
      'nOnE',
      '',
      'HS256',
      'HS384',
      'HS512',
      'rs256',
      'RS1',
      'ES256K',
      'dir',
      'RSA-OAEP',
      1,
      null,
      ['RS256'],
      { alg: 'RS256' },
      undefined,
    ],
    typ: [
      'dpop+jwt',
      'logout+jwt',
      'secevent+jwt',
      'token-introspection+jwt',
      'JOSE',
      'JWE',
      'at-jwt',
      'at+jwt ',
      '',
      1,
      null,
      ['JWT'],
      true,
    ],
    kid: [
      'unknown',
      '../../../etc/passwd',
      "' OR '1'='1",
      '/dev/null',
      'http://127.0.0.1:9/jwks',
      '__proto__',
      'constructor',
      'k'.repeat(4096),
      0,
      null,
      ['RS256-1'],
      { kid: 1 },
    ],
    crit: [[], ['exp'], ['b64'], 'exp', null],
    b64: [true, false, null],
  };
  const keyInHeader = {
    jwk: stranger.jwk,
    jku: 'http://127.0.0.1:9/jwks',
    x5u: 'http://127.0.0.1:9/cert',
    x5c: ['MIIB'],
    x5t: 'x',
  };
  return [
    ...Object.entries(wrong).flatMap(([name, values]) =>
      values.map((value) => bearer(`${name}: ${shown(value)}`, INVALID, minted({ [name]: value }))),
    ),
    ...Object.entries(keyInHeader).map(([name, value]) =>
      bearer(`a stranger's signature, its key in ${name}`, INVALID, issuer.mintWith(stranger, {}, { [name]: value })),
    ),
  ];
};

/** Tokens whose signature is not that of the key they name. */
export const forgedSignatures: Group = ({ issuer, given, rsa, keys, twins, nameless, stranger, good }) => {
  const [header = '', payload = '', signature = ''] = good.split('.');
  const other = issuer.mintWith(rsa).split('.');
  const bits = Buffer.from(signature, 'base64url');
  const flipped = (index: number): string => base64url(bits.map((byte, at) => (at === index ? byte ^ 1 : byte)));
  return [
    bearer("a stranger's, under the same kid", INVALID, issuer.mintWith(stranger)),
    bearer("a stranger's, without a kid", INVALID, issuer.mintWith(stranger, {}, { kid: undefined })),
    bearer("a stranger's, under a kid of two keys", INVALID, issuer.mintWith(stranger, {}, { kid: 'twin' })),
    bearer("another key's, under a kid of two keys", INVALID, issuer.mintWith(rsa, {}, { kid: 'twin' })),
    ...twins.map((key, index) =>
      bearer(`that of key ${index} of two, under another kid`, INVALID, issuer.mintWith(key, {}, { kid: rsa.kid })),
    ),
    ...nameless.map((key, index) =>
      bearer(`that of key ${index} of none, under a kid`, INVALID, issuer.mintWith(key, {}, { kid: `${index}` })),
    ),
    ...nameless
      .slice(3)
      .map((key) => bearer('that of the fifth key that fits', INVALID, issuer.mintWith(key, {}, { kid: undefined }))),
    bearer("a stranger's, of an issuer whose keys are given", INVALID, given.mintWith(stranger)),
    bearer("a stranger's, of such an issuer, without a kid", INVALID, given.mintWith(stranger, {}, { kid: undefined })),
    bearer("another issuer's, of an issuer whose keys are given", INVALID, given.mintWith(rsa)),
    bearer('that of another token', INVALID, [header, payload, other[2]].join('.')),
    bearer('other claims under the same one', INVALID, [header, other[1], signature].join('.')),
    bearer('none', INVALID, `${header}.${payload}.`),
    ...['AAAA', base64url(Buffer.alloc(256)), signature.slice(0, -4), `${signature}AAAA`].map((value) =>
      bearer(shown(value), INVALID, `${header}.${payload}.${value}`),
    ),
    ...[0, 1, 100, 254, 255].map((index) =>
      bearer(`a bit of byte ${index} turned`, INVALID, `${header}.${payload}.${flipped(index)}`),
    ),
    ...keys.flatMap((key) =>
      keys
        .filter(({ alg }) => alg !== key.alg)
        .map(({ alg }) => bearer(`${key.alg} that says ${alg}`, INVALID, issuer.mintWith(key, {}, { alg }))),
    ),
    ...keys.map((key) => bearer(`all zero, ${key.alg}`, INVALID, zeroSigned(issuer.mintWith(key)))),
    ...(['HS256', 'HS384', 'HS512'] as const).flatMap((alg) =>
      confusions(rsa, alg, JSON.stringify(issuer.claims())).map((token, index) =>
        bearer(`${alg} with the public key as the secret, ${index}`, INVALID, token),
      ),
    ),
  ];
};

function zeroSigned(token: string): string {
  const [header, payload, signature = ''] = token.split('.');
  return [header, payload, base64url(Buffer.alloc(Buffer.from(signature, 'base64url').length))].join('.');
}

function confusions({ kid, privateKey, jwk }: TestKey, alg: string, claims: string): string[] {
  const input = `${base64url(JSON.stringify({ alg, kid, typ: 'at+jwt' }))}.${base64url(claims)}`;
  const publicKey = createPublicKey(privateKey);
  const secrets = [
    publicKey.export({ format: 'pem', type: 'spki' }),
    publicKey.export({ format: 'der', type: 'spki' }),
    publicKey.export({ format: 'pem', type: 'pkcs1' }),
    JSON.stringify(jwk),
    String(jwk['n']),
    '',
  ];
  return secrets.map((secret) => {
    const signature = createHmac(`sha${alg.slice(2)}`, secret)
      .update(input)
      .digest('base64url');
    return `${input}.${signature}`;
  });
}

/** Tokens that are no JWS in compact serialization, or whose JSON can be read in more than one way. */
export const misshapenTokens: Group = ({ issuer, rsa, good }) => {
  const [header = '', payload = '', signature = ''] = good.split('.');
  const goodHeader = JSON.stringify({ alg: 'RS256', kid: rsa.kid, typ: 'at+jwt' });
  const goodClaims = JSON.stringify(issuer.claims());
  const claims = (start: string): string => `{${start},${goodClaims.slice(1)}`;
  const shapes = [
    'opaque',
    '.',
    '..',
    '...',
    header,
    `${header}.${payload}`,
    `.${payload}.${signature}`,
    `${header}..${signature}`,
    `${good}.`,
    `.${good}`,
    `${good}.${signature}`,
    `${header}.${payload}.${signature}.${header}.${payload}`,
    `${good}=`,
    `${good}==`,
    `${good.replaceAll('_', '/').replaceAll('-', '+')}/+`,
    `${good}A`,
    good.slice(0, -1),
    `${good.slice(0, -1)}${nextCharacter(good)}`,
    `${header}+.${payload}.${signature}`,
    `${header}~${payload}~${signature}`,
    'null',
    'undefined',
    'true',
    '0',
    `${base64url('null')}.${base64url('null')}.${signature}`,
  ];
  const headers = [
    'null',
    '[]',
    '"RS256"',
    '1',
    'true',
    '',
    '{',
    `${goodHeader},`,
    `{"alg":"none",${goodHeader.slice(1)}`,
    `{"\\u0061lg":"none",${goodHeader.slice(1)}`,
    `${goodHeader}\0`,
    `\ufeff${goodHeader}`,
  ];
  const payloads: (string | Buffer)[] = [
    'null',
    '[]',
    `[${goodClaims}]`,
    '"claims"',
    '1',
    'true',
    '',
    '{',
    `${goodClaims}{}`,
    `${goodClaims},`,
    `${goodClaims}\0`,
    `\ufeff${goodClaims}`,
    goodClaims.slice(1),
    goodClaims.replaceAll('"', "'"),
    claims('//\n"a":1'),
    claims('"a":NaN'),
    claims('"a":Infinity'),
    claims('"a":01'),
    claims('"a":undefined'),
    claims('"scope":"admin"'),
    claims('"sc\\u006fpe":"admin"'),
    claims('"exp":9999999999'),
    claims('"aud":"x"'),
    claims('"iss":"x"'),
    claims(`"a":${'['.repeat(200)}${']'.repeat(200)}`),
    claims('"a":"\\ud800'),
    claims('"a":"\t"'),
    Buffer.from(claims('"a":"\u00e9"'), 'latin1'),
    Buffer.from(goodClaims, 'utf16le'),
    good,
  ];
  return [
    ...shapes.map((token, index) => bearer(`the token ${index}, ${shown(token)}`, INVALID, token)),
    ...headers.map((text, index) =>
      bearer(`the header ${index}, ${shown(text)}`, INVALID, issuer.mintRaw(rsa, text, goodClaims)),
    ),
    ...payloads.map((text, index) =>
      bearer(`the payload ${index}, ${shown(text.toString('latin1'))}`, INVALID, issuer.mintRaw(rsa, goodHeader, text)),
    ),
    bearer('a nested token', INVALID, issuer.mintRaw(rsa, `{"cty":"JWT",${goodHeader.slice(1)}`, good)),
    bearer(
      '15 KB of claims that are not signed',
      INVALID,
      `${header}.${base64url(claims(`"a":"${'x'.repeat(9000)}"`))}.${signature}`,
    ),
    bearer('no signature input but the header', INVALID, signCompact(rsa, header)),
  ];
};

/** The same bytes, with bits set that no reader looks at. */
function nextCharacter(token: string): string {
  return String.fromCodePoint((token.codePointAt(token.length - 1) ?? 0) + 1);
}

/** Well-signed tokens whose claims must not pass. */
export const hostileClaims: Group = ({ issuer, rsa }) => {
  const now = Math.floor(Date.now() / 1000);
  const { origin, host } = new URL(issuer.issuer);
  const wrong: Record<string, readonly unknown[]> = {
    exp: [
      undefined,
      null,
      0,
      -1,
      now - 6,
      now - 86_400,
      String(now + 300),
      '',
      true,
      [now + 300],
      { exp: now + 300 },
      -1e300,
      1e300,
    ],
    nbf: [now + 10, now + 86_400, String(now), null, true, [], {}, 1e300],
    iat: [now + 10, now + 86_400, now - 3700, String(now), null, true, [], {}, undefined],
    iss: [
      undefined,
      null,
      '',
      1,
      true,
      [issuer.issuer],
      { iss: issuer.issuer },
      `${origin}/`,
      `${origin}/x`,
      ` ${origin}`,
      `${origin} `,
      origin.toUpperCase(),
      origin.replace('http:', 'https:'),
      `http://user@${host}`,
      `${origin}#`,
      `${origin}?`,
      `${origin}.evil.test`,
      '__proto__',
      'constructor',
      'toString',
    ],
    aud: [
      undefined,
      null,
      '',
      [],
      [''],
      1,
      true,
      {},
      'https://other.test',
      ['https://other.test'],
      'https://api.test/',
      'https://API.test',
      'https://api',
      'https://api.test.evil.test',
      'api.test',
      [['https://api.test']],
      { 0: 'https://api.test' },
      ['https://api.test', 1],
      ['https://api.test', null],
      [['x'], 'https://api.test'],
      'https://api.test https://other.test',
      'https://api.test,https://other.test',
    ],
    client_id: [undefined, null, '', 1, true, [], ['test-client'], {}],
    azp: ['another', null, 1, ''],
    sub: [1, true, null, [], {}],
    jti: [1, true, null, [], ['x'], {}],
    nonce: ['n', '', null],
    at_hash: ['h', ''],
    c_hash: ['h'],
    events: [{}, { 'http://schemas.openid.net/event/backchannel-logout': {} }, null],
    cnf: [{}, { jkt: 'x' }, { jwk: {} }, { 'x5t#S256': 'x' }, null],
  };
  return Object.entries(wrong).flatMap(([name, values]) =>
    values.map((value) => bearer(`${name}: ${shown(value)}`, INVALID, issuer.mintWith(rsa, { [name]: value }))),
  );
};

/** Numbers that JSON.parse makes infinite or inexact. */
export const hostileNumbers: Group = ({ issuer, rsa }) => {
  const header = JSON.stringify({ alg: 'RS256', kid: rsa.kid, typ: 'at+jwt' });
  const withExp = (text: string): string =>
    JSON.stringify(issuer.claims({ exp: 0 })).replace('"exp":0', `"exp":${text}`);
  return [
    '1e400',
    '-1e400',
    '1e309',
    '1E+1000',
    '0x7fffffff',
    '+9999999999',
    '.9e11',
    '9999999999.',
    '"1e10"',
    '1_000',
    '9'.repeat(400),
  ].map((text) => bearer(`exp: ${shown(text)}`, INVALID, issuer.mintRaw(rsa, header, withExp(text))));
};

/** Text that must reach neither a header nor a body, wherever a token holds it. */
export const reflectedText: Group = ({ issuer, rsa }) => {
  const texts = [
    'a\r\nSet-Cookie: hacked=1',
    'a\nb',
    'a\0b',
    'a"b',
    'a\\b',
    '\u{1f600}',
    '\u00e9',
    '<script>alert(1)</script>',
    '${7*7}',
    '%0d%0aSet-Cookie:%20hacked=1',
    'x'.repeat(4096),
  ];
  const places: readonly [string, (text: string) => string, Answer][] = [
    ['kid', (kid) => issuer.mintWith(rsa, {}, { kid }), INVALID],
    ['typ', (typ) => issuer.mintWith(rsa, {}, { typ }), INVALID],
    ['alg', (alg) => issuer.mintWith(rsa, {}, { alg }), INVALID],
    ['iss', (iss) => issuer.mintWith(rsa, { iss }), INVALID],
    ['aud', (aud) => issuer.mintWith(rsa, { aud }), INVALID],
    ['a client that is not allowed', (id) => issuer.mintWith(rsa, { client_id: id, sub: id }), 'not allowed'],
    ['scope', (scope) => issuer.mintWith(rsa, { scope }), 'lacks read'],
  ];
  const routes: Partial<Record<Answer, string>> = {
    'not allowed': 'GET /clients',
    'lacks read': 'GET /read',
  };
  return texts.flatMap((text) =>
    places.map(([place, token, answer]) =>
      bearer(`${shown(text)} as ${place}`, answer, token(text), { requestLine: routes[answer] ?? 'GET /products' }),
    ),
  );
};
