import { expect } from '@jest/globals';
import { entraId } from '../../../lib/authorization-servers/entra-id.js';
import { invalid, replayProduct, userRefused } from './product.js';

const tenantId = '11111111-2222-3333-4444-555555555555';
const base = `https://login.microsoftonline.com/${tenantId}`;
const client = { azp: 'a1b2c3d4-0000-0000-0000-000000000001', azpacr: '1' };
const version1 = { iss: `https://sts.windows.net/${tenantId}/`, azp: undefined, azpacr: undefined, ver: '1.0' };

replayProduct('Entra ID', {
  server: entraId({ tenantId }),
  client: { clientId: client.azp, clientSecret: 's3cr3t~Q', scope: 'api://shop-api/.default' },
  resourceServer: { audience: ['api://shop-api', 'a1b2c3d4-0000-0000-0000-000000000002'] },
  metadata: {
    url: `${base}/v2.0/.well-known/openid-configuration`,
    body: { token_endpoint: `${base}/oauth2/v2.0/token`, jwks_uri: `${base}/discovery/v2.0/keys` },
  },
  key: { alg: 'RS256', members: { alg: undefined, x5t: 'abc', issuer: `${base}/v2.0` } },
  request: {
    url: `${base}/oauth2/v2.0/token`,
    body: {
      grant_type: 'client_credentials',
      client_id: client.azp,
      client_secret: 's3cr3t~Q',
      scope: 'api://shop-api/.default',
    },
  },
  response: { token_type: 'Bearer', expires_in: '3599', ext_expires_in: '3599' },
  granted: undefined,
  header: { typ: 'JWT' },
  claims: {
    aud: 'a1b2c3d4-0000-0000-0000-000000000002',
    ...client,
    idtyp: 'app',
    oid: 'o1',
    sub: 'o1',
    roles: ['Products.Read', 'Products.Write'],
    tid: tenantId,
    ver: '2.0',
  },
  caller: {
    clientId: client.azp,
    issuer: `${base}/v2.0`,
    audience: ['a1b2c3d4-0000-0000-0000-000000000002'],
    scopes: ['Products.Read', 'Products.Write'],
  },
  accepted: [
    [
      'a machine of version 1, from the same key set',
      { ...version1, appid: client.azp, aud: 'api://shop-api', idtyp: undefined },
      { kind: 'machine', clientId: client.azp, claims: expect.objectContaining({ iss: version1.iss }) },
    ],
    ['a machine without roles', { roles: undefined }, { kind: 'machine', scopes: [] }],
  ],
  refused: [
    ['a user', { scp: 'Products.Read', idtyp: 'user', sub: 'pairwise' }, userRefused],
    ['a user of version 1', { ...version1, appid: client.azp, scp: 'Products.Read', sub: 'pairwise' }, userRefused],
    [
      'who cannot be told from a user',
      { idtyp: undefined, sub: 'pairwise' },
      { code: 'ERR_M2M_CALLER_NOT_ALLOWED', message: expect.stringContaining('does not tell a machine from a user') },
    ],
    ['an ID token, which names no client', { azp: undefined, idtyp: undefined, sub: 'pairwise' }, invalid('client')],
    ['another audience', { aud: '00000003-0000-0000-c000-000000000000' }, invalid('audience')],
    ['two clients', { appid: 'another' }, invalid('claims')],
    ['another tenant', { iss: base.replace('1111', '9999') + '/v2.0' }, invalid('issuer')],
    ['an issuer of version 1 without its slash', { ...version1, iss: version1.iss.slice(0, -1) }, invalid('issuer')],
  ],
  errors: [
    [
      'wrong secret, with what its support asks for',
      {
        status: 401,
        body: {
          error: 'invalid_client',
          error_description: 'AADSTS7000215: Invalid client secret provided.',
          error_codes: [7000215],
          timestamp: '2026-01-01 00:00:00Z',
          trace_id: 't1',
          correlation_id: 'c1',
        },
      },
      {
        error: 'invalid_client',
        errorDescription: 'AADSTS7000215: Invalid client secret provided.',
        details: expect.objectContaining({ error_codes: [7000215], trace_id: 't1', correlation_id: 'c1' }),
      },
    ],
  ],
});
