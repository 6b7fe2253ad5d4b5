import { randomBytes } from 'node:crypto';
import { requestedScopes, joined } from '../engine/grant-rules.js';
import { Refusal, refuse } from '../engine/refusal.js';
import type { Dialect } from '../engine/dialect.js';
import { standard } from './standard.js';

const POOL = '/eu-central-1_Test';
const badClient = refuse(400, 'invalid_client');

/** Amazon Cognito: the resource server's id is a part of each scope, tokens have no `aud`, errors no description. */
export const cognito: Dialect = {
  ...standard,
  issuerPath: POOL,
  paths: {
    token: '/oauth2/token',
    keys: `${POOL}/.well-known/jwks.json`,
    discovery: [`${POOL}/.well-known/openid-configuration`],
    revocation: '/oauth2/revoke',
  },
  clientAuthentication: {
    methods: ['client_secret_basic', 'client_secret_post'],
    basic: 'raw',
    assertionAudience: [],
  },
  keySet: { ...standard.keySet, kid: () => `k/${randomBytes(32).toString('base64')}` },
  tokenType: undefined,
  asks: (resource, scopes) => ({ scope: scopes.map((scope) => wireScope(resource, scope)).join(' ') }),
  grant(request) {
    const { client, registry } = request;
    const all = registry
      .resourcesOf(client)
      .flatMap((resource) => registry.grantable(client, resource).map((scope) => wireScope(resource, scope)));
    const requested = requestedScopes(request);
    const scope = requested.length === 0 ? all : requested.filter((name) => all.includes(name));
    if (scope.length === 0) throw new Refusal('scope_not_granted', requested.join(' '));
    return { audience: [], scope };
  },
  wireScope,
  claims: ({ client, user, scope, issuedAt }) => ({
    sub: user ?? client.id,
    username: user,
    token_use: 'access',
    scope: joined(scope),
    auth_time: issuedAt,
    version: 2,
    client_id: client.id,
  }),
  response: ({ issuedAt, expiresAt }, accessToken) => ({
    access_token: accessToken,
    expires_in: expiresAt - issuedAt,
    token_type: 'Bearer',
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
  },
  refusalBody: ({ error }) => ({ error }),
};

function wireScope(resource: string, scope: string): string {
  return scope.startsWith(`${resource}/`) ? scope : `${resource}/${scope}`;
}
