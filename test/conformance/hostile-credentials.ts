import { bearer, shown, type ConformanceRequest, type Group } from './conformance-request.js';

/** Everything that b64token leaves out and a header may hold. */
const foreign = '!"#$%&\'()*,:;<>?@[\\]^`{|} \t\u0080\u00a0\u00e9\u00ff'.split('');

/** Authorization headers that carry a good token in a wrong way. */
export const malformedCredentials: Group = ({ good }) => [
  ...foreign.map((character) => bearer(`${shown(character)} in the token`, 'invalid request', `${good}${character}x`)),
  ...foreign
    .filter((character) => character !== ' ' && character !== '\t')
    .map((character) => bearer(`${shown(character)} before the token`, 'invalid request', `${character}${good}`)),
  ...['', 'Bearer', 'bearer', `Bearer\t${good}`, `Bearer  `, `Bearer =`, `Bearer ${good}=x`, `Bearer "${good}"`].map(
    (value) => authorization(value, 'invalid request'),
  ),
  ...[`Bearer ${good} ${good}`, `Bearer ${good},Bearer ${good}`, `Bearer ${good}, Basic dTpw`, `Bearer: ${good}`].map(
    (value) => authorization(value, 'invalid request'),
  ),
  ...[
    `"Bearer" ${good}`,
    `(Bearer) ${good}`,
    `=${good}`,
    `B\u00e9arer ${good}`,
    `Bearer/${good}`,
    `Bearer=${good}`,
  ].map((value) => authorization(value, 'invalid request')),
  ...[`Bearer token=${good}`, `Bearer realm="api", token="${good}"`].map((value) =>
    authorization(value, 'invalid request'),
  ),
];

/** Credentials that are not of the Bearer scheme, or not where they belong. */
export const otherCredentials: Group = ({ good }) => [
  { name: 'nothing', answer: 'no credentials', headers: [] },
  ...['Basic', 'Digest', 'DPoP', 'JWT', 'Token', 'MAC', 'Negotiate', 'Bearerx', 'Bearer-Token', 'xBearer', 'OAuth'].map(
    (scheme) => authorization(`${scheme} ${good}`, 'no credentials'),
  ),
  ...['Basic', 'Bearer2', good].map((value) => authorization(value, 'no credentials')),
  ...['Proxy-Authorization', 'X-Authorization', 'X-Forwarded-Authorization', 'Authorization2', 'Token'].map(
    (name): ConformanceRequest => ({
      name: `the header ${name}`,
      answer: 'no credentials',
      headers: [`${name}: Bearer ${good}`],
    }),
  ),
  {
    name: 'a cookie',
    answer: 'no credentials',
    headers: [`Cookie: access_token=${good}; authorization=Bearer ${good}`],
  },
  { name: 'the query', answer: 'no credentials', requestLine: `GET /products?access_token=${good}`, headers: [] },
  {
    name: 'the query as if it were a header',
    answer: 'no credentials',
    requestLine: `GET /products?authorization=Bearer%20${good}&Authorization=Bearer%20${good}`,
    headers: [],
  },
  {
    name: 'the form',
    answer: 'no credentials',
    requestLine: 'POST /products',
    headers: [form],
    body: `access_token=${good}`,
  },
  {
    name: 'JSON',
    answer: 'no credentials',
    requestLine: 'POST /products',
    headers: ['Content-Type: application/json'],
    body: JSON.stringify({ access_token: good, authorization: `Bearer ${good}` }),
  },
];

const form = 'Content-Type: application/x-www-form-urlencoded';

/** More than one token, or one in more than one place. */
export const repeatedCredentials: Group = ({ good }) => {
  const value = `Bearer ${good}`;
  const pairs = [
    [value, value],
    [value, 'Bearer x'],
    ['Bearer x', value],
    [value, 'Basic dTpw'],
    ['Basic dTpw', value],
    ['Basic dTpw', 'Basic dTpw'],
    [value, ''],
    ['', value],
  ];
  const names = ['Authorization', 'authorization', 'AUTHORIZATION', 'aUtHoRiZaTiOn'];
  const queries = [
    `access_token=${good}`,
    'access_token=',
    'access_token',
    'a=b&access_token=x',
    '%61ccess_token=x',
    'access%5Ftoken=x',
    'access_token=x&access_token=y',
  ];
  const forms = [
    `access_token=${good}`,
    'access_token=',
    'a=b&access_token=x',
    '%61ccess_token=x',
    'access_token=x&access_token=y',
  ];
  return [
    ...pairs.map(([first, second]) => ({
      name: `${shown(first)} and ${shown(second)}`,
      answer: 'invalid request' as const,
      headers: [`Authorization: ${first}`, `Authorization: ${second}`],
    })),
    ...names.map((name) => ({
      name: `Authorization and ${name}, with a header between`,
      answer: 'invalid request' as const,
      headers: [`Authorization: ${value}`, 'Accept: */*', `${name}: ${value}`],
    })),
    ...queries.map((query) =>
      bearer(`header and query ${shown(query)}`, 'invalid request', good, { requestLine: `GET /products?${query}` }),
    ),
    ...forms.map((body) => ({
      name: `header and form ${shown(body)}`,
      answer: 'invalid request' as const,
      requestLine: 'POST /products',
      headers: [`Authorization: ${value}`, form],
      body,
    })),
  ];
};

/** Queries and forms that name a member of a token, which some parsers read as a list or an object. */
export const tokensWithMembers: Group = ({ good }) => {
  const fields = ['[]', '[a]', '[toString]', '[valueOf]', '[][toString]', '[a][b][c]', '[__proto__]', '[length]'];
  return fields.flatMap((field) => {
    const parameter = `access_token${field}=x`;
    return [
      bearer(`header and query ${parameter}`, 'invalid request', good, { requestLine: `GET /products?${parameter}` }),
      {
        name: `header and form ${parameter}`,
        answer: 'invalid request' as const,
        requestLine: 'POST /products',
        headers: [`Authorization: Bearer ${good}`, form],
        body: parameter,
      },
    ];
  });
};

function authorization(value: string, answer: ConformanceRequest['answer']): ConformanceRequest {
  return { name: `Authorization: ${shown(value)}`, answer, headers: [`Authorization: ${value}`] };
}
