import { zitadel } from '../../../lib/authorization-servers/zitadel.js';
import { invalid, replayProduct } from './product.js';

const issuer = 'https://acme.zitadel.cloud';
const scope = 'openid urn:zitadel:iam:org:project:id:42:aud';
const roles = 'urn:zitadel:iam:org:project:roles';

replayProduct('Zitadel', {
  server: zitadel({ issuer }),
  client: { clientId: 'orders', clientSecret: 's3cr3t', scope },
  resourceServer: { audience: '42', callers: 'any' },
  metadata: {
    url: `${issuer}/.well-known/openid-configuration`,
    body: { token_endpoint: `${issuer}/oauth/v2/token`, jwks_uri: `${issuer}/oauth/v2/keys` },
  },
  key: { alg: 'RS256' },
  request: {
    url: `${issuer}/oauth/v2/token`,
    body: { grant_type: 'client_credentials', client_id: 'orders', client_secret: 's3cr3t', scope },
  },
  response: { token_type: 'Bearer', expires_in: 43199, scope },
  granted: scope.split(' '),
  header: {},
  claims: { azp: 'orders', sub: '1', aud: ['orders', '42'], [roles]: { reader: { 1: 'acme' }, writer: { 1: 'acme' } } },
  caller: { kind: 'unknown', clientId: 'orders', audience: ['42'], scopes: ['reader', 'writer'] },
  accepted: [],
  refused: [
    ['another project', { aud: ['orders', '43'] }, invalid('audience')],
    ['no client', { azp: undefined }, invalid('client')],
  ],
  errors: [],
});
