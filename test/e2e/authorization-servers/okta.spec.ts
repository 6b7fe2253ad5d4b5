import { okta } from '../../../lib/authorization-servers/okta.js';
import { invalid, replayProduct, userRefused } from './product.js';

const issuer = 'https://acme.okta.com/oauth2/aus1';

replayProduct('Okta', {
  server: okta({ domain: 'acme.okta.com', authorizationServerId: 'aus1' }),
  client: { clientId: '0oa1', clientSecret: 's3cr3t', scope: 'products.read' },
  resourceServer: { audience: 'api://shop' },
  metadata: {
    url: `${issuer}/.well-known/openid-configuration`,
    body: { token_endpoint: `${issuer}/v1/token`, jwks_uri: `${issuer}/v1/keys` },
  },
  key: { alg: 'RS256' },
  request: {
    url: `${issuer}/v1/token`,
    authorization: `Basic ${Buffer.from('0oa1:s3cr3t').toString('base64')}`,
    body: { grant_type: 'client_credentials', scope: 'products.read' },
  },
  response: { token_type: 'Bearer', expires_in: 3600, scope: 'products.read' },
  granted: ['products.read'],
  header: {},
  claims: { ver: 1, aud: 'api://shop', cid: '0oa1', sub: '0oa1', scp: ['products.read'] },
  caller: { clientId: '0oa1', issuer, audience: ['api://shop'], scopes: ['products.read'] },
  accepted: [],
  refused: [
    ['a user', { uid: '00u1', sub: 'alice@example.com' }, userRefused],
    ['no client', { cid: undefined }, invalid('client')],
    ['another audience', { aud: ['api://default'] }, invalid('audience')],
    ['another of its authorization servers', { iss: 'https://acme.okta.com/oauth2/default' }, invalid('issuer')],
  ],
  errors: [],
});
