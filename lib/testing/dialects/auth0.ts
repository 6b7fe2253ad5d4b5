import {
  requestedScopes,
  grantableScopes,
  grantedOrganization,
  grantedResources,
  joined,
  oneOrMany,
  onlyGranted,
} from '../engine/grant-rules.js';
import { single } from '../engine/received-request.js';
import { Refusal, refuse } from '../engine/refusal.js';
import type { Dialect, QuotaState } from '../engine/dialect.js';
import { standard } from './standard.js';

const ungranted = refuse(
  403,
  'access_denied',
  'Client is not authorized to access "%". You need to create a "client-grant" associated to this API.',
);
const unauthorized = refuse(401, 'access_denied', 'Unauthorized');

/** Auth0: an `audience` in each request, 403 for anything that is not granted, the client's quota in headers. */
export const auth0: Dialect = {
  ...standard,
  issuerPath: '/',
  paths: {
    token: '/oauth/token',
    keys: '/.well-known/jwks.json',
    discovery: standard.paths.discovery,
    revocation: '/oauth/revoke',
  },
  bodies: ['form', 'json'],
  clientAuthentication: {
    methods: ['client_secret_post', 'client_secret_basic', 'private_key_jwt', 'self_signed_tls_client_auth', 'none'],
    basic: 'form',
    assertionAudience: ['issuer'],
  },
  tokenType: 'JWT',
  hasOrganizations: true,
  tokenLifetime: 86_400_000,
  asks: (audience) => ({ audience }),
  grant(request) {
    const audience = single(request.parameters, 'audience');
    if (audience === undefined) throw new Refusal('missing_resource');
    const resources = grantedResources(request, [audience]);
    const grantable = grantableScopes(request, resources);
    onlyGranted(requestedScopes(request), grantable);
    const organization = grantedOrganization(request, single(request.parameters, 'organization'));
    return { audience: resources, scope: grantable, organization };
  },
  claims: ({ client, user, audience, scope, organization }) => ({
    sub: user === undefined ? `${client.id}@clients` : user,
    aud: oneOrMany(audience),
    azp: client.id,
    scope: joined(scope),
    org_id: organization,
    gty: user === undefined ? 'client-credentials' : undefined,
  }),
  quotaHeaders: (quota): Readonly<Record<string, string>> =>
    quota.length === 0 ? {} : { 'auth0-client-quota-limit': quota.map(written).join(',') },
  refusals: {
    ...standard.refusals,
    no_credentials: unauthorized,
    unknown_client: unauthorized,
    wrong_secret: unauthorized,
    expired_secret: unauthorized,
    unregistered_method: unauthorized,
    missing_resource: refuse(
      403,
      'access_denied',
      'No audience parameter was provided, and no default audience has been configured',
    ),
    unknown_resource: refuse(403, 'access_denied', 'Service not found: %'),
    resource_not_granted: ungranted,
    scope_not_granted: refuse(403, 'access_denied', 'Client has not been granted scopes: %'),
    quota_exceeded: refuse(429, 'too_many_requests', 'Client quota exceeded'),
  },
};

const written = ({ bucket, limit, remaining, resetsIn }: QuotaState): string =>
  `b=${bucket};q=${limit};r=${remaining};t=${resetsIn}`;
