import type { AuthorizationServer, IssuerPattern } from './authorization-server.js';
import { readClaimsBy, subjectIsClient, textClaim, withoutUsers } from './claims.js';
import { clientSecretBasic } from '../client-authentication/client-secret-basic.js';
import { baseUrl, checkArguments, urlRule } from './factory-arguments.js';
import { problemWith } from '../validation/remedy.js';
import { tokenParametersBy } from './request-rules.js';
import { readScopes } from './scopes.js';
import { isExpiredSecret } from './standard.js';

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
    endpoint: urlRule('https://acme.logto.app', {
      end: /\/oidc\/*$/,
      problem: 'ends in /oidc, which is the issuer and not the endpoint',
    }),
  });
  const issuer = `${baseUrl(options.endpoint)}/oidc`;
  return Object.freeze({
    name: 'Logto',
    issuer,
    tokenEndpoint: `${issuer}/token`,
    clientAuthentication: clientSecretBasic(),
    absentScope: 'none',
    wrongCredentials: isExpiredSecret,
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

const logtoTokenParameters = tokenParametersBy('Logto', {
  unknown: { audience: (value) => ({ option: 'resource', value }) },
  needed: [
    { option: 'resource', value: 'https://shop-api' },
    { option: 'organization', value: 'ORGANIZATION-ID' },
  ],
  check: ({ resource }) => {
    if (resource.length < 2) return undefined;
    return problemWith('resource', 'names several, and Logto takes one', [{ option: 'resource', value: resource[0] }]);
  },
  organizationName: 'organization_id',
});

const readLogtoClaims = withoutUsers(
  readClaimsBy({
    clientId: ['client_id', 'azp'],
    scopes: ({ scope }) => readScopes(scope),
    organization: (claims, audience) => textClaim(claims, 'organization_id') ?? organizationIn(audience),
    kind: (claims, clientId) => (subjectIsClient(claims, clientId) ? 'machine' : 'unknown'),
  }),
);

function organizationIn(audience: readonly string[]): string | undefined {
  return audience.find((value) => value.startsWith(ORGANIZATION))?.slice(ORGANIZATION.length);
}
