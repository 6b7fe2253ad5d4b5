import { bearer, shown, type Group } from './conformance-request.js';

/** Valid tokens of callers that may not do what they ask for. */
export const insufficientScopes: Group = ({ issuer, rsa }) => {
  const values: readonly unknown[] = [
    undefined,
    '',
    ' ',
    'read',
    'read:product',
    'read:productss',
    'Read:Products',
    'READ:PRODUCTS',
    'read:products,write:products',
    'read:products\t',
    'read:products\nwrite',
    '"read:products"',
    'read:*',
    '*',
    '.*',
    'read%3Aproducts',
    'read:products\u200b',
    'write:products',
    1,
    true,
    null,
    {},
    { 'read:products': true },
    [['read:products']],
    ['read:products write:products', 'x'],
    [1],
  ];
  const lacking = values.map((scope) =>
    bearer(`scope: ${shown(scope)}`, 'lacks read', issuer.mintWith(rsa, { scope }), { requestLine: 'GET /read' }),
  );
  const routes = [
    ['read:products', 'GET /write', 'lacks write'],
    ['write:products', 'GET /write', 'lacks write'],
    ['read:products write:products', 'GET /any', 'lacks any'],
    ['administrator', 'GET /any', 'lacks any'],
    ['', 'HEAD /read', 'lacks read'],
    ['', 'OPTIONS /read', 'lacks read'],
    ['', 'GET /inherited', 'lacks read'],
  ] as const;
  return [
    ...lacking,
    ...routes.map(([scope, requestLine, answer]) =>
      bearer(`${requestLine} with ${shown(scope)}`, answer, issuer.mintWith(rsa, { scope }), { requestLine }),
    ),
    bearer(
      'a permission is no scope',
      'lacks read',
      issuer.mintWith(rsa, { scope: '', permissions: ['read:products'], roles: ['read:products'] }),
      { requestLine: 'GET /read' },
    ),
  ];
};

/** Valid tokens of callers that are not among those allowed: users, other clients, partners' clients. */
export const foreignCallers: Group = ({ issuer, partner, rsa, partnerKey: theirs, stranger }) => {
  const clients = [
    'test-clien',
    'test-client ',
    ' test-client',
    'Test-Client',
    'test-client2',
    'test-client,other',
    '*',
    'constructor',
    '__proto__',
  ];
  return [
    ...['alice', 'auth0|123', 'test-client@clients', 'TEST-CLIENT', ''].map((sub) =>
      bearer(`the user ${shown(sub)}`, 'not allowed', issuer.mintWith(rsa, { sub })),
    ),
    bearer('a user by the email address', 'not allowed', issuer.mintWith(rsa, { sub: 'alice', email: 'a@test' })),
    bearer(
      'a service account of Keycloak under another factory',
      'not allowed',
      issuer.mintWith(rsa, { sub: 'f0e1', typ: 'Bearer', azp: 'test-client', client_id: 'test-client', sid: 's' }),
    ),
    bearer(
      'a machine of Auth0 under another factory',
      'not allowed',
      issuer.mintWith(rsa, { sub: 'test-client@clients', gty: 'client-credentials' }),
    ),
    ...clients.map((id) =>
      bearer(`the client ${shown(id)}`, 'not allowed', issuer.mintWith(rsa, { client_id: id, sub: id }), {
        requestLine: 'GET /clients',
      }),
    ),
    bearer("a partner's client of the same name", 'not allowed', partner.mintWith(theirs), {
      requestLine: 'GET /clients',
    }),
    bearer(
      "a primary client of a partner's name",
      'not allowed',
      issuer.mintWith(rsa, { client_id: 'billing', sub: 'billing' }),
      { requestLine: 'GET /partners' },
    ),
    bearer(
      "a partner's scope that is not honoured",
      'lacks write',
      partner.mintWith(theirs, { scope: 'read:products write:products' }),
      { requestLine: 'GET /write' },
    ),
    bearer("a partner's admin", 'lacks any', partner.mintWith(theirs, { scope: 'admin' }), { requestLine: 'GET /any' }),
    bearer("a partner's user", 'not allowed', partner.mintWith(theirs, { sub: 'alice' })),
    bearer(
      "a partner's token for our audience, not theirs",
      'invalid token',
      partner.mintWith(theirs, { aud: 'https://other.test' }),
    ),
    bearer("a partner's key under our name", 'invalid token', issuer.mintWith(theirs)),
    bearer("our key under a partner's name", 'invalid token', partner.mintWith(rsa)),
    bearer("a stranger's key under a partner's name", 'invalid token', partner.mintWith(stranger)),
  ];
};

/** Valid tokens that are for another API of the process. */
export const foreignAudiences: Group = ({ issuer, partner, rsa, partnerKey }) => {
  const requestLine = 'GET /admin';
  const audiences = [
    'https://api.test',
    ['https://api.test'],
    ['https://api.test', 'https://admin.test/'],
    ['https://api.test', 'HTTPS://ADMIN.TEST'],
    ['https://api.test', 'https://admin.test '],
    ['https://api.test', 'https://admin'],
    ['https://api.test', 'https://admin.test.evil'],
    ['https://api.test', 'https://api.test https://admin.test'],
    ['https://api.test', 'https://api.test,https://admin.test'],
    ['https://api.test', '*'],
    ['https://api.test', ''],
  ];
  const client = 'https://admin.test';
  const elsewhere = { client_id: client, sub: client, azp: client, resource: client, audience: client };
  return [
    ...audiences.map((aud) =>
      bearer(`for ${shown(aud)}`, 'invalid token', issuer.mintWith(rsa, { aud }), { requestLine }),
    ),
    bearer('in other claims', 'invalid token', issuer.mintWith(rsa, elsewhere), { requestLine }),
    bearer(
      'a client of the name of the API, whose server puts clients into aud',
      'invalid token',
      issuer.mintWith(rsa, { client_id: client, sub: client, aud: ['https://api.test', client] }),
      { requestLine },
    ),
    bearer(
      "a partner's token for an API that it is not trusted for",
      'invalid token',
      partner.mintWith(partnerKey, { aud: ['https://api.test', client] }),
      { requestLine },
    ),
    bearer('without a scope that lacks anyway', 'invalid token', issuer.mintWith(rsa, { scope: '' }), { requestLine }),
  ];
};

/** Valid tokens of organizations that are not let in, or of nobody's. */
export const foreignOrganizations: Group = ({ tenants, tenantsKey }) => {
  const values = [
    undefined,
    null,
    '',
    'org_evil',
    'ORG_ACME',
    'org_acme ',
    ' org_acme',
    'org_acm',
    'org_acme2',
    'org_acme,org_evil',
    'org_evil org_acme',
    ['org_acme'],
    ['org_evil', 'org_acme'],
    { org_acme: true },
    true,
    1,
    '*',
    'constructor',
    '__proto__',
  ];
  const elsewhere = { organization: 'org_acme', org_name: 'org_acme', tenant: 'org_acme', 'org_id ': 'org_acme' };
  return [
    ...values.map((value) =>
      bearer(`org_id: ${shown(value)}`, 'not allowed', tenants.mintWith(tenantsKey, { org_id: value })),
    ),
    ...Object.entries(elsewhere).map(([name, value]) =>
      bearer(`${name}: ${shown(value)}`, 'not allowed', tenants.mintWith(tenantsKey, { [name]: value })),
    ),
    bearer('where the scope is lacking too', 'not allowed', tenants.mintWith(tenantsKey, { scope: '' }), {
      requestLine: 'GET /read',
    }),
  ];
};
