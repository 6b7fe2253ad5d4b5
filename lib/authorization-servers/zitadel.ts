import type { AuthorizationServer, IssuerPattern } from './authorization-server.js';
import { objectClaim, readClaimsBy, withoutUsers } from './claims.js';
import { clientSecretPost } from '../client-authentication/client-secret-post.js';
import { baseUrl, checkArguments, urlRule } from './factory-arguments.js';
import { problemWith } from '../validation/remedy.js';
import { isExchanged, tokenParametersBy } from './request-rules.js';
import { readScopes } from './scopes.js';

const ROLES = 'urn:zitadel:iam:org:project:roles';

/**
 * Zitadel. A token request needs the scope `openid`, and one more for each project that it is for; the roles in a
 * project count as scopes.
 *
 * Its tokens do not tell machines from users: a resource server needs `callers: 'any'`.
 *
 * @param options.issuer `https://acme.zitadel.cloud`
 * @throws M2MConfigurationError
 * @see {@link https://zitadel.com/docs/apis/openidoauth/scopes Zitadel: scopes}
 */
export function zitadel(options: { issuer: string }): AuthorizationServer {
  checkArguments('zitadel', options, { issuer: urlRule('https://acme.zitadel.cloud') });
  return Object.freeze({
    name: 'Zitadel',
    issuer: options.issuer,
    tokenEndpoint: `${baseUrl(options.issuer)}/oauth/v2/token`,
    clientAuthentication: clientSecretPost(),
    absentScope: 'as-requested',
    tokenParameters: zitadelTokenParameters,
    readClaims: readZitadelClaims,
  });
}

/** Issuers of Zitadel. */
export const zitadelIssuer: IssuerPattern = {
  issuer: /^https?:\/\/[^/]+\/?$/,
  example: 'https://acme.zitadel.cloud',
  unmistakable: /^https:\/\/[^/]+\.zitadel\.cloud\//,
  create: (_, issuer) => zitadel({ issuer }),
};

const zitadelTokenParameters = tokenParametersBy('Zitadel', {
  unknown: {
    audience: (id, request) => (isExchanged(request) ? undefined : projectScope(id)),
    resource: projectScope,
    organization: () => projectScope('PROJECT-ID'),
  },
  needed: [projectScope('PROJECT-ID')],
  check: ({ scope }) => {
    if (scope.length === 0 || scope.includes('openid')) return undefined;
    const value = `openid ${scope.join(' ')}`;
    return problemWith('scope', "lacks 'openid', which Zitadel needs", [{ option: 'scope', value }]);
  },
});

const readZitadelClaims = withoutUsers(
  readClaimsBy({
    clientId: ['azp', 'client_id'],
    scopes: (claims) => readScopes(Object.keys(objectClaim(claims, ROLES) ?? {})),
    kind: () => 'unknown',
  }),
);

function projectScope(id: string) {
  return { option: 'scope', value: `openid urn:zitadel:iam:org:project:id:${id}:aud` } as const;
}
