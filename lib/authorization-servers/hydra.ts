import type { AuthorizationServer, IssuerPattern } from './authorization-server.js';
import { readClaimsBy, subjectIsClient, withoutUsers } from './claims.js';
import { clientSecretBasic } from '../client-authentication/client-secret-basic.js';
import { baseUrl, checkArguments, urlRule } from './factory-arguments.js';
import { tokenParametersBy } from './request-rules.js';
import { scopesIn } from './scopes.js';

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
    tokenExchange: 'none',
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

const hydraTokenParameters = tokenParametersBy('Hydra', {
  unknown: {
    resource: (value) => ({ option: 'audience', value }),
    organization: (organization) => ({ option: 'parameters', value: { organization } }),
  },
});

const readHydraClaims = withoutUsers(
  readClaimsBy({
    clientId: ['client_id', 'azp'],
    scopes: ({ scp, scope }) => scopesIn(scp, scope),
    kind: (claims, clientId) => (subjectIsClient(claims, clientId) ? 'machine' : 'unknown'),
  }),
);
