import { requestedScopes, grantableScopes, grantedResources } from '../engine/grant-rules.js';
import { Refusal, refuse } from '../engine/refusal.js';
import type { Dialect } from '../engine/dialect.js';
import { standard } from './standard.js';

const AUDIENCE = /^urn:zitadel:iam:org:project:id:(.+):aud$/;

/** Zitadel: `openid` in each request, the project by a reserved scope, roles as the keys of an object. */
export const zitadel: Dialect = {
  ...standard,
  paths: {
    token: '/oauth/v2/token',
    keys: '/oauth/v2/keys',
    discovery: ['/.well-known/openid-configuration'],
    introspection: '/oauth/v2/introspect',
    revocation: '/oauth/v2/revoke',
  },
  clientAuthentication: {
    methods: ['client_secret_basic', 'client_secret_post', 'private_key_jwt'],
    basic: 'form',
    assertionAudience: ['issuer'],
  },
  tokenType: undefined,
  tokensTellMachines: false,
  tokenLifetime: 43_199_000,
  asks: (resource) => ({ scope: `openid urn:zitadel:iam:org:project:id:${resource}:aud` }),
  grant(request) {
    const requested = requestedScopes(request);
    if (!requested.includes('openid')) throw new Refusal('missing_scope', 'openid');
    const projects = requested.map((scope) => AUDIENCE.exec(scope)?.[1]).filter((project) => project !== undefined);
    const audience = grantedResources(request, projects);
    return { audience, scope: grantableScopes(request, audience) };
  },
  claims: ({ client, user, audience, scope, issuedAt }) => ({
    sub: user ?? `id-of-${client.id}`,
    aud: [client.id, ...audience],
    azp: client.id,
    nbf: issuedAt,
    'urn:zitadel:iam:org:project:roles': Object.fromEntries(
      scope.map((role) => [role, { 'an-organization-id': 'organization.example.test' }]),
    ),
  }),
  response: ({ issuedAt, expiresAt }, accessToken) => ({
    access_token: accessToken,
    token_type: 'Bearer',
    expires_in: expiresAt - issuedAt,
  }),
  refusals: {
    ...standard.refusals,
    unknown_client: refuse(401, 'invalid_client', 'client not found'),
    wrong_secret: refuse(401, 'invalid_client', 'invalid secret'),
    expired_secret: refuse(401, 'invalid_client', 'invalid secret'),
    missing_scope: refuse(400, 'invalid_scope', 'The scope of your request is missing. %'),
  },
};
