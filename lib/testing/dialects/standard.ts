import {
  requestedResources,
  requestedScopes,
  grantableScopes,
  joined,
  namedOrDefault,
  oneOrMany,
  onlyGranted,
} from '../engine/grant-rules.js';
import { randomKid } from '../engine/key-ring.js';
import { single } from '../engine/received-request.js';
import { refuse } from '../engine/refusal.js';
import type { Dialect } from '../engine/dialect.js';

/**
 * What the RFCs say, and the base of every other dialect.
 *
 * @see {@link https://www.rfc-editor.org/rfc/rfc6749#section-4.4 RFC 6749, section 4.4}
 * @see {@link https://www.rfc-editor.org/rfc/rfc8707#section-2 RFC 8707, section 2}
 * @see {@link https://www.rfc-editor.org/rfc/rfc9068#section-2 RFC 9068, section 2}
 */
export const standard: Dialect = {
  issuerPath: '',
  issuerFollowsHost: false,
  paths: {
    token: '/token',
    keys: '/jwks.json',
    discovery: ['/.well-known/openid-configuration', '/.well-known/oauth-authorization-server'],
    introspection: '/introspect',
    revocation: '/revoke',
  },
  metadata: {},
  bodies: ['form'],
  clientAuthentication: {
    methods: [
      'client_secret_basic',
      'client_secret_post',
      'client_secret_jwt',
      'private_key_jwt',
      'self_signed_tls_client_auth',
      'none',
    ],
    basic: 'form',
    assertionAudience: ['issuer', 'token-endpoint'],
    challenge: 'Basic realm="token"',
  },
  keySet: { alg: 'RS256', omit: [], extra: {}, encryptionKey: undefined, oldKeys: Infinity, kid: randomKid },
  tokenType: 'at+jwt',
  tokensNameApis: true,
  tokensTellMachines: true,
  hasOrganizations: false,
  tokenLifetime: 3_600_000,
  introspectsJwts: true,
  asks: (resource, scopes) => ({ resource, scope: scopes.join(' ') }),
  grant(request) {
    const audience = single(request.parameters, 'audience');
    const requested = [...requestedResources(request), ...(audience === undefined ? [] : [audience])];
    const resources = namedOrDefault(request, requested);
    const grantable = grantableScopes(request, resources);
    const scopes = requestedScopes(request);
    return { audience: resources, scope: scopes.length === 0 ? grantable : onlyGranted(scopes, grantable) };
  },
  wireScope: (_resource, scope) => scope,
  claims: ({ client, user, audience, scope, issuedAt }) => ({
    sub: user ?? client.id,
    aud: oneOrMany(audience),
    client_id: client.id,
    auth_time: user && issuedAt,
    scope: joined(scope),
  }),
  response: ({ issuedAt, expiresAt, scope }, accessToken) => ({
    access_token: accessToken,
    token_type: 'Bearer',
    expires_in: expiresAt - issuedAt,
    scope: joined(scope),
  }),
  quotaHeaders: () => ({}),
  refusals: {
    unsupported_body: refuse(400, 'invalid_request', 'the body must be application/x-www-form-urlencoded'),
    repeated_parameter: refuse(400, 'invalid_request', '% is included more than once'),
    missing_parameter: refuse(400, 'invalid_request', '% is missing'),
    unsupported_grant_type: refuse(400, 'unsupported_grant_type', '% is not supported'),
    exchange_not_granted: refuse(400, 'unauthorized_client', 'the client may not exchange tokens'),
    public_client: refuse(400, 'unauthorized_client', 'a public client may not exchange tokens'),
    unsupported_token_type: refuse(400, 'invalid_request', '% is not supported'),
    bad_token: refuse(400, 'invalid_request', '% is no token of this server that is valid now'),
    not_for_client: refuse(400, 'invalid_request', 'the token is not for the client'),
    no_user: refuse(400, 'invalid_request', "the token is no user's"),
    no_credentials: refuse(401, 'invalid_client', 'no client authentication included'),
    several_credentials: refuse(400, 'invalid_request', 'more than one client authentication included'),
    malformed_credentials: refuse(401, 'invalid_client', 'the Authorization header is malformed'),
    unknown_client: refuse(401, 'invalid_client', 'client authentication failed'),
    unregistered_method: refuse(401, 'invalid_client', 'the client may not authenticate by %'),
    wrong_secret: refuse(401, 'invalid_client', 'client authentication failed'),
    expired_secret: refuse(401, 'invalid_client', 'the client secret has expired'),
    bad_assertion: refuse(401, 'invalid_client', 'the client assertion is not valid: %'),
    no_certificate_named: refuse(401, 'invalid_client', 'the header of the client assertion names no certificate'),
    unregistered_certificate: refuse(401, 'invalid_client', 'the certificate % is not registered'),
    missing_resource: refuse(400, 'invalid_target', 'no resource is named'),
    unknown_resource: refuse(400, 'invalid_target', 'there is no resource %'),
    resource_not_granted: refuse(400, 'invalid_target', 'the client may not access %'),
    missing_scope: refuse(400, 'invalid_scope', 'no scope is named'),
    invalid_scope: refuse(400, 'invalid_scope', '% is not valid'),
    scope_not_granted: refuse(400, 'invalid_scope', 'the client may not have %'),
    organization_not_granted: refuse(403, 'access_denied', 'the client is no member of %'),
    quota_exceeded: refuse(429, 'temporarily_unavailable', 'the quota is used up'),
  },
  refusalBody: ({ error, description }) => ({ error, error_description: description }),
};
