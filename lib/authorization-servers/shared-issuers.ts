import type { AuthorizationServer } from './authorization-server.js';

/** Issuers at which anybody can get a token, without scheme. */
const SHARED_ISSUERS = new Set([
  'accounts.google.com',
  'appleid.apple.com',
  'token.actions.githubusercontent.com',
  'gitlab.com',
  'agent.buildkite.com',
  'app.terraform.io',
  'oidc.vercel.com',
]);

/** Hosts of Entra ID in every cloud, for tokens of version 1 and 2. */
const ENTRA_ID_HOSTS = new Set([
  'login.microsoftonline.com',
  'login.microsoft.com',
  'login.windows.net',
  'sts.windows.net',
  'login.microsoftonline.us',
  'login.microsoftonline.de',
  'login.partner.microsoftonline.cn',
  'login.chinacloudapi.cn',
  'sts.chinacloudapi.cn',
]);

/** Names of Entra ID for the tenants of others. The UUID is the tenant of all personal accounts. */
const SHARED_TENANTS = new Set([
  'common',
  'organizations',
  'consumers',
  '{tenantid}',
  '9188040d-6c67-4c5b-b112-36a304b66dad',
]);

/**
 * Whether somebody unknown can get tokens of a server for any audience: the server says so, or one of its issuers is
 * known for it, even if the server says nothing.
 */
export function isOpenToStrangers(
  server: Pick<AuthorizationServer, 'issuer' | 'acceptedIssuers' | 'openToStrangers'>,
): boolean {
  return server.openToStrangers === true || [server.issuer, ...(server.acceptedIssuers ?? [])].some(isSharedIssuer);
}

/** Google also writes its issuer without a scheme. */
function isSharedIssuer(issuer: string): boolean {
  const absolute = issuer.includes('://') ? issuer : `https://${issuer}`;
  if (!URL.canParse(absolute)) return false;
  const { hostname, pathname } = new URL(absolute);
  const host = hostname.replace(/\.+$/, '');
  const tenant = decoded(pathname).split('/').find(Boolean) ?? '';
  if (ENTRA_ID_HOSTS.has(host)) return SHARED_TENANTS.has(tenant.toLowerCase());
  return tenant === '' && SHARED_ISSUERS.has(host);
}

function decoded(pathname: string): string {
  return pathname.replaceAll('%7B', '{').replaceAll('%7D', '}');
}
