import {
  requestedResources,
  requestedScopes,
  grantableScopes,
  grantedOrganization,
  grantedResources,
  joined,
  oneOrMany,
} from '../engine/grant-rules.js';
import { single } from '../engine/received-request.js';
import { Refusal, refuse } from '../engine/refusal.js';
import type { Dialect } from '../engine/dialect.js';
import { standard } from './standard.js';

const badTarget = refuse(400, 'invalid_target', 'resource indicator is missing, or unknown');

/** Logto: one `resource` or an organization in each request, scopes that are not granted dropped without a word, ES384. */
export const logto: Dialect = {
  ...standard,
  issuerPath: '/oidc',
  paths: {
    token: '/oidc/token',
    keys: '/oidc/jwks',
    discovery: ['/oidc/.well-known/openid-configuration', '/oidc/.well-known/oauth-authorization-server'],
    introspection: '/oidc/token/introspection',
    revocation: '/oidc/token/revocation',
  },
  bodies: ['form', 'json'],
  clientAuthentication: {
    methods: ['client_secret_basic', 'client_secret_post'],
    basic: 'form',
    assertionAudience: ['issuer'],
    challenge: 'Basic realm="oidc"',
  },
  keySet: { ...standard.keySet, alg: 'ES384', oldKeys: 1 },
  hasOrganizations: true,
  introspectsJwts: false,
  grant(request) {
    const resources = grantedResources(request, requestedResources(request));
    const organization = grantedOrganization(request, single(request.parameters, 'organization_id'));
    if (resources.length > 1 || (resources.length === 0 && organization === undefined)) {
      throw new Refusal('missing_resource');
    }
    const grantable = grantableScopes(request, resources);
    const scope = requestedScopes(request).filter((name) => grantable.includes(name));
    return { audience: resources, scope, organization };
  },
  claims: ({ client, user, audience, scope, organization }) => ({
    sub: user ?? client.id,
    aud: audience.length > 0 ? oneOrMany(audience) : `urn:logto:organization:${organization}`,
    client_id: client.id,
    scope: joined(scope),
    organization_id: audience.length > 0 ? organization : undefined,
  }),
  response: (token, accessToken) => ({
    ...standard.response(token, accessToken),
    scope: token.scope.length > 0 || token.audience.length === 0 ? token.scope.join(' ') : undefined,
  }),
  refusals: {
    ...standard.refusals,
    unknown_client: refuse(400, 'invalid_client', 'invalid client %'),
    expired_secret: refuse(400, 'invalid_request', 'client secret has expired'),
    missing_resource: badTarget,
    unknown_resource: badTarget,
    resource_not_granted: badTarget,
    organization_not_granted: refuse(400, 'access_denied', 'the client is no member of %'),
  },
  refusalBody: ({ status, error, description }) =>
    status === 429
      ? { code: 'subscription.limit_exceeded', message: 'Token quota exceeded.' }
      : { code: `oidc.${error}`, message: description, error, error_description: description },
};
