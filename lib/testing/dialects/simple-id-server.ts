import { randomUUID } from 'node:crypto';
import {
  requestedResources,
  requestedScopes,
  grantableScopes,
  grantedResources,
  onlyGranted,
  resourcesWith,
} from '../engine/grant-rules.js';
import { Refusal, refuse } from '../engine/refusal.js';
import type { Dialect } from '../engine/dialect.js';
import { standard } from './standard.js';

const REALM = '/master';
const badClient = refuse(400, 'invalid_client', 'bad client credential');

/** SimpleIdServer: scopes decide the audience, `scope` and `aud` are arrays, one authentication method for each client. */
export const simpleIdServer: Dialect = {
  ...standard,
  issuerPath: REALM,
  issuerFollowsHost: true,
  paths: {
    token: `${REALM}/token`,
    keys: `${REALM}/jwks`,
    discovery: [`${REALM}/.well-known/openid-configuration`, `${REALM}/.well-known/oauth-authorization-server`],
    introspection: `${REALM}/token_info`,
    revocation: `${REALM}/token/revoke`,
  },
  metadata: { id_token_signing_alg_values_supported: ['RS256', 'none'] },
  clientAuthentication: {
    ...standard.clientAuthentication,
    registered: 'client_secret_post',
    basic: 'raw-pair',
    assertionAudience: ['issuer'],
    challenge: undefined,
  },
  keySet: { ...standard.keySet, extra: { key_ops: [], x5c: [] }, encryptionKey: 'RSA-OAEP-256' },
  tokenType: 'JWT',
  tokenLifetime: 1_800_000,
  asks: (_resource, scopes) => ({ scope: scopes.join(' ') }),
  grant(request) {
    const requested = requestedScopes(request);
    if (requested.length === 0) throw new Refusal('missing_scope', 'scope');
    if (new Set(requested).size < requested.length) throw new Refusal('invalid_scope', requested.join(' '));
    const named = grantedResources(request, requestedResources(request));
    const resources = named.length > 0 ? named : resourcesWith(request, requested);
    return { audience: resources, scope: onlyGranted(requested, grantableScopes(request, resources)) };
  },
  claims: ({ client, user, audience, scope }) => ({
    sub: user,
    aud: audience.length > 0 ? audience : [client.id],
    client_id: client.id,
    scope,
  }),
  response: (token, accessToken) => ({ ...standard.response(token, accessToken), refresh_token: randomUUID() }),
  refusals: {
    ...standard.refusals,
    no_credentials: badClient,
    malformed_credentials: badClient,
    unknown_client: refuse(400, 'invalid_client', 'unknown client %'),
    unregistered_method: badClient,
    wrong_secret: badClient,
    expired_secret: badClient,
    bad_assertion: badClient,
    missing_scope: refuse(400, 'invalid_request', 'missing parameter %'),
    invalid_scope: refuse(400, 'invalid_scope', 'duplicate scopes : %'),
    scope_not_granted: refuse(400, 'invalid_scope', 'unauthorized to scopes : %'),
  },
};
