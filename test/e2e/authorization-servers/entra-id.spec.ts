import { expect } from '@jest/globals';
import { entraId } from '../../../lib/authorization-servers/entra-id.js';
import { invalid, replayProduct, userRefused, type Product } from './product.js';

const tenantId = '11111111-2222-3333-4444-555555555555';
const client = { azp: 'a1b2c3d4-0000-0000-0000-000000000001', azpacr: '1' };

/** Each cloud, with the host of its issuer of version 2 and that of version 1. */
const clouds = [
  ['Entra ID', undefined, 'login.microsoftonline.com', 'sts.windows.net'],
  ['Entra ID of Azure Government', 'login.microsoftonline.us', 'login.microsoftonline.us', 'sts.windows.net'],
  [
    'Entra ID of Azure operated by 21Vianet',
    'login.partner.microsoftonline.cn',
    'login.partner.microsoftonline.cn',
    'sts.chinacloudapi.cn',
  ],
  ['Entra External ID', 'contoso.ciamlogin.com', `${tenantId}.ciamlogin.com`, undefined],
] as const;

for (const [name, authorityHost, issuerHost, version1Host] of clouds) {
  replayProduct(name, productAt(authorityHost, issuerHost, version1Host));
}

function productAt(authorityHost: string | undefined, issuerHost: string, version1Host: string | undefined): Product {
  const base = `https://${issuerHost}/${tenantId}`;
  const requested = `https://${authorityHost ?? issuerHost}/${tenantId}`;
  const version1 = {
    iss: `https://${version1Host ?? 'sts.windows.net'}/${tenantId}/`,
    azp: undefined,
    azpacr: undefined,
    ver: '1.0',
  };
  const machineOfVersion1 = { ...version1, appid: client.azp, aud: 'api://shop-api', idtyp: undefined };
  const elsewhere = ['login.microsoftonline.com', 'login.microsoftonline.us', 'login.partner.microsoftonline.cn'];
  return {
    server: entraId({ tenantId, authorityHost }),
    client: { clientId: client.azp, clientSecret: 's3cr3t~Q', scope: 'api://shop-api/.default' },
    resourceServer: { audience: ['api://shop-api', 'a1b2c3d4-0000-0000-0000-000000000002'] },
    metadata: {
      url: `${base}/v2.0/.well-known/openid-configuration`,
      body: { token_endpoint: `${requested}/oauth2/v2.0/token`, jwks_uri: `${base}/discovery/v2.0/keys` },
    },
    key: { alg: 'RS256', members: { alg: undefined, x5t: 'abc', issuer: `${base}/v2.0` } },
    request: {
      url: `${requested}/oauth2/v2.0/token`,
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
      ...(version1Host === undefined
        ? []
        : ([
            [
              'a machine of version 1, from the same key set',
              machineOfVersion1,
              { kind: 'machine', clientId: client.azp, claims: expect.objectContaining({ iss: version1.iss }) },
            ],
          ] satisfies Product['accepted'])),
      ['a machine without roles', { roles: undefined }, { kind: 'machine', scopes: [] }],
    ],
    refused: [
      ['a user', { scp: 'Products.Read', idtyp: 'user', sub: 'pairwise' }, userRefused],
      version1Host === undefined
        ? ['version 1', machineOfVersion1, invalid('issuer')]
        : ['a user of version 1', { ...machineOfVersion1, scp: 'Products.Read', sub: 'pairwise' }, userRefused],
      ...elsewhere
        .filter((host) => host !== issuerHost)
        .map((host): Product['refused'][number] => [
          `the same tenant at ${host}`,
          { iss: `https://${host}/${tenantId}/v2.0` },
          invalid('issuer'),
        ]),
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
  };
}
