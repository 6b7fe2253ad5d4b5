import { hydra } from '../../../lib/authorization-servers/hydra.js';
import { invalid, replayProduct, unknownRefused } from './product.js';

const issuer = 'https://hydra.example.com/';
const audience = 'https://shop-api';

replayProduct('Hydra', {
  server: hydra({ issuer }),
  client: { clientId: 'orders', clientSecret: 's3cr3t', audience: `${audience} https://a`, scope: 'read' },
  resourceServer: { audience },
  metadata: {
    url: `${issuer}.well-known/openid-configuration`,
    body: { token_endpoint: `${issuer}oauth2/token`, jwks_uri: `${issuer}.well-known/jwks.json` },
  },
  key: { alg: 'RS256' },
  request: {
    url: `${issuer}oauth2/token`,
    authorization: `Basic ${Buffer.from('orders:s3cr3t').toString('base64')}`,
    body: { grant_type: 'client_credentials', audience: `${audience} https://a`, scope: 'read' },
  },
  response: { token_type: 'bearer', expires_in: 3599, scope: 'read' },
  granted: ['read'],
  header: { typ: 'JWT' },
  claims: { client_id: 'orders', sub: 'orders', aud: [audience, 'https://a'], scp: ['read'], ext: {} },
  caller: { clientId: 'orders', issuer, audience: [audience, 'https://a'], scopes: ['read'] },
  accepted: [['its scopes in a string', { scp: undefined, scope: 'read write' }, { scopes: ['read', 'write'] }]],
  refused: [
    ['what may be a user', { sub: 'alice' }, unknownRefused],
    ['no audience', { aud: [] }, invalid('audience')],
    ['another audience', { aud: ['https://a'] }, invalid('audience')],
  ],
  errors: [['ungranted scope', { status: 400, body: { error: 'invalid_scope' } }, { error: 'invalid_scope' }]],
});
