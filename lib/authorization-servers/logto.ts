import type {
  AuthorizationServer,
  CallerClaims,
  Claims,
  TokenErrorAnswer,
  TokenParameters,
} from './authorization-server.js';
import { audienceBeyondClient, clientIdOf, subjectIsClient, textClaim } from './claims.js';
import { clientSecretBasic } from '../client-authentication/client-secret-basic.js';
import { urlRule } from './argument-rules.js';
import { baseUrl } from './base-url.js';
import { checkArguments } from './factory-arguments.js';
import type { IssuerPattern } from './issuer-pattern.js';
import { readScopes } from './scopes.js';
import { requestParameters, refuse, required, unsupported } from './token-request-fields.js';

const ORGANIZATION = 'urn:logto:organization:';

/**
 * Logto. A token request needs one `resource`, the exact identifier of an API, or an `organization`, or both.
 *
 * Scopes that are not asked for are not granted, and those that may not be granted are dropped without an error.
 *
 * @param options.endpoint of the tenant, without `/oidc`: `https://acme.logto.app`
 * @throws M2MConfigurationError
 * @see {@link https://docs.logto.io/quick-starts/m2m Logto: machine-to-machine}
 */
export function logto(options: { endpoint: string }): AuthorizationServer {
  checkArguments('logto', options, {
    endpoint: urlRule('https://acme.logto.app', (value) =>
      /\/oidc\/*$/.test(value)
        ? {
            problem: 'ends in /oidc, which is the issuer and not the endpoint',
            instead: value.replace(/\/oidc\/*$/, ''),
          }
        : undefined,
    ),
  });
  const issuer = `${baseUrl(options.endpoint)}/oidc`;
  return Object.freeze({
    name: 'Logto',
    issuer,
    tokenEndpoint: `${issuer}/token`,
    clientAuthentication: clientSecretBasic(),
    absentScope: 'none',
    wrongCredentials: isLogtoCredentialsError,
    tokenParameters: logtoTokenParameters,
    readClaims: readLogtoClaims,
  });
}

/** Issuers of Logto. */
export const logtoIssuer: IssuerPattern<'endpoint'> = {
  issuer: /^(?<endpoint>.+)\/oidc\/?$/,
  example: 'https://acme.logto.app/oidc',
  unmistakable: /^https:\/\/[^/]+\.logto\.app\//,
  create: ({ endpoint }) => logto({ endpoint }),
};

function isLogtoCredentialsError({ error, errorDescription = '' }: TokenErrorAnswer): boolean {
  return error === 'invalid_request' && /client secret has expired/i.test(errorDescription);
}

function logtoTokenParameters(request: TokenParameters): Record<string, unknown> {
  const { resource, organization } = request;
  refuse([
    ...unsupported(request, 'Logto', { audience: (value) => `resource: '${value}'` }),
    ...(organization === undefined
      ? required(request, 'Logto', 'resource', "resource: 'https://shop-api', or organization: 'ORGANIZATION-ID'")
      : []),
    ...(resource.length > 1
      ? [{ option: 'resource', problem: 'names several, and Logto takes one', remedy: `resource: '${resource[0]}'` }]
      : []),
  ]);
  return requestParameters(request, 'organization_id');
}

function readLogtoClaims(claims: Claims): CallerClaims {
  const clientId = clientIdOf(claims, 'client_id', 'azp');
  const audience = audienceBeyondClient(claims, clientId);
  const organization = audience.find((value) => value.startsWith(ORGANIZATION))?.slice(ORGANIZATION.length);
  return {
    clientId,
    scopes: readScopes(claims['scope']),
    audience,
    organization: textClaim(claims, 'organization_id') ?? organization,
    kind: subjectIsClient(claims, clientId) ? 'machine' : 'user',
  };
}
