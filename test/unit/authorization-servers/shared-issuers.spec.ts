import { describe, expect, it } from '@jest/globals';
import type { AuthorizationServer } from '../../../lib/authorization-servers/authorization-server.js';
import { entraId } from '../../../lib/authorization-servers/entra-id.js';
import { oidc } from '../../../lib/authorization-servers/oidc.js';
import { isOpenToStrangers } from '../../../lib/authorization-servers/shared-issuers.js';

const tenantId = '11111111-2222-3333-4444-555555555555';
const personalAccounts = '9188040d-6c67-4c5b-b112-36a304b66dad';

const hosts = [
  'login.microsoftonline.com',
  'login.microsoft.com',
  'login.windows.net',
  'sts.windows.net',
  'login.microsoftonline.us',
  'login.microsoftonline.de',
  'login.partner.microsoftonline.cn',
  'login.chinacloudapi.cn',
  'sts.chinacloudapi.cn',
];
const tenants = ['common', 'organizations', 'consumers', 'Common', '{tenantid}', personalAccounts];

describe('isOpenToStrangers', () => {
  it.each([
    'https://accounts.google.com',
    'https://accounts.google.com/',
    'https://Accounts.Google.com.',
    'accounts.google.com',
    'https://token.actions.githubusercontent.com',
    'https://gitlab.com',
    'https://appleid.apple.com',
    'https://agent.buildkite.com',
    'https://app.terraform.io',
    'https://oidc.vercel.com',
    ...hosts.flatMap((host) =>
      tenants.flatMap((tenant) => [`https://${host}/${tenant}/v2.0`, `https://${host}/${tenant}/`]),
    ),
  ])('is true of %s, whatever the flag says (claim 5.5)', (issuer) => {
    expect(isOpenToStrangers({ issuer })).toBe(true);
    expect(isOpenToStrangers({ issuer, openToStrangers: false })).toBe(true);
    expect(isOpenToStrangers({ issuer: 'https://id.example.com', acceptedIssuers: [issuer] })).toBe(true);
  });

  it.each([
    'https://id.example.com',
    'https://accounts.google.com.evil.test',
    'https://evil.test/accounts.google.com',
    'https://gitlab.example.com',
    'https://token.actions.githubusercontent.com/octo-enterprise',
    'https://oidc.vercel.com/acme',
    'https://login.example.com/common/v2.0',
    'kubernetes/serviceaccount',
    'http://',
    ...hosts.map((host) => `https://${host}/${tenantId}/v2.0`),
  ])('is false of %s, unless the flag says so', (issuer) => {
    expect(isOpenToStrangers({ issuer })).toBe(false);
    expect(isOpenToStrangers({ issuer, openToStrangers: true })).toBe(true);
  });

  it('is true of a spread copy of a server that a factory made', () => {
    const google = oidc({ issuer: 'https://accounts.google.com' });
    const copy: AuthorizationServer = { ...google, name: 'Google', jwksUri: 'https://keys.example.com' };
    expect(isOpenToStrangers(copy)).toBe(true);
    const tenant = entraId({ tenantId: personalAccounts });
    expect(isOpenToStrangers({ ...tenant, issuer: 'https://id.example.com' })).toBe(true);
    expect(isOpenToStrangers({ ...oidc({ issuer: 'https://id.example.com' }), openToStrangers: true })).toBe(true);
  });
});
