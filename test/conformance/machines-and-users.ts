import { bearer, type ConformanceRequest, type Group } from './conformance-request.js';
import { forgedSignatures, hostileHeaders } from './hostile-tokens.js';

/** A route that takes users' tokens too, and from anybody who brings one anywhere. */
const requestLine = 'GET /either';

const alice = { sub: 'alice', client_id: 'spa', auth_time: 1_700_000_000 };

type Sent = Omit<ConformanceRequest, 'name' | 'answer'>;

function posted(type: string, body: string): Sent {
  return { requestLine: 'POST /either', headers: [`Content-Type: application/${type}`], body };
}

/** Machines that a strategy for users would let in, on a route that takes both. */
export const machinesAmongUsers: Group = (world) => {
  const { issuer, partner, tenants, rsa, partnerKey, tenantsKey, good } = world;
  const user = issuer.mintWith(rsa, alice);
  const machine = (claims: object): string => issuer.mintWith(rsa, { ...claims });
  const expired = { exp: Math.floor(Date.now() / 1000) - 600 };
  const malformed = [
    [`Authorization: Bearer ${user} x`],
    [`Authorization: Bearer ${user}, Bearer ${user}`],
    [`Authorization: Bearer ${user}`, `Authorization: Bearer ${user}`],
    [`Authorization: "Bearer" ${user}`],
  ];
  const elsewhere: Readonly<Record<string, Sent>> = {
    'a cookie': { requestLine, headers: [`Cookie: session=${good}`] },
    "a cookie beside a user's": { requestLine, headers: [`Cookie: session=${user}; machine=${good}`] },
    'a header of its own': { requestLine, headers: [`X-Access-Token: ${good}`] },
    'the scheme JWT': { requestLine, headers: [`Authorization: JWT ${good}`] },
    'the scheme Basic': { requestLine, headers: [`Authorization: Basic ${good}`] },
    'the query': { requestLine: `${requestLine}?access_token=${good}`, headers: [] },
    'the query, escaped': { requestLine: `${requestLine}?token=${good.replaceAll('.', '%2E')}`, headers: [] },
    'the scheme DPoP': { requestLine, headers: [`Authorization: DPoP ${good}`] },
    'the scheme Token': { requestLine, headers: [`Authorization: Token token=${good}`] },
    'the password of Basic': { requestLine, headers: [`Authorization: Basic ${btoa(`x:${good}`)}`] },
    'a cookie, escaped': { requestLine, headers: [`Cookie: session=${good.replace('e', '%65')}`] },
    'a cookie without its signature': { requestLine, headers: [`Cookie: payload=${good.split('.')[1]}`] },
    'a long header of another scheme': {
      requestLine,
      headers: [`Authorization: Basic ${'x'.repeat(17_000)}`, `Cookie: session=${user}`],
    },
  };
  const unknown = machine({ sub: 'f0e1' });
  const places: Readonly<Record<string, readonly string[]>> = {
    'a cookie': [`Cookie: session=${unknown}`],
    'the scheme JWT': [`Authorization: JWT ${unknown}`],
  };
  const userElsewhere = ['JWT', 'DPoP', 'Token', 'Basic', 'Bearer2'].map(
    (scheme) => `Authorization: ${scheme} ${user}`,
  );
  return [
    ...[...hostileHeaders(world), ...forgedSignatures(world)].map((request) => ({ ...request, requestLine })),
    bearer('a machine without the scope', 'lacks read', machine({ scope: '' }), { requestLine }),
    bearer('a machine with another scope', 'lacks read', machine({ scope: 'write:products' }), { requestLine }),
    bearer('an expired machine', 'invalid token', machine(expired), { requestLine }),
    bearer("another API's machine", 'invalid token', machine({ aud: 'https://other.test' }), { requestLine }),
    bearer('a machine that names two clients', 'invalid token', machine({ azp: 'another' }), { requestLine }),
    bearer('a machine of no allowed organization', 'not allowed', tenants.mintWith(tenantsKey), { requestLine }),
    bearer("a partner's machine", 'lacks read', partner.mintWith(partnerKey, { scope: 'admin' }), { requestLine }),
    bearer('a token that does not tell', 'not allowed', unknown, { requestLine }),
    bearer('a service account of Keycloak', 'not allowed', machine({ sub: 'f0e1', typ: 'Bearer', sid: 's' }), {
      requestLine,
    }),
    bearer('a user whose token is no JWS in compact serialization', 'invalid token', `${user}.x`, { requestLine }),
    bearer('a user after something else', 'invalid token', `x.${user}`, { requestLine }),
    bearer('a user beside a machine in a cookie', 'not allowed', user, {
      requestLine,
      headers: [`Authorization: Bearer ${user}`, `Cookie: session=${good}`],
    }),
    bearer('a user beside a token in a cookie that does not tell', 'not allowed', user, {
      requestLine,
      headers: [`Authorization: Bearer ${user}`, `Cookie: session=${unknown}`],
    }),
    ...Object.entries(places).map(([place, headers]): ConformanceRequest => ({
      name: `a token that does not tell in ${place}`,
      answer: 'no credentials',
      requestLine,
      headers,
    })),
    ...userElsewhere.map((header): ConformanceRequest => ({
      name: `a user of an accepted issuer in ${header.slice(0, 22)}`,
      answer: 'no credentials',
      requestLine,
      headers: [header],
    })),
    bearer('a machine beside a user in a cookie', 'lacks read', machine({ scope: '' }), {
      requestLine,
      headers: [`Authorization: Bearer ${machine({ scope: '' })}`, `Cookie: session=${user}`],
    }),
    bearer('no JWT', 'invalid token', 'opaque', { requestLine }),
    ...malformed.map((headers, index): ConformanceRequest => ({
      name: `a user's token in malformed credentials, ${index}`,
      answer: 'invalid request',
      requestLine,
      headers,
    })),
    ...Object.entries(elsewhere).map(([place, request]): ConformanceRequest => ({
      name: `a good machine in ${place}`,
      answer: 'no credentials',
      ...request,
    })),
    { name: 'nothing', answer: 'no credentials', requestLine, headers: [] },
    { name: 'Basic', answer: 'no credentials', requestLine, headers: ['Authorization: Basic dTpw'] },
  ];
};

/** Machines that have what the route needs, and whomever the strategy for users takes. */
export const machinesAndUsers: Group = ({ issuer, rsa, good, stranger }) => [
  bearer('a machine', 'ok', good, { requestLine }),
  bearer('a user, whom the scopes of machines do not bind', 'ok', issuer.mintWith(rsa, { ...alice, scope: '' }), {
    requestLine,
  }),
  bearer('a user of another issuer', 'ok', issuer.mintWith(stranger, { iss: 'https://users.test', sub: 'alice' }), {
    requestLine,
  }),
  {
    name: 'a user by a cookie',
    answer: 'ok',
    requestLine,
    headers: [`Cookie: session=${issuer.mintWith(rsa, alice)}`],
  },
  {
    name: 'a user of another issuer by another scheme',
    answer: 'ok',
    requestLine,
    headers: [`Authorization: JWT ${issuer.mintWith(stranger, { iss: 'https://users.test', sub: 'alice' })}`],
  },
  ...[
    posted('x-www-form-urlencoded', `access_token=${good}`),
    posted('x-www-form-urlencoded', `token=${good}`),
    posted('json', JSON.stringify({ access_token: good })),
  ].map((request, index): ConformanceRequest => ({
    name: `a body, which is left to the strategy for users, ${index}`,
    answer: 'ok',
    ...request,
  })),
];
