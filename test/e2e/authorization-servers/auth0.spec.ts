import { expect } from '@jest/globals';
import { auth0 } from '../../../lib/authorization-servers/auth0.js';
import { invalid, replayProduct, userRefused } from './product.js';

const issuer = 'https://acme.eu.auth0.com/';
const audience = 'https://shop-api';

replayProduct('Auth0', {
  server: auth0({ domain: 'acme.eu.auth0.com' }),
  client: { clientId: 'orders', clientSecret: 's3cr3t-_~', audience },
  resourceServer: { audience },
  metadata: {
    url: `${issuer}.well-known/openid-configuration`,
    body: { token_endpoint: `${issuer}oauth/token`, jwks_uri: `${issuer}.well-known/jwks.json` },
  },
  key: { alg: 'RS256', members: { x5t: 'abc', x5c: ['MIIC'] } },
  request: {
    url: `${issuer}oauth/token`,
    body: { grant_type: 'client_credentials', client_id: 'orders', client_secret: 's3cr3t-_~', audience },
  },
  response: { scope: 'read:products write:products', expires_in: 86400, token_type: 'Bearer' },
  responseHeaders: { 'auth0-client-quota-limit': 'b=per_hour;q=10;r=7;t=3540,b=per_day;q=100;r=97;t=80000' },
  granted: ['read:products', 'write:products'],
  header: { typ: 'JWT' },
  claims: {
    sub: 'orders@clients',
    aud: audience,
    azp: 'orders',
    scope: 'read:products write:products',
    gty: 'client-credentials',
    permissions: ['read:products', 'export:products'],
  },
  caller: {
    clientId: 'orders',
    issuer,
    subject: 'orders@clients',
    audience: [audience],
    scopes: ['read:products', 'write:products', 'export:products'],
    organization: undefined,
  },
  accepted: [
    [
      'a machine of the RFC 9068 profile, in an organization',
      { azp: undefined, gty: undefined, client_id: 'orders', sub: 'orders', org_id: 'org_1', org_name: 'acme' },
      { clientId: 'orders', kind: 'machine', organization: 'org_1' },
    ],
  ],
  refused: [
    [
      'a user, whatever its permissions are',
      { sub: 'auth0|alice', gty: undefined, aud: [audience, `${issuer}userinfo`] },
      userRefused,
    ],
    [
      'an ID token',
      { azp: undefined, aud: 'orders', sub: 'auth0|alice', nonce: 'n', scope: undefined },
      invalid('not-an-access-token'),
    ],
    ['another audience', { aud: `${audience}/` }, invalid('audience')],
    ['no client', { azp: undefined }, invalid('client')],
    ['two clients', { client_id: 'billing' }, invalid('claims')],
    ['an issuer without its slash', { iss: issuer.slice(0, -1) }, invalid('issuer')],
  ],
  errors: [
    [
      'wrong secret',
      { status: 401, body: { error: 'access_denied', error_description: 'Unauthorized' } },
      { error: 'access_denied', errorDescription: 'Unauthorized' },
    ],
    [
      'audience not granted',
      {
        status: 403,
        body: {
          error: 'access_denied',
          error_description: `Client is not authorized to access "${audience}". You need to create a "client-grant" associated to this API.`,
        },
      },
      { error: 'access_denied', errorDescription: expect.stringContaining('is not authorized to access') },
    ],
    [
      'quota used up, for up to a day',
      {
        status: 429,
        headers: { 'retry-after': '86400' },
        body: { error: 'too_many_requests', error_description: 'Client quota exceeded' },
      },
      { error: 'too_many_requests', retryAfter: 3600 },
    ],
  ],
});
