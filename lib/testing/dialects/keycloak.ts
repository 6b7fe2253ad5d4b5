import type { GrantedAccess, GrantRequest } from '../engine/grant.js';
import { requestedScopes, grantableScopes, oneOrMany, onlyGranted } from '../engine/grant-rules.js';
import { refuse } from '../engine/refusal.js';
import type { Dialect } from '../engine/dialect.js';
import { keycloakTokenExchange } from './keycloak-token-exchange.js';
import { standard } from './standard.js';

const REALM = '/realms/test';
const PROTOCOL = `${REALM}/protocol/openid-connect`;
/** What a client's default client scopes put into `scope`. */
const DEFAULT_SCOPES = ['profile', 'email'];
const badClient = refuse(401, 'invalid_client', 'Invalid client or Invalid client credentials');

/** Keycloak: audience mappers decide `aud`, optional client scopes are requested by name, roles stand beside scopes. */
export const keycloak: Dialect = {
  ...standard,
  issuerPath: REALM,
  paths: {
    token: `${PROTOCOL}/token`,
    keys: `${PROTOCOL}/certs`,
    discovery: [`${REALM}/.well-known/openid-configuration`, `/.well-known/oauth-authorization-server${REALM}`],
    introspection: `${PROTOCOL}/token/introspect`,
    revocation: `${PROTOCOL}/revoke`,
  },
  clientAuthentication: { ...standard.clientAuthentication, challenge: undefined },
  keySet: { ...standard.keySet, encryptionKey: 'RSA-OAEP' },
  tokenType: 'JWT',
  tokenLifetime: 300_000,
  asks: (_resource, scopes) => ({ scope: scopes.join(' ') }),
  grant,
  exchange: keycloakTokenExchange(grant),
  claims: ({ client, user, audience, scope, issuedAt }) => ({
    sub: user ?? `service-account-id-of-${client.id}`,
    aud: oneOrMany(audience),
    typ: 'Bearer',
    azp: client.id,
    auth_time: user && issuedAt,
    sid: user && 'a-session',
    acr: '1',
    realm_access: { roles: ['default-roles-test', 'offline_access'] },
    resource_access: { account: { roles: ['view-profile'] } },
    scope: [...DEFAULT_SCOPES, ...scope].join(' '),
    preferred_username: user ?? `service-account-${client.id}`,
    client_id: user ? undefined : client.id,
    clientHost: user ? undefined : '127.0.0.1',
    clientAddress: user ? undefined : '127.0.0.1',
  }),
  // Not even the client of the token, if that is not in its audience.
  mayIntrospect: (clientId, { aud }) => [aud].flat().includes(clientId),
  introspected: ({ azp, preferred_username }) => ({
    client_id: azp,
    username: preferred_username,
    clientHost: undefined,
    clientAddress: undefined,
  }),
  response: (token, accessToken) => ({
    access_token: accessToken,
    expires_in: token.expiresAt - token.issuedAt,
    refresh_expires_in: 0,
    token_type: 'Bearer',
    'not-before-policy': 0,
    scope: [...DEFAULT_SCOPES, ...token.scope].join(' '),
  }),
  refusals: {
    ...standard.refusals,
    no_credentials: badClient,
    unknown_client: badClient,
    unregistered_method: badClient,
    wrong_secret: refuse(401, 'unauthorized_client', 'Invalid client or Invalid client credentials'),
    expired_secret: refuse(401, 'unauthorized_client', 'Invalid client or Invalid client credentials'),
    scope_not_granted: refuse(400, 'invalid_scope', 'Invalid scopes: %'),
    exchange_not_granted: refuse(
      400,
      'invalid_request',
      'Standard token exchange is not enabled for the requested client',
    ),
    public_client: refuse(400, 'invalid_client', 'Public client is not allowed to exchange token'),
    unsupported_token_type: refuse(400, 'invalid_request', '% unsupported'),
    bad_token: refuse(400, 'invalid_request', 'Invalid token'),
    not_for_client: refuse(403, 'access_denied', 'Client is not within the token audience'),
    unknown_resource: refuse(400, 'invalid_client', 'Audience not found'),
    resource_not_granted: refuse(400, 'invalid_request', 'Requested audience not available: %'),
  },
};

function grant(request: GrantRequest): GrantedAccess {
  const resources = request.registry.resourcesOf(request.client);
  const requested = requestedScopes(request).filter((name) => !DEFAULT_SCOPES.includes(name));
  return { audience: resources, scope: onlyGranted(requested, grantableScopes(request, resources)) };
}
