import { bearer, type Group } from './conformance-request.js';

/** Tokens of an issuer whose keys cannot be had: nobody can say whether they are valid. */
export const unavailableKeys: Group = ({ unreachable, unreachableKey, failing, failingKey, rsa }) => {
  const minted = (claims = {}, header = {}): string => unreachable.mintWith(unreachableKey, claims, header);
  return [
    ...[
      'GET /products',
      'HEAD /products',
      'GET /read',
      'GET /write',
      'GET /clients',
      'GET /either',
      'GET /admin',
      'GET /optional',
      'GET /prices',
    ].map((requestLine) => bearer(requestLine, 'unavailable', minted(), { requestLine })),
    ...['GET /products', 'GET /either'].map((requestLine) =>
      bearer(`a function that throws, ${requestLine}`, 'unavailable', failing.mintWith(failingKey), { requestLine }),
    ),
    bearer('a kid that nobody knows', 'unavailable', minted({}, { kid: 'unknown' })),
    bearer('no kid', 'unavailable', minted({}, { kid: undefined })),
    bearer("another issuer's key", 'unavailable', unreachable.mintWith(rsa)),
    bearer('what no key can make good', 'invalid token', minted({}, { alg: 'none' })),
    bearer('on a public route', 'ok', minted(), { requestLine: 'GET /public' }),
  ];
};
