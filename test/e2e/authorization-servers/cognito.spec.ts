import { expect } from '@jest/globals';
import { cognito } from '../../../lib/authorization-servers/cognito.js';
import { invalid, replayProduct, userRefused } from './product.js';

const issuer = 'https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_AbCdEfGhI';
const audience = 'https://shop-api';
const scope = `${audience}/products.read ${audience}/products.write`;

replayProduct('Cognito', {
  server: cognito({ region: 'eu-west-1', userPoolId: 'eu-west-1_AbCdEfGhI' }),
  client: { clientId: '1example23456789', clientSecret: 's3cr3t+/= with %', scope },
  resourceServer: { audience },
  metadata: {
    url: `${issuer}/.well-known/openid-configuration`,
    body: {
      token_endpoint: 'https://acme.auth.eu-west-1.amazoncognito.com/oauth2/token',
      jwks_uri: `${issuer}/.well-known/jwks.json`,
    },
  },
  key: { alg: 'RS256', members: { kid: 'kid/with+slash/and=' } },
  request: {
    url: 'https://acme.auth.eu-west-1.amazoncognito.com/oauth2/token',
    authorization: `Basic ${Buffer.from('1example23456789:s3cr3t+/= with %').toString('base64')}`,
    body: { grant_type: 'client_credentials', scope },
  },
  response: { expires_in: 3600, token_type: 'Bearer' },
  granted: scope.split(' '),
  header: {},
  claims: {
    sub: '1example23456789',
    token_use: 'access',
    scope,
    auth_time: 1_767_225_600,
    version: 2,
    jti: 'aaaaaaaa',
    client_id: '1example23456789',
  },
  caller: { clientId: '1example23456789', audience: [audience], scopes: scope.split(' ') },
  accepted: [],
  refused: [
    ['a user', { sub: 'f3a1', username: 'alice', 'cognito:groups': ['admin'] }, userRefused],
    [
      'who cannot be told from a user',
      { sub: 'f3a1' },
      { code: 'ERR_M2M_CALLER_NOT_ALLOWED', message: expect.stringContaining('does not tell a machine from a user') },
    ],
    ['an ID token', { token_use: 'id', aud: audience }, invalid('not-an-access-token')],
    ['no token_use', { token_use: undefined }, invalid('not-an-access-token')],
    ["another resource server's scopes", { scope: `${audience}/v2/products.read other/read` }, invalid('audience')],
    ['no scopes, even with an audience', { scope: undefined, aud: audience }, invalid('audience')],
  ],
  errors: [
    [
      'wrong secret or unknown client, without a word',
      { status: 400, body: { error: 'invalid_client' } },
      { error: 'invalid_client', errorDescription: undefined },
    ],
    ['unknown scope', { status: 400, body: { error: 'invalid_scope' } }, { error: 'invalid_scope' }],
  ],
});
