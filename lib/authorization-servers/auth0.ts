import type {
  AuthorizationServer,
  CallerClaims,
  Claims,
  TokenErrorAnswer,
  TokenParameters,
} from './authorization-server.js';
import { audienceBeyondClient, clientIdOf, subjectIsClient, textClaim } from './claims.js';
import { clientSecretPost } from '../client-authentication/client-secret-post.js';
import { domainRule } from './argument-rules.js';
import { checkArguments } from './factory-arguments.js';
import type { IssuerPattern } from './issuer-pattern.js';
import { readScopes } from './scopes.js';
import { requestParameters, refuse, required, unsupported } from './token-request-fields.js';

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
    wrongCredentials: isAuth0CredentialsError,
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

/** A 403 `access_denied` means an audience or a scope that is not granted. */
function isAuth0CredentialsError({ status, error }: TokenErrorAnswer): boolean {
  return status === 401 && error === 'access_denied';
}

function auth0TokenParameters(request: TokenParameters): Record<string, unknown> {
  refuse([
    ...unsupported(request, 'Auth0', { resource: (value) => `audience: '${value}'` }),
    ...required(request, 'Auth0', 'audience', "audience: 'https://shop-api'"),
  ]);
  return requestParameters(request);
}

function readAuth0Claims(claims: Claims): CallerClaims {
  const clientId = clientIdOf(claims, 'azp', 'client_id');
  const isMachine = isMachineToken(claims, clientId);
  const permissions = isMachine ? readScopes(claims['permissions']) : [];
  return {
    clientId,
    scopes: [...new Set([...readScopes(claims['scope']), ...permissions])],
    audience: audienceBeyondClient(claims, clientId),
    organization: textClaim(claims, 'org_id'),
    kind: isMachine ? 'machine' : 'user',
  };
}

function isMachineToken(claims: Claims, clientId: string | undefined): boolean {
  if (claims['gty'] === 'client-credentials' || subjectIsClient(claims, clientId)) return true;
  return clientId !== undefined && claims['sub'] === `${clientId}@clients`;
}
