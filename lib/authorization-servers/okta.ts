import type { AuthorizationServer, CallerClaims, Claims, TokenParameters } from './authorization-server.js';
import { audienceBeyondClient, clientIdOf } from './claims.js';
import { clientSecretBasic } from '../client-authentication/client-secret-basic.js';
import { checkArguments, domain, optional, text } from './factory-arguments.js';
import { readScopes } from './scopes.js';
import { onTheWire, refuse, required, unsupported, type Remedies } from './token-request-fields.js';

/** Which of an organization's custom authorization servers. */
export interface OktaOptions {
  /** `acme.okta.com`, or a custom one */
  domain: string;
  /** @default 'default' */
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
    domain: domain('acme.okta.com'),
    authorizationServerId: optional(text('default', /^\w+$/, 'is not the id of an authorization server')),
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
    tokenParameters,
    readClaims,
  });
}

const remedies: Remedies = {
  audience: (value) => `okta({ domain: 'acme.okta.com', authorizationServerId: '...' }), the server for ${value}`,
  resource: (value) => `okta({ domain: 'acme.okta.com', authorizationServerId: '...' }), the server for ${value}`,
  organization: (value) => `okta({ domain: '...' }), the domain of ${value}`,
};

function tokenParameters(request: TokenParameters): Record<string, unknown> {
  refuse([...unsupported(request, 'Okta', remedies), ...required(request, 'Okta', 'scope', "scope: 'products.read'")]);
  return onTheWire(request);
}

function readClaims(claims: Claims): CallerClaims {
  const clientId = clientIdOf(claims, 'cid');
  return {
    clientId,
    scopes: readScopes(claims['scp']),
    audience: audienceBeyondClient(claims, clientId),
    kind: claims['uid'] === undefined ? 'machine' : 'user',
  };
}
