import type { AuthorizationServer, CallerKind, Claims, IssuerPattern } from './authorization-server.js';
import { readClaimsBy, subjectIsClient, textClaim } from './claims.js';
import { clientSecretPost } from '../client-authentication/client-secret-post.js';
import { checkArguments, domainRule } from './factory-arguments.js';
import { tokenParametersBy } from './request-rules.js';
import { readScopes } from './scopes.js';

/**
 * Auth0. A token request needs an `audience`, the identifier of an API; `organization` may narrow it.
 *
 * A machine's `permissions` count as scopes, a user's do not.
 *
 * @param options.domain of the tenant, or a custom one: `acme.eu.auth0.com`
 * @throws M2MConfigurationError
 * @see {@link https://auth0.com/docs/get-started/authentication-and-authorization-flow/client-credentials-flow Auth0: client credentials flow}
 */
export function auth0(options: { domain: string }): AuthorizationServer {
  checkArguments('auth0', options, { domain: domainRule('acme.eu.auth0.com') });
  const issuer = `https://${options.domain.toLowerCase()}/`;
  return Object.freeze({
    name: 'Auth0',
    issuer,
    tokenEndpoint: `${issuer}oauth/token`,
    clientAuthentication: clientSecretPost(),
    tokenParameters: auth0TokenParameters,
    readClaims: readAuth0Claims,
  });
}

/** Issuers of Auth0. */
export const auth0Issuer: IssuerPattern<'domain'> = {
  issuer: /^https:\/\/(?<domain>[^/]+)\/?$/,
  example: 'https://acme.eu.auth0.com/',
  unmistakable: /^https:\/\/[^/]+\.auth0\.com\//,
  create: ({ domain }) => auth0({ domain }),
};

const auth0TokenParameters = tokenParametersBy('Auth0', {
  unknown: { resource: (value) => ({ option: 'audience', value }) },
  needed: [{ option: 'audience', value: 'https://shop-api' }],
});

const readAuth0Claims = readClaimsBy({
  clientId: ['azp', 'client_id'],
  scopes: ({ scope, permissions }, kind) => readScopes(scope, kind === 'machine' ? permissions : []),
  organization: (claims) => textClaim(claims, 'org_id'),
  kind: auth0CallerKind,
});

/** A user's id names the connection that the user comes from: `auth0|5f7c8ec7`. No client id has such a bar. */
function auth0CallerKind(claims: Claims, clientId: string | undefined): CallerKind {
  if (isMachineToken(claims, clientId)) return 'machine';
  return textClaim(claims, 'sub')?.includes('|') === true ? 'user' : 'unknown';
}

function isMachineToken(claims: Claims, clientId: string | undefined): boolean {
  if (claims['gty'] === 'client-credentials' || subjectIsClient(claims, clientId)) return true;
  return clientId !== undefined && claims['sub'] === `${clientId}@clients`;
}
