import { keycloak } from '../../../lib/authorization-servers/keycloak.js';
import { invalid, replayProduct, unknownRefused, userRefused, type Product } from './product.js';

const issuer = 'https://sso.example.com/realms/acme';
const protocol = `${issuer}/protocol/openid-connect`;

const product: Product = {
  server: keycloak({ url: 'https://sso.example.com/', realm: 'acme' }),
  client: { clientId: 'orders', clientSecret: 's3cr3t', scope: 'shop' },
  resourceServer: { audience: 'shop-api' },
  metadata: {
    url: `${issuer}/.well-known/openid-configuration`,
    body: { token_endpoint: `${protocol}/token`, jwks_uri: `${protocol}/certs` },
  },
  key: {
    alg: 'RS256',
    members: { x5c: ['MIIC'], x5t: 'abc', 'x5t#S256': 'def' },
    beside: [{ kty: 'RSA', use: 'enc', alg: 'RSA-OAEP', kid: 'enc-1', n: 'AQAB', e: 'AQAB' }],
  },
  request: {
    url: `${protocol}/token`,
    body: { grant_type: 'client_credentials', client_id: 'orders', client_secret: 's3cr3t', scope: 'shop' },
  },
  response: {
    expires_in: 300,
    refresh_expires_in: 0,
    token_type: 'Bearer',
    'not-before-policy': 0,
    scope: 'profile shop email',
  },
  granted: ['profile', 'shop', 'email'],
  header: { typ: 'JWT' },
  claims: {
    aud: ['shop-api', 'account'],
    sub: 'f0e1',
    typ: 'Bearer',
    azp: 'orders',
    acr: '1',
    scope: 'profile shop email',
    client_id: 'orders',
    preferred_username: 'service-account-orders',
    realm_access: { roles: ['realm-admin'] },
    resource_access: { 'shop-api': { roles: ['read:products'] }, account: { roles: ['manage-account'] } },
  },
  caller: { clientId: 'orders', issuer, subject: 'f0e1', scopes: ['profile', 'shop', 'email', 'read:products'] },
  accepted: [
    ['a token of the at+jwt profile without roles', { resource_access: undefined }, { kind: 'machine' }],
    ['a machine with a session', { sid: 's' }, { kind: 'machine' }],
    ['a machine of version 20', { client_id: undefined, clientId: 'orders' }, { kind: 'machine' }],
  ],
  refused: [
    ['a user', { client_id: undefined, sid: 's', auth_time: 1_700_000_000, preferred_username: 'alice' }, userRefused],
    ['a machine with a session, but without the claim', { client_id: undefined, sid: 's' }, unknownRefused],
    ['a user who chose the name of a service account', { client_id: undefined }, unknownRefused],
    [
      'an ID token',
      { typ: 'ID', aud: 'shop-api', azp: 'shop-api', client_id: undefined },
      invalid('not-an-access-token'),
    ],
    ['a refresh token', { typ: 'Refresh' }, invalid('not-an-access-token')],
    [
      'a token that is bound to a key (DPoP)',
      { typ: 'DPoP', cnf: { jkt: 'abc', 'kc-jkt-type': 'access_token' } },
      invalid('sender-constrained'),
    ],
    ['a token that says it is bound, and names no key', { typ: 'DPoP' }, invalid('not-an-access-token')],
    ['another audience', { aud: 'account' }, invalid('audience')],
    ['no audience, even with roles for this API', { aud: undefined }, invalid('audience')],
    ['two clients', { azp: 'billing' }, invalid('claims')],
    ['two clients in version 20', { client_id: undefined, clientId: 'billing' }, invalid('claims')],
    ['another realm', { iss: 'https://sso.example.com/realms/master' }, invalid('issuer')],
  ],
  errors: [
    [
      'wrong secret',
      {
        status: 401,
        body: { error: 'unauthorized_client', error_description: 'Invalid client or Invalid client credentials' },
      },
      { error: 'unauthorized_client', errorDescription: 'Invalid client or Invalid client credentials' },
    ],
  ],
};

replayProduct('Keycloak', product);

replayProduct('Keycloak, with users let in', {
  ...product,
  resourceServer: { audience: 'shop-api', callers: 'any' },
  accepted: [
    [
      'a user of an older version, whose access token holds a nonce',
      { client_id: undefined, sid: 's', auth_time: 1_700_000_000, nonce: 'n' },
      { kind: 'user', clientId: 'orders' },
    ],
    ['a machine without the client scope service_account', { client_id: undefined }, { kind: 'unknown' }],
    [
      'an exchanged token, as that of the exchanging client',
      { client_id: undefined, azp: 'gateway' },
      { kind: 'unknown', clientId: 'gateway' },
    ],
  ],
  refused: [['an ID token', { typ: 'ID', nonce: 'n' }, invalid('not-an-access-token')]],
  errors: [],
});
