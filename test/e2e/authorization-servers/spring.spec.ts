import { expect } from '@jest/globals';
import { spring } from '../../../lib/authorization-servers/spring.js';
import { invalid, replayProduct, unknownRefused, type Product } from './product.js';

const issuer = 'https://id.example.com';

const stock: Product = {
  server: spring({ issuer }),
  client: { clientId: 'orders', clientSecret: 's3cr3t:+', scope: 'read write' },
  resourceServer: { audience: null, allowedClients: ['orders'] },
  metadata: {
    url: `${issuer}/.well-known/openid-configuration`,
    body: { token_endpoint: `${issuer}/oauth2/token`, jwks_uri: `${issuer}/oauth2/jwks` },
  },
  key: { alg: 'RS256' },
  request: {
    url: `${issuer}/oauth2/token`,
    authorization: `Basic ${Buffer.from('orders:s3cr3t%3A%2B').toString('base64')}`,
    body: { grant_type: 'client_credentials', scope: 'read write' },
  },
  response: { token_type: 'Bearer', expires_in: 599, scope: 'read write' },
  granted: ['read', 'write'],
  header: {},
  claims: { sub: 'orders', aud: 'orders', nbf: 1, scope: ['read', 'write'], jti: 'j' },
  caller: { clientId: 'orders', issuer, subject: 'orders', audience: [], scopes: ['read', 'write'] },
  accepted: [['its audience in a list', { aud: ['orders'] }, { clientId: 'orders' }]],
  refused: [
    ['a user, whose audience is the client', { sub: 'alice', aud: 'orders' }, invalid('client')],
    ['another audience beside its own', { aud: ['orders', 'https://shop-api'] }, invalid('client')],
    ['no audience', { aud: undefined }, invalid('client')],
    ['another client', { sub: 'billing', aud: 'billing' }, { code: 'ERR_M2M_CALLER_NOT_ALLOWED' }],
    ['an ID token', { nonce: 'n' }, invalid('not-an-access-token')],
  ],
  errors: [
    ['wrong secret, without a word', { status: 401 }, { error: 'http_401' }],
    ['wrong secret', { status: 401, body: { error: 'invalid_client' } }, { error: 'invalid_client' }],
  ],
};

replayProduct('Spring Authorization Server', stock);

replayProduct('Spring Authorization Server with a token customizer', {
  ...stock,
  resourceServer: { audience: 'https://shop-api' },
  claims: { ...stock.claims, aud: ['https://shop-api'], client_id: 'orders' },
  caller: { clientId: 'orders', audience: ['https://shop-api'], scopes: ['read', 'write'] },
  accepted: [],
  refused: [
    ['what may be a user', { sub: 'alice' }, unknownRefused],
    ['two clients', { azp: 'billing' }, invalid('claims')],
    [
      'a stock token, with what to write',
      { aud: 'orders', client_id: undefined },
      { ...invalid('audience'), message: expect.stringContaining('write audience: null with allowedClients') },
    ],
  ],
  errors: [],
});
