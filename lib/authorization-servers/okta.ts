import type { AuthorizationServer, IssuerPattern } from './authorization-server.js';
import { readClaimsBy } from './claims.js';
import { clientSecretBasic } from '../client-authentication/client-secret-basic.js';
import { checkArguments, domainRule, optionalRule, textRule } from './factory-arguments.js';
import { isExchanged, tokenParametersBy } from './request-rules.js';
import { scopesIn } from './scopes.js';

/** What identifies a custom authorization server. */
export interface OktaOptions {
  /** Domain of the organization: `acme.okta.com`, or a custom one. */
  domain: string;
  /** Id of the authorization server. @default 'default' */
  authorizationServerId?: string | undefined;
}

/**
 * An Okta custom authorization server. Its audience is fixed; a token request needs at least one of its own scopes.
 *
 * @throws M2MConfigurationError
 * @see {@link https://developer.okta.com/docs/guides/implement-grant-type/clientcreds/main/ Okta: client credentials grant}
 */
export function okta(options: OktaOptions): AuthorizationServer {
  checkArguments('okta', options, {
    domain: domainRule('acme.okta.com'),
    authorizationServerId: optionalRule(textRule('default', /^\w+$/, 'is not the id of an authorization server')),
  });
  const { domain: host, authorizationServerId = 'default' } = options;
  const issuer = `https://${host.toLowerCase()}/oauth2/${authorizationServerId}`;
  const tokenEndpoint = `${issuer}/v1/token`;
  return Object.freeze({
    name: 'Okta',
    issuer,
    tokenEndpoint,
    assertionAudience: tokenEndpoint,
    clientAuthentication: clientSecretBasic(),
    tokenParameters: oktaTokenParameters,
    readClaims: readOktaClaims,
  });
}

/** Issuers of Okta. */
export const oktaIssuer: IssuerPattern<'domain' | 'authorizationServerId'> = {
  issuer: /^https:\/\/(?<domain>[^/]+)\/oauth2\/(?<authorizationServerId>\w+)\/?$/,
  example: 'https://acme.okta.com/oauth2/default',
  unmistakable: /^https:\/\/[^/]+\.okta(?:preview|-emea)?\.com\/oauth2\//,
  create: ({ domain, authorizationServerId }) => okta({ domain, authorizationServerId }),
};

const oktaTokenParameters = tokenParametersBy('Okta', {
  unknown: {
    audience: (api, request) => (isExchanged(request) ? undefined : serverFor(api)),
    resource: serverFor,
    organization: (value) => `okta({ domain: '...' }), the domain of ${value}`,
  },
  needed: [{ option: 'scope', value: 'products.read' }],
});

const readOktaClaims = readClaimsBy({
  clientId: ['cid'],
  scopes: ({ scp }) => scopesIn(scp),
  kind: ({ uid }) => (uid === undefined ? 'machine' : 'user'),
});

function serverFor(api: string): string {
  return `okta({ domain: 'acme.okta.com', authorizationServerId: '...' }), the server for ${api}`;
}
