import type { RemedyLine } from '../errors/configuration.error.js';
import type { AuthorizationServer, CallerClaims, CallerKind, Claims, IssuerPattern } from './authorization-server.js';
import { audienceOf, clientIdOf } from './claims.js';
import { problemWith } from '../validation/remedy.js';
import { clientSecretPost } from '../client-authentication/client-secret-post.js';
import { checkArguments, domainRule, optionalRule, textRule, type ArgumentRule } from './factory-arguments.js';
import { tokenParametersBy } from './request-rules.js';
import { readScopes } from './scopes.js';

const SCOPE = 'api://shop-api/.default';
const TENANT_ID = '11111111-2222-3333-4444-555555555555';
const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

const GLOBAL_HOST = 'login.microsoftonline.com';

/** The host of each cloud, and the host in the issuer of its tokens of version 1. */
const CLOUDS: ReadonlyMap<string, string> = new Map([
  [GLOBAL_HOST, 'sts.windows.net'],
  ['login.microsoftonline.us', 'sts.windows.net'],
  ['login.partner.microsoftonline.cn', 'sts.chinacloudapi.cn'],
]);

/** The host of a tenant of External ID. */
const EXTERNAL_ID = String.raw`[a-z0-9-]+\.ciamlogin\.com`;
const EXTERNAL_ID_HOST = new RegExp(`^${EXTERNAL_ID}$`);

/** The hosts in issuers: of version 2 (the clouds), of version 1, and of External ID. */
const ISSUER_HOST = `(?:${[...new Set([...CLOUDS].flat())].join('|').replaceAll('.', String.raw`\.`)}|${EXTERNAL_ID})`;

const AUTHORITY_HOST_RULE: ArgumentRule = {
  example: 'login.microsoftonline.us',
  flaw: (value) => {
    const flaw = domainRule(GLOBAL_HOST).flaw(value);
    const host = value.toLowerCase();
    if (flaw || CLOUDS.has(host) || EXTERNAL_ID_HOST.test(host)) return flaw;
    return { problem: `is none of ${[...CLOUDS.keys(), 'TENANT.ciamlogin.com'].join(', ')}` };
  },
};

/** What identifies a tenant of Entra ID. */
export interface EntraIdOptions {
  /** The tenant's id, a UUID; not its domain name, which tokens do not carry. */
  tenantId: string;
  /**
   * The host at which its tokens are requested: `login.microsoftonline.us` for Azure Government,
   * `login.partner.microsoftonline.cn` for Azure operated by 21Vianet, `TENANT.ciamlogin.com` for External ID.
   *
   * @default 'login.microsoftonline.com'
   */
  authorityHost?: string | undefined;
}

/**
 * Microsoft Entra ID, in every cloud. A token request needs exactly one scope, `{resource}/.default`; a machine's rights
 * are its app roles. Tokens of both versions are accepted, as it is the API's registration that decides which it gets; of
 * External ID only those of version 2.
 *
 * @throws M2MConfigurationError
 * @see {@link https://learn.microsoft.com/entra/identity-platform/v2-oauth2-client-creds-grant-flow Microsoft: client credentials flow}
 * @see {@link https://learn.microsoft.com/entra/identity-platform/authentication-national-cloud Microsoft: national clouds}
 */
export function entraId(options: EntraIdOptions): AuthorizationServer {
  checkArguments('entraId', options, {
    tenantId: textRule(TENANT_ID, UUID, 'is not the id of a tenant, which is a UUID'),
    authorityHost: optionalRule(AUTHORITY_HOST_RULE),
  });
  const tenantId = options.tenantId.toLowerCase();
  const host = options.authorityHost?.toLowerCase() ?? GLOBAL_HOST;
  const version1Host = CLOUDS.get(host);
  // Tokens of External ID name their tenant twice, and not by the name that it is reached by.
  const issuerHost = version1Host === undefined ? `${tenantId}.ciamlogin.com` : host;
  const issuer = `https://${issuerHost}/${tenantId}/v2.0`;
  const tokenEndpoint = `https://${host}/${tenantId}/oauth2/v2.0/token`;
  return Object.freeze<AuthorizationServer>({
    name: 'Entra ID',
    issuer,
    ...(version1Host !== undefined && {
      acceptedIssuers: Object.freeze([issuer, `https://${version1Host}/${tenantId}/`]),
    }),
    tokenEndpoint,
    // Microsoft's documentation asks for the token endpoint. The standard takes the issuer too.
    assertionAudience: tokenEndpoint,
    clientAuthentication: clientSecretPost(),
    absentScope: 'as-requested',
    tokenExchange: 'on-behalf-of',
    tokenParameters: entraIdTokenParameters,
    readClaims: readEntraIdClaims,
  });
}

/** Issuers of Entra ID. One of version 1 in the global cloud looks like one of Azure Government. */
export const entraIdIssuer: IssuerPattern<'host' | 'tenantId'> = {
  issuer: new RegExp(`^https://(?<host>${ISSUER_HOST})/(?<tenantId>[0-9a-f-]{36})(?:/v2\\.0)?/?$`, 'i'),
  example: `https://${GLOBAL_HOST}/${TENANT_ID}/v2.0`,
  unmistakable: new RegExp(`^https://${ISSUER_HOST}/`),
  create: ({ host, tenantId }) => entraId({ tenantId, authorityHost: authorityHostOf(host.toLowerCase()) }),
};

function authorityHostOf(issuerHost: string): string {
  const cloud = [...CLOUDS].find(([, version1Host]) => version1Host === issuerHost);
  return cloud?.[0] ?? issuerHost;
}

const entraIdTokenParameters = tokenParametersBy('Entra ID', {
  unknown: {
    audience: scopeOf,
    resource: scopeOf,
    organization: (value) => `authorizationServer: entraId({ tenantId: '${value}' })`,
  },
  needed: [{ option: 'scope', value: SCOPE }],
  check: ({ scope }) => {
    if (scope.length === 0 || (scope.length === 1 && scope[0]?.endsWith('/.default'))) return undefined;
    const problem = `is '${scope.join(' ')}', and Entra ID takes exactly one that ends in /.default`;
    return problemWith('scope', problem, [{ option: 'scope', value: SCOPE }]);
  },
});

function scopeOf(api: string): RemedyLine {
  return { option: 'scope', value: `${api}/.default` };
}

function readEntraIdClaims(claims: Claims): CallerClaims {
  const kind = entraIdCallerKind(claims);
  return {
    clientId: clientIdOf(claims, 'azp', 'appid'),
    // A user's roles are the user's own, not what the user let this client do.
    scopes: readScopes(kind === 'machine' ? claims['roles'] : claims['scp']),
    // Its own client too: one registration may be an API and its caller, and ID tokens do not name a client.
    audience: audienceOf(claims),
    kind,
  };
}

function entraIdCallerKind({ scp, idtyp, oid, sub }: Claims): CallerKind {
  if (scp !== undefined) return 'user';
  if (idtyp !== undefined) return idtyp === 'app' ? 'machine' : 'unknown';
  return oid !== undefined && oid === sub ? 'machine' : 'unknown';
}
