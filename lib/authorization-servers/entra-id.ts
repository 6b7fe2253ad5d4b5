import type { AuthorizationServer, CallerClaims, CallerKind, Claims, IssuerPattern } from './authorization-server.js';
import { audienceOf, clientIdOf } from './claims.js';
import { clientSecretPost } from '../client-authentication/client-secret-post.js';
import { checkArguments, textRule } from './factory-arguments.js';
import { tokenParametersBy } from './request-rules.js';
import { readScopes } from './scopes.js';

const SCOPE = 'api://shop-api/.default';
const TENANT_ID = '11111111-2222-3333-4444-555555555555';
const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/**
 * Microsoft Entra ID. A token request needs exactly one scope, `{resource}/.default`; a machine's rights are its app
 * roles. Tokens of both versions are accepted, as it is the API's registration that decides which it gets.
 *
 * @param options.tenantId the tenant's id, a UUID; not its domain name, which tokens do not carry
 * @throws M2MConfigurationError
 * @see {@link https://learn.microsoft.com/entra/identity-platform/v2-oauth2-client-creds-grant-flow Microsoft: client credentials flow}
 */
export function entraId(options: { tenantId: string }): AuthorizationServer {
  checkArguments('entraId', options, {
    tenantId: textRule(TENANT_ID, UUID, 'is not the id of a tenant, which is a UUID'),
  });
  const tenantId = options.tenantId.toLowerCase();
  const base = `https://login.microsoftonline.com/${tenantId}`;
  const issuer = `${base}/v2.0`;
  const tokenEndpoint = `${base}/oauth2/v2.0/token`;
  return Object.freeze({
    name: 'Entra ID',
    issuer,
    acceptedIssuers: Object.freeze([issuer, `https://sts.windows.net/${tenantId}/`]),
    tokenEndpoint,
    // Microsoft's documentation asks for the token endpoint. The standard takes the issuer too.
    assertionAudience: tokenEndpoint,
    clientAuthentication: clientSecretPost(),
    absentScope: 'as-requested',
    tokenParameters: entraIdTokenParameters,
    readClaims: readEntraIdClaims,
  });
}

/** Issuers of Entra ID. */
export const entraIdIssuer: IssuerPattern<'tenantId'> = {
  issuer: /^https:\/\/(?:login\.microsoftonline\.com|sts\.windows\.net)\/(?<tenantId>[0-9a-f-]{36})(?:\/v2\.0)?\/?$/i,
  example: `https://login.microsoftonline.com/${TENANT_ID}/v2.0`,
  unmistakable: /^https:\/\/(?:login\.microsoftonline\.com|sts\.windows\.net)\//,
  create: ({ tenantId }) => entraId({ tenantId }),
};

const entraIdTokenParameters = tokenParametersBy('Entra ID', {
  unknown: {
    audience: (value) => `scope: '${value}/.default'`,
    resource: (value) => `scope: '${value}/.default'`,
    organization: (value) => `authorizationServer: entraId({ tenantId: '${value}' })`,
  },
  needed: { oneOf: ['scope'], remedy: `scope: '${SCOPE}'` },
  check: ({ scope }) => {
    if (scope.length === 0 || (scope.length === 1 && scope[0]?.endsWith('/.default'))) return undefined;
    const problem = `is '${scope.join(' ')}', and Entra ID takes exactly one that ends in /.default`;
    return { option: 'scope', problem, remedy: `scope: '${SCOPE}'` };
  },
});

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
