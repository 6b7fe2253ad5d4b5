import { requestedScopes, grantableScopes, grantedResources, onlyGranted } from '../engine/grant-rules.js';
import { list } from '../engine/received-request.js';
import { refuse } from '../engine/refusal.js';
import type { Dialect } from '../engine/dialect.js';
import { standard } from './standard.js';

const badClient = refuse(
  401,
  'invalid_client',
  'Client authentication failed (e.g., unknown client, no client authentication included, or unsupported authentication method).',
);
const badAudience = refuse(
  400,
  'invalid_request',
  "The request is missing a required parameter, includes an invalid parameter value, includes a parameter more than once, or is otherwise malformed. Requested audience '%' has not been whitelisted by the OAuth 2.0 Client.",
);

/** Ory Hydra: `audience` with several values, the registered authentication method and no other, `scp` as an array. */
export const hydra: Dialect = {
  ...standard,
  paths: {
    token: '/oauth2/token',
    keys: '/.well-known/jwks.json',
    discovery: standard.paths.discovery,
    introspection: '/admin/oauth2/introspect',
    revocation: '/oauth2/revoke',
  },
  clientAuthentication: {
    methods: ['client_secret_basic', 'client_secret_post', 'private_key_jwt', 'none'],
    registered: 'client_secret_basic',
    basic: 'form',
    assertionAudience: ['token-endpoint'],
  },
  tokenType: 'JWT',
  tokenLifetime: 3_599_000,
  asks: (audience, scopes) => ({ audience, scope: scopes.join(' ') }),
  grant(request) {
    const audience = grantedResources(request, list(request.parameters, 'audience'));
    const every = grantableScopes(request, request.registry.resourcesOf(request.client));
    return { audience, scope: onlyGranted(requestedScopes(request), every) };
  },
  claims: ({ client, user, audience, scope, issuedAt }) => ({
    sub: user ?? client.id,
    aud: audience,
    client_id: client.id,
    ext: {},
    nbf: issuedAt,
    scp: scope,
  }),
  refusals: {
    ...standard.refusals,
    no_credentials: badClient,
    malformed_credentials: badClient,
    unknown_client: badClient,
    unregistered_method: badClient,
    wrong_secret: badClient,
    expired_secret: badClient,
    bad_assertion: badClient,
    unknown_resource: badAudience,
    resource_not_granted: badAudience,
    scope_not_granted: refuse(
      400,
      'invalid_scope',
      "The requested scope is invalid, unknown, or malformed. The OAuth 2.0 Client is not allowed to request scope '%'.",
    ),
  },
};
