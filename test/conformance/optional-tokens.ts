import { bearer, shown, type ConformanceRequest, type Group } from './conformance-request.js';
import { malformedCredentials, otherCredentials, repeatedCredentials } from './hostile-credentials.js';

/** Requests without credentials, and good tokens, where a token is optional. */
export const optionalTokens: Group = ({ good, issuer, rsa }) => {
  const requestLines = ['/optional', '/prices', '/optional?token=x&Access_Token=y', '/prices?a=access_token'];
  const form = 'Content-Type: application/x-www-form-urlencoded';
  const beside: readonly string[] = ['Proxy-Authorization: Bearer x', 'Cookie: access_token=x', 'X-DPoP: x'];
  return [
    ...requestLines.flatMap((path) => [
      none(`nothing to ${path}`, { requestLine: `GET ${path}` }),
      bearer(`a token to ${path}`, 'ok', good, { requestLine: `GET ${path}` }),
    ]),
    ...beside.map((header) => none(`nothing beside ${shown(header)}`, { headers: [header] })),
    none('HEAD', { requestLine: 'HEAD /optional' }),
    none('a form', { requestLine: 'POST /prices', headers: [form], body: 'token=x&access_tokens=y' }),
    none('JSON that names a token', {
      requestLine: 'POST /prices',
      headers: ['Content-Type: application/json'],
      body: '{"access_token":"x"}',
    }),
    bearer('a token without scopes', 'ok', issuer.mintWith(rsa, { scope: undefined }), {
      requestLine: 'GET /optional',
    }),
  ];
};

/** Whatever comes in the place of a good token where none is needed. */
export const badOptionalTokens: Group = (world) => {
  const { good, issuer, partner, rsa, stranger } = world;
  const now = Math.floor(Date.now() / 1000);
  const tokens: readonly (readonly [name: string, token: string])[] = [
    ['no JWT', 'abc'],
    ['no signature', good.slice(0, good.lastIndexOf('.') + 1)],
    ['a changed signature', `${good.slice(0, -4)}AAAA`],
    ["a stranger's key", issuer.mintWith(stranger)],
    ["our key under a partner's name", partner.mintWith(rsa)],
    ['alg none', issuer.mintWith(rsa, {}, { alg: 'none' })],
    ['expired', issuer.mintWith(rsa, { exp: now - 60 })],
    ['early', issuer.mintWith(rsa, { nbf: now + 60 })],
    ['for others', issuer.mintWith(rsa, { aud: 'https://other.test' })],
    ['an unknown issuer', issuer.mintWith(rsa, { iss: 'https://other.test' })],
  ];
  const proofs = ['DPoP: x', 'DPoP:', 'dpop: eyJ.eyJ.x'].map((header): ConformanceRequest => ({
    name: `a proof alone: ${shown(header)}`,
    answer: 'no credentials',
    headers: [header],
  }));
  const others = otherCredentials(world).filter(
    ({ name, headers }) => ['the query', 'the form'].includes(name) || headers[0]?.startsWith('Authorization:'),
  );
  return [
    ...tokens.map(([name, token]) => bearer(name, 'invalid token', token)),
    bearer('a user', 'not allowed', issuer.mintWith(rsa, { sub: 'alice' })),
    ...proofs,
    ...others,
    ...malformedCredentials(world),
    ...repeatedCredentials(world),
  ].map(({ requestLine = 'GET /products', ...request }) => ({
    ...request,
    requestLine: requestLine.replace('/products', '/optional'),
  }));
};

function none(name: string, rest: Partial<ConformanceRequest>): ConformanceRequest {
  return { name, answer: 'ok', requestLine: 'GET /optional', headers: [], ...rest };
}
