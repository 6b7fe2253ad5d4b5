import { bearer, shown, type ConformanceRequest, type Group } from './conformance-request.js';

/** Every way to write the credentials that RFC 6750 allows. */
export const validCredentials: Group = ({ good }) => {
  const form = 'Content-Type: application/x-www-form-urlencoded';
  const headers = [
    ...['Authorization', 'authorization', 'AUTHORIZATION', 'aUTHORIZATION'].map((name) => `${name}: Bearer ${good}`),
    ...['bearer', 'BEARER', 'bEaReR'].map((scheme) => `Authorization: ${scheme} ${good}`),
    ...['  ', '     '].map((spaces) => `Authorization: Bearer${spaces}${good}`),
    `Authorization:Bearer ${good}`,
    `Authorization:   Bearer ${good}   `,
  ];
  const beside: readonly (readonly string[])[] = [
    ['Proxy-Authorization: Basic dTpw'],
    ['X-Authorization: Bearer x', 'X-Authorization: Bearer y'],
    ['Cookie: access_token=x', 'Cookie: access_token=y'],
    ['WWW-Authenticate: Bearer'],
  ];
  const requestLines = [
    'GET /products?a=b',
    'GET /products?token=x&Access_Token=y',
    'GET /products?next=access_token',
    'GET /products?a=access_token%3Dx',
    'GET /products?',
    'HEAD /products',
    'OPTIONS /products',
    'DELETE /products',
    'PUT /products',
  ];
  return [
    ...headers.map((header): ConformanceRequest => ({ name: shown(header), answer: 'ok', headers: [header] })),
    ...beside.map((others): ConformanceRequest => ({
      name: `beside ${shown(others)}`,
      answer: 'ok',
      headers: [...others, `Authorization: Bearer ${good}`],
    })),
    ...requestLines.map((requestLine) => bearer(requestLine, 'ok', good, { requestLine })),
    {
      name: 'with a form',
      answer: 'ok',
      requestLine: 'POST /products',
      headers: [`Authorization: Bearer ${good}`, form],
      body: 'token=x&access_tokens=y',
    },
    {
      name: 'with JSON that names a token',
      answer: 'ok',
      requestLine: 'POST /products',
      headers: [`Authorization: Bearer ${good}`, 'Content-Type: application/json'],
      body: '{"access_token":"x"}',
    },
  ];
};

/** Every shape of token that must pass. */
export const validTokens: Group = ({ issuer, partner, given, rsa, keys, twins, nameless, partnerKey, givenKey }) => {
  const now = Math.floor(Date.now() / 1000);
  const headers: readonly object[] = [
    { typ: 'JWT' },
    { typ: 'jwt' },
    { typ: 'AT+JWT' },
    { typ: 'application/at+jwt' },
    { typ: undefined },
    { cty: 'x' },
    { jku: 'http://127.0.0.1:9/' },
    { x5c: ['MIIB'] },
    { jwk: { kty: 'RSA' } },
    { extra: { deep: ['\u{1f600}', null, 1.5] } },
  ];
  const claims: readonly object[] = [
    { aud: ['https://api.test'] },
    { aud: ['https://other.test', 'https://api.test'] },
    { aud: ['', 'https://api.test'] },
    { exp: now - 2 },
    { exp: now + 2 },
    { exp: now + 86_400 * 3650 },
    { exp: now + 300.5 },
    { nbf: now + 2 },
    { nbf: now },
    { nbf: 0 },
    { iat: now + 2 },
    { iat: now - 3500 },
    { iat: now - 0.5 },
    { azp: 'test-client' },
    { client_id: undefined, azp: 'test-client' },
    { sub: undefined },
    { jti: undefined },
    { scope: undefined },
    { scope: ['a', 1, null] },
    { extra: 'a"b\\c\r\n\0\u{1f600}' },
    { extra: { deep: [[[[1]]]] } },
    { extra: 'x'.repeat(8000) },
    { '': 1, ' ': 2 },
    { exp: now + 300, EXP: 1, Exp: 'x' },
  ];
  return [
    ...keys.map((key) => bearer(`signed with ${key.alg}`, 'ok', issuer.mintWith(key))),
    ...keys.map((key) =>
      bearer(`signed with ${key.alg}, without a kid`, 'ok', issuer.mintWith(key, {}, { kid: undefined })),
    ),
    ...twins.flatMap((key, index) => [
      bearer(`signed with key ${index} of one kid`, 'ok', issuer.mintWith(key)),
      bearer(`signed with key ${index} of one kid, without a kid`, 'ok', issuer.mintWith(key, {}, { kid: undefined })),
    ]),
    // The key that has a kid is the first of the four that are tried.
    ...nameless
      .slice(0, 3)
      .map((key, index) =>
        bearer(`signed with key ${index} of none`, 'ok', issuer.mintWith(key, {}, { kid: undefined })),
      ),
    bearer('an empty kid', 'ok', issuer.mintWith(rsa, {}, { kid: '' })),
    ...headers.map((header) => bearer(`header ${shown(header)}`, 'ok', issuer.mintWith(rsa, {}, { ...header }))),
    ...claims.map((members) => bearer(`claims ${shown(members)}`, 'ok', issuer.mintWith(rsa, { ...members }))),
    bearer('of an issuer whose keys are given', 'ok', given.mintWith(givenKey)),
    bearer('of an issuer whose keys are given, without a kid', 'ok', given.mintWith(givenKey, {}, { kid: undefined })),
    bearer("a partner's token", 'ok', partner.mintWith(partnerKey)),
    bearer(
      "a partner's client that is named",
      'ok',
      partner.mintWith(partnerKey, { client_id: 'billing', sub: 'billing' }),
      { requestLine: 'GET /partners' },
    ),
  ];
};

/** Callers that have what a route needs. */
export const validCallers: Group = ({ issuer, partner, tenants, rsa, partnerKey, tenantsKey }) => {
  const routes: readonly (readonly [claims: object, requestLine: string])[] = [
    ...[
      'read:products',
      'read:products write:products',
      'x read:products',
      'read:products  x',
      ['read:products'],
      ['x', 'read:products', 1],
      ['read:products write:products'],
    ].map((scope) => [{ scope }, 'GET /read'] as const),
    [{ scope: undefined, scp: ['read:products'] }, 'GET /read'],
    [{ scope: '', scp: ['read:products'] }, 'GET /read'],
    [{ scope: [], scp: ['read:products write:products'] }, 'GET /write'],
    [{ scope: 'read:products write:products' }, 'GET /write'],
    [{ scope: ['write:products', 'read:products'] }, 'GET /write'],
    [{ scope: 'editor' }, 'GET /any'],
    [{ scope: 'x admin' }, 'GET /any'],
    [{ scope: 'editor admin' }, 'GET /any'],
    [{}, 'GET /clients'],
    [{ scope: 'read:products' }, 'GET /inherited'],
  ];
  return [
    ...routes.map(([claims, requestLine]) =>
      bearer(`${requestLine} with ${shown(claims)}`, 'ok', issuer.mintWith(rsa, { ...claims }), { requestLine }),
    ),
    bearer("a partner's scope that is honoured", 'ok', partner.mintWith(partnerKey, { scope: 'admin read:products' }), {
      requestLine: 'GET /read',
    }),
    bearer('a member of the organization', 'ok', tenants.mintWith(tenantsKey, { org_id: 'org_acme' }), {
      requestLine: 'GET /read',
    }),
    bearer(
      'a member of an organization, where none is asked for',
      'ok',
      issuer.mintWith(rsa, { org_id: 'org_evil', organization: 'org_evil' }),
    ),
  ];
};

/** Tokens for the second API of the process. */
export const requiredAudiences: Group = ({ issuer, rsa }) => {
  const audiences = ['https://admin.test', ['https://admin.test'], ['https://api.test', 'https://admin.test', 'x']];
  return audiences.map((aud) =>
    bearer(`for ${shown(aud)}`, 'ok', issuer.mintWith(rsa, { aud }), { requestLine: 'GET /admin' }),
  );
};

/** Whatever comes to a public route. */
export const publicRoutes: Group = ({ good }) => {
  const comes: readonly (readonly string[])[] = [
    [],
    [`Authorization: Bearer ${good}`],
    ['Authorization: Bearer x'],
    ['Authorization: Bearer'],
    ['Authorization:'],
    ['Authorization: Basic dTpw'],
    ['Authorization: Bearer x', 'Authorization: Bearer y'],
  ];
  return [
    ...comes.map((headers): ConformanceRequest => ({
      name: `public, with ${shown(headers)}`,
      answer: 'ok',
      requestLine: 'GET /public',
      headers,
    })),
    {
      name: 'public, with a token in the query',
      answer: 'ok',
      requestLine: `GET /public?access_token=${good}`,
      headers: [],
    },
  ];
};
