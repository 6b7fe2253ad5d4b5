import { simpleIdServer } from '../../../lib/authorization-servers/simple-id-server.js';
import { invalid, replayProduct, userRefused, type Product } from './product.js';

const issuer = 'https://id.example.com/master';

const product: Product = {
  server: simpleIdServer({ url: 'https://id.example.com', realm: 'master' }),
  client: { clientId: 'orders', clientSecret: 's3cr3t', scope: ['write', 'read', 'read'] },
  resourceServer: { audience: 'shop' },
  metadata: {
    url: `${issuer}/.well-known/openid-configuration`,
    body: {
      token_endpoint: `${issuer}/token`,
      jwks_uri: `${issuer}/jwks`,
      id_token_signing_alg_values_supported: ['RS256', 'none'],
    },
  },
  key: {
    alg: 'RS256',
    members: { key_ops: [], x5c: [] },
    beside: [{ kty: 'RSA', use: 'enc', alg: 'RSA1_5', kid: 'enc-1', n: 'AQAB', e: 'AQAB', key_ops: [], x5c: [] }],
  },
  request: {
    url: `${issuer}/token`,
    body: { grant_type: 'client_credentials', client_id: 'orders', client_secret: 's3cr3t', scope: 'read write' },
  },
  response: { token_type: 'Bearer', expires_in: 1800, refresh_token: 'r3fr3sh', scope: 'read write' },
  granted: ['read', 'write'],
  header: { typ: 'JWT' },
  claims: { client_id: 'orders', aud: ['shop'], scope: ['read', 'write'] },
  caller: { clientId: 'orders', issuer, subject: undefined, audience: ['shop'], scopes: ['read', 'write'] },
  accepted: [['several API resources', { aud: ['billing', 'shop'] }, { audience: ['billing', 'shop'] }]],
  refused: [
    ['a user', { sub: 'alice' }, userRefused],
    ['its own client id as the audience', { aud: ['orders'] }, invalid('audience')],
    ['a client that was named as the API is', { client_id: 'shop' }, invalid('audience')],
    ['an ID token', { aud: ['orders'], sub: 'alice', nonce: 'n', scope: undefined }, invalid('not-an-access-token')],
    ['another realm', { iss: 'https://id.example.com/other' }, invalid('issuer')],
  ],
  errors: [
    [
      'wrong secret',
      { status: 400, body: { error: 'invalid_client', error_description: 'bad client credential' } },
      { error: 'invalid_client', errorDescription: 'bad client credential' },
    ],
    [
      'unknown client',
      { status: 400, body: { error: 'invalid_client', error_description: 'unknown client orders' } },
      { error: 'invalid_client' },
    ],
    [
      'ungranted scope',
      { status: 400, body: { error: 'invalid_scope', error_description: 'unauthorized to scopes : write' } },
      { error: 'invalid_scope', errorDescription: 'unauthorized to scopes : write' },
    ],
  ],
};

replayProduct('SimpleIdServer', product);

replayProduct('SimpleIdServer without realms, and with the name of a resource', {
  ...product,
  server: simpleIdServer({ url: 'https://id.example.com' }),
  client: { ...product.client, resource: 'shop' },
  metadata: {
    url: 'https://id.example.com/.well-known/openid-configuration',
    body: { jwks_uri: 'https://id.example.com/jwks' },
  },
  request: { url: 'https://id.example.com/token', body: { ...product.request.body, resource: 'shop' } },
  caller: { ...product.caller, issuer: 'https://id.example.com' },
  refused: [['a realm', { iss: issuer }, invalid('issuer')]],
  errors: [],
});
