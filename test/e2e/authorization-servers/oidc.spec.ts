import { expect } from '@jest/globals';
import { oidc } from '../../../lib/authorization-servers/oidc.js';
import { invalid, replayProduct, unknownRefused, type Product } from './product.js';

const issuer = 'https://id.example.com';
const resource = 'https://shop-api';

const oidcProvider: Product = {
  server: oidc({ issuer }),
  client: { clientId: 'orders', clientSecret: 's3cr3t:+', resource, scope: 'read write' },
  resourceServer: { audience: resource },
  metadata: {
    url: `${issuer}/.well-known/openid-configuration`,
    body: { token_endpoint: `${issuer}/token`, jwks_uri: `${issuer}/jwks` },
  },
  key: { alg: 'RS256' },
  request: {
    url: `${issuer}/token`,
    authorization: `Basic ${Buffer.from('orders:s3cr3t%3A%2B').toString('base64')}`,
    body: { grant_type: 'client_credentials', resource, scope: 'read write' },
  },
  response: { expires_in: 600, token_type: 'Bearer', scope: 'read write' },
  granted: ['read', 'write'],
  header: { typ: 'at+jwt' },
  claims: { client_id: 'orders', aud: resource, scope: 'read write', jti: 'j' },
  caller: { clientId: 'orders', issuer, subject: undefined, audience: [resource], scopes: ['read', 'write'] },
  accepted: [
    ['a machine whose subject is itself', { sub: 'orders' }, { kind: 'machine', subject: 'orders' }],
    ['scopes in scp', { scope: undefined, scp: ['read'] }, { scopes: ['read'] }],
  ],
  refused: [
    ['what may be a user', { sub: 'alice' }, unknownRefused],
    ['a client in sub', { sub: 'orders', client_id: undefined }, invalid('client')],
    ['an ID token', { aud: 'orders', sub: 'alice', nonce: 'n' }, invalid('not-an-access-token')],
    ['another audience', { aud: 'https://billing-api' }, invalid('audience')],
    ['no audience', { aud: undefined }, invalid('audience')],
    ['a client that was named as the API is', { client_id: resource, aud: [resource] }, invalid('audience')],
    ['two clients', { azp: 'billing' }, invalid('claims')],
    ['another issuer', { iss: `${issuer}/` }, invalid('issuer')],
  ],
  errors: [
    [
      'wrong secret, with a challenge',
      {
        status: 401,
        headers: { 'www-authenticate': `Basic realm="${issuer}"` },
        body: { error: 'invalid_client', error_description: 'client authentication failed' },
      },
      { error: 'invalid_client', errorDescription: 'client authentication failed' },
    ],
    [
      'unknown resource',
      {
        status: 400,
        body: { error: 'invalid_target', error_description: 'resource indicator is missing, or unknown' },
      },
      { error: 'invalid_target' },
    ],
    ['wrong secret at glewlwyd, without a word', { status: 403 }, { error: 'http_403', errorDescription: undefined }],
  ],
};

replayProduct('oidc-provider', oidcProvider);

replayProduct('better-auth', {
  ...oidcProvider,
  key: { alg: 'EdDSA', members: { use: undefined } },
  claims: { azp: 'orders', client_id: 'orders', sub: 'orders', aud: resource, scope: 'read write' },
  caller: { clientId: 'orders', scopes: ['read', 'write'] },
  accepted: [],
  errors: [
    [
      'too many requests, in a shape of its own',
      {
        status: 429,
        headers: { 'x-retry-after': '60', 'content-type': 'text/plain' },
        body: '{"message":"Too many requests. Please try again later."}',
      },
      { error: 'http_429', errorDescription: expect.stringContaining('Too many requests'), retryAfter: 60 },
    ],
    ['JSON in place of a form', { status: 415, body: { message: 'Unsupported Media Type' } }, { error: 'http_415' }],
  ],
  refused: [['what may be a user', { sub: 'alice' }, unknownRefused]],
});

replayProduct('LemonLDAP::NG', {
  ...oidcProvider,
  key: { alg: 'RS256', members: { alg: undefined } },
  response: { expires_in: 3600, token_type: 'Bearer' },
  header: { typ: 'JWT' },
  claims: { client_id: 'orders', sub: 'orders', aud: ['orders', resource], scope: 'read write' },
  caller: { clientId: 'orders', audience: [resource], scopes: ['read', 'write'] },
  accepted: [],
  refused: [['its own client id as the audience', { aud: ['orders'] }, invalid('audience')]],
  errors: [['wrong secret by post', { status: 400, body: { error: 'invalid_client' } }, { error: 'invalid_client' }]],
});
