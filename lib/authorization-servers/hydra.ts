import type { AuthorizationServer, CallerClaims, Claims, TokenParameters } from './authorization-server.js';
import { audienceBeyondClient, clientIdOf, subjectIsClient } from './claims.js';
import { clientSecretBasic } from '../client-authentication/client-secret-basic.js';
import { urlRule } from './argument-rules.js';
import { baseUrl } from './base-url.js';
import { checkArguments } from './factory-arguments.js';
import type { IssuerPattern } from './issuer-pattern.js';
import { readScopes } from './scopes.js';
import { requestParameters, refuse, unsupported, type Remedies } from './token-request-fields.js';

/**
 * Ory Hydra, configured to issue JWTs. `audience` may name several APIs, separated by spaces.
 *
 * @param options.issuer exactly as Hydra is configured with it
 * @throws M2MConfigurationError
 * @see {@link https://www.ory.com/docs/oauth2-oidc/client-credentials Ory: client credentials}
 */
export function hydra(options: { issuer: string }): AuthorizationServer {
  checkArguments('hydra', options, { issuer: urlRule('https://hydra.example.com/') });
  const tokenEndpoint = `${baseUrl(options.issuer)}/oauth2/token`;
  return Object.freeze({
    name: 'Hydra',
    issuer: options.issuer,
    tokenEndpoint,
    clientAuthentication: clientSecretBasic(),
    assertionAudience: tokenEndpoint,
    tokenParameters: hydraTokenParameters,
    readClaims: readHydraClaims,
  });
}

/** Issuers of Hydra. */
export const hydraIssuer: IssuerPattern = {
  issuer: /^/,
  example: 'https://hydra.example.com/',
  create: (_, issuer) => hydra({ issuer }),
};

const REMEDIES: Remedies = {
  resource: (value) => `audience: '${value}'`,
  organization: (value) => `parameters: { organization: '${value}' }`,
};

function hydraTokenParameters(request: TokenParameters): Record<string, unknown> {
  refuse(unsupported(request, 'Hydra', REMEDIES));
  return requestParameters(request);
}

function readHydraClaims(claims: Claims): CallerClaims {
  const clientId = clientIdOf(claims, 'client_id', 'azp');
  return {
    clientId,
    scopes: readScopes(claims['scp'] ?? claims['scope']),
    audience: audienceBeyondClient(claims, clientId),
    kind: subjectIsClient(claims, clientId) ? 'machine' : 'user',
  };
}
