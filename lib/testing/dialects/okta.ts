import { requestedScopes, grantableScopes, onlyGranted } from '../engine/grant-rules.js';
import { Refusal, refuse } from '../engine/refusal.js';
import type { Dialect } from '../engine/dialect.js';
import { standard } from './standard.js';

const SERVER = '/oauth2/default';

/** Okta's custom authorization server: one audience for the whole server, at least one custom scope. */
export const okta: Dialect = {
  ...standard,
  issuerPath: SERVER,
  paths: {
    token: `${SERVER}/v1/token`,
    keys: `${SERVER}/v1/keys`,
    discovery: [`${SERVER}/.well-known/openid-configuration`, `${SERVER}/.well-known/oauth-authorization-server`],
    introspection: `${SERVER}/v1/introspect`,
    revocation: `${SERVER}/v1/revoke`,
  },
  clientAuthentication: {
    methods: ['client_secret_basic', 'client_secret_post', 'client_secret_jwt', 'private_key_jwt', 'none'],
    basic: 'form',
    assertionAudience: ['token-endpoint', 'issuer'],
  },
  tokenType: undefined,
  asks: (_resource, scopes) => ({ scope: scopes.join(' ') }),
  grant(request) {
    const requested = requestedScopes(request);
    if (requested.length === 0) throw new Refusal('missing_scope');
    const resources = request.registry.resources.slice(0, 1);
    return { audience: resources, scope: onlyGranted(requested, grantableScopes(request, resources)) };
  },
  claims: ({ client, user, audience, scope, id }) => ({
    ver: 1,
    jti: `AT.${id}`,
    sub: user ?? client.id,
    uid: user && `id-of-${user}`,
    aud: audience[0],
    cid: client.id,
    scp: scope,
  }),
  refusals: {
    ...standard.refusals,
    no_credentials: refuse(401, 'invalid_client', 'Client authentication failed. No client credentials were provided.'),
    unknown_client: refuse(401, 'invalid_client', "Invalid value for 'client_id' parameter."),
    wrong_secret: refuse(401, 'invalid_client', 'The client secret supplied for a confidential client is invalid.'),
    expired_secret: refuse(401, 'invalid_client', 'The client secret supplied for a confidential client is invalid.'),
    missing_scope: refuse(
      400,
      'invalid_scope',
      "The authorization server resource does not have any configured default scopes, 'scope' must be provided.",
    ),
    scope_not_granted: refuse(
      400,
      'invalid_scope',
      'One or more scopes are not configured for the authorization server resource.',
    ),
  },
};
