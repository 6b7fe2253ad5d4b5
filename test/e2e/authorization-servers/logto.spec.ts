import { expect } from '@jest/globals';
import { logto } from '../../../lib/authorization-servers/logto.js';
import { invalid, replayProduct, unknownRefused, type Product } from './product.js';

const issuer = 'https://acme.logto.app/oidc';
const resource = 'https://shop-api';
const refused = (status: number, error: string, description: string): Product['errors'][number][1] => ({
  status,
  headers: status === 401 ? { 'www-authenticate': 'Basic realm="oidc"' } : {},
  body: { code: `oidc.${error}`, message: description, error, error_description: description },
});

const product: Product = {
  server: logto({ endpoint: 'https://acme.logto.app/' }),
  client: { clientId: 'orders', clientSecret: 's3cr3t+/:é', resource, scope: 'read:products' },
  resourceServer: { audience: resource },
  metadata: {
    url: `${issuer}/.well-known/openid-configuration`,
    body: { token_endpoint: `${issuer}/token`, jwks_uri: `${issuer}/jwks` },
  },
  key: { alg: 'ES384' },
  request: {
    url: `${issuer}/token`,
    authorization: `Basic ${Buffer.from('orders:s3cr3t%2B%2F%3A%C3%A9').toString('base64')}`,
    body: { grant_type: 'client_credentials', resource, scope: 'read:products' },
  },
  response: { expires_in: 3600, token_type: 'Bearer', scope: 'read:products' },
  granted: ['read:products'],
  header: { typ: 'at+jwt' },
  claims: { sub: 'orders', client_id: 'orders', aud: resource, scope: 'read:products', jti: 'j' },
  caller: { clientId: 'orders', issuer, audience: [resource], scopes: ['read:products'], organization: undefined },
  accepted: [
    [
      'an organization beside the resource',
      { organization_id: 'org1' },
      { kind: 'machine', organization: 'org1', audience: [resource] },
    ],
    ['a machine without scopes', { scope: undefined }, { kind: 'machine', scopes: [] }],
  ],
  refused: [
    ['what may be a user', { sub: 'k2j3h4' }, unknownRefused],
    ['an ID token', { aud: 'spa', sub: 'k2j3h4', client_id: undefined, at_hash: 'h' }, invalid('not-an-access-token')],
    ['another resource, by a slash', { aud: `${resource}/` }, invalid('audience')],
    ['an organization instead of the resource', { aud: 'urn:logto:organization:org1' }, invalid('audience')],
  ],
  errors: [
    ['wrong secret', refused(401, 'invalid_client', 'client authentication failed'), { error: 'invalid_client' }],
    ['unknown client', refused(400, 'invalid_client', 'invalid client orders'), { error: 'invalid_client' }],
    [
      'expired secret',
      refused(400, 'invalid_request', 'client secret has expired'),
      { error: 'invalid_request', errorDescription: 'client secret has expired' },
    ],
    [
      'unknown resource',
      refused(400, 'invalid_target', 'resource indicator is missing, or unknown'),
      { error: 'invalid_target', details: expect.objectContaining({ code: 'oidc.invalid_target' }) },
    ],
    [
      'quota used up, not in the shape of OAuth',
      { status: 429, body: { code: 'subscription.limit_exceeded', message: 'Token quota exceeded.' } },
      { error: 'http_429', errorDescription: 'Token quota exceeded.' },
    ],
  ],
};

replayProduct('Logto', product);

replayProduct('Logto, an old tenant with an RSA key', {
  ...product,
  key: { alg: 'RS256', members: { alg: undefined } },
  refused: [],
  errors: [],
});

replayProduct('Logto, an organization without a resource', {
  ...product,
  client: { clientId: 'orders', clientSecret: 's3cr3t', organization: 'org1', scope: 'read:products' },
  resourceServer: { audience: 'urn:logto:organization:org1', allowedOrganizations: ['org1'] },
  request: {
    ...product.request,
    authorization: `Basic ${Buffer.from('orders:s3cr3t').toString('base64')}`,
    body: { grant_type: 'client_credentials', organization_id: 'org1', scope: 'read:products' },
  },
  response: { expires_in: 3600, token_type: 'Bearer', scope: '' },
  granted: [],
  claims: { sub: 'orders', client_id: 'orders', aud: 'urn:logto:organization:org1' },
  caller: { clientId: 'orders', organization: 'org1', scopes: [] },
  accepted: [],
  refused: [['another organization', { aud: 'urn:logto:organization:org2' }, invalid('audience')]],
  errors: [],
});
