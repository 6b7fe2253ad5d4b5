import type { ProviderName } from '../authorization-servers/from-issuer.js';
import type { TestDialectName } from './test-authorization-server-options.js';
import type { TestAuthorizationServer } from './test-authorization-server.js';

const providers: Readonly<Record<TestDialectName, ProviderName>> = {
  standard: 'oidc',
  auth0: 'auth0',
  cognito: 'cognito',
  logto: 'logto',
  simpleIdServer: 'simple-id-server',
  keycloak: 'keycloak',
  entraId: 'entra-id',
  okta: 'okta',
  hydra: 'hydra',
  zitadel: 'zitadel',
};

/** The `M2M_*` variables of a service that uses a test server in both directions, as one of its clients. */
export function environmentOf(server: TestAuthorizationServer, clientId?: string): Readonly<Record<string, string>> {
  const resource = server.resources[0] ?? '';
  const { audience = '', resource: asked = '', scope = '' } = server.tokenRequest(resource, clientId);
  const variables = {
    M2M_ISSUER: server.issuer,
    M2M_PROVIDER: providers[server.dialect],
    M2M_CLIENT_ID: clientId ?? server.clientIds[0] ?? '',
    M2M_CLIENT_SECRET: server.secretOf(clientId) ?? '',
    M2M_AUDIENCE: audience,
    M2M_RESOURCE: asked,
    M2M_SCOPE: scope,
    M2M_API_AUDIENCE: resource,
  };
  return Object.fromEntries(Object.entries(variables).filter(([, value]) => value !== ''));
}
