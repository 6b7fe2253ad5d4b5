import { requestedScopes, grantableScopes, onlyGranted } from '../engine/grant-rules.js';
import { refuse } from '../engine/refusal.js';
import type { Dialect } from '../engine/dialect.js';
import { standard } from './standard.js';

const badClient = refuse(401, 'invalid_client');

/** Spring Authorization Server without a token customizer: tokens name no API, and their client in `sub` and `aud` alone. */
export const spring: Dialect = {
  ...standard,
  paths: {
    token: '/oauth2/token',
    keys: '/oauth2/jwks',
    discovery: standard.paths.discovery,
    introspection: '/oauth2/introspect',
    revocation: '/oauth2/revoke',
  },
  clientAuthentication: {
    methods: [
      'client_secret_basic',
      'client_secret_post',
      'client_secret_jwt',
      'private_key_jwt',
      'self_signed_tls_client_auth',
      'none',
    ],
    registered: 'client_secret_basic',
    basic: 'form',
    assertionAudience: ['issuer', 'token-endpoint'],
  },
  keySet: { ...standard.keySet, omit: ['alg', 'use'] },
  tokenType: undefined,
  tokenLifetime: 599_000,
  tokensNameApis: false,
  // `resource` and `audience` are ignored.
  asks: (_resource, scopes) => ({ scope: scopes.join(' ') }),
  grant(request) {
    const { client, registry } = request;
    const grantable = grantableScopes(request, registry.resourcesOf(client));
    return { audience: [], scope: onlyGranted(requestedScopes(request), grantable) };
  },
  claims: ({ client, user, scope, issuedAt }) => ({
    sub: user ?? client.id,
    aud: client.id,
    nbf: issuedAt,
    scope: scope.length > 0 ? scope : undefined,
  }),
  refusals: {
    ...standard.refusals,
    unsupported_body: refuse(400, 'invalid_request'),
    repeated_parameter: refuse(400, 'invalid_request'),
    missing_parameter: refuse(400, 'invalid_request'),
    unsupported_grant_type: refuse(400, 'unsupported_grant_type'),
    // Without any credentials the answer has no body.
    no_credentials: refuse(401, ''),
    several_credentials: refuse(400, 'invalid_request'),
    malformed_credentials: refuse(400, 'invalid_request'),
    unknown_client: badClient,
    unregistered_method: badClient,
    wrong_secret: badClient,
    expired_secret: badClient,
    bad_assertion: badClient,
    scope_not_granted: refuse(400, 'invalid_scope'),
  },
  refusalBody: ({ error }) => (error === '' ? '' : { error }),
};
