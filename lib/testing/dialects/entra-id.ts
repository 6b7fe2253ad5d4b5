import { randomUUID } from 'node:crypto';
import type { GrantedAccess, GrantRequest } from '../engine/grant.js';
import { requestedScopes, grantableScopes, grantedResources, oneOrMany } from '../engine/grant-rules.js';
import { Refusal, refuse } from '../engine/refusal.js';
import type { Dialect } from '../engine/dialect.js';
import { entraIdOnBehalfOf } from './entra-id-on-behalf-of.js';
import { standard } from './standard.js';

const TENANT = '11111111-2222-3333-4444-555555555555';
const SUFFIX = '/.default';

/** Entra ID, version 2: one `{resource}/.default` as scope, application roles in the token, error codes for support. */
export const entraId: Dialect = {
  ...standard,
  issuerPath: `/${TENANT}/v2.0`,
  paths: {
    token: `/${TENANT}/oauth2/v2.0/token`,
    keys: `/${TENANT}/discovery/v2.0/keys`,
    discovery: [`/${TENANT}/v2.0/.well-known/openid-configuration`],
  },
  clientAuthentication: {
    methods: ['client_secret_post', 'client_secret_basic', 'private_key_jwt'],
    basic: 'form',
    assertionAudience: ['token-endpoint', 'issuer'],
    assertionNamesCertificate: true,
  },
  keySet: { ...standard.keySet, omit: ['alg'] },
  tokenType: 'JWT',
  tokenLifetime: 3_599_000,
  asks: (resource) => ({ scope: `${resource}${SUFFIX}` }),
  grant,
  exchange: entraIdOnBehalfOf(grant),
  claims: ({ client, user, audience, scope, issuedAt }) => ({
    aud: oneOrMany(audience),
    nbf: issuedAt,
    azp: client.id,
    azpacr: '1',
    idtyp: user ? undefined : 'app',
    oid: user ?? `object-id-of-${client.id}`,
    sub: user ? `pairwise-id-of-${user}` : `object-id-of-${client.id}`,
    roles: user ? undefined : scope,
    scp: user ? scope.join(' ') : undefined,
    tid: TENANT,
    ver: '2.0',
  }),
  response: ({ issuedAt, expiresAt }, accessToken) => ({
    token_type: 'Bearer',
    expires_in: expiresAt - issuedAt,
    ext_expires_in: expiresAt - issuedAt,
    access_token: accessToken,
  }),
  refusals: {
    ...standard.refusals,
    missing_parameter: refuse(
      400,
      'invalid_request',
      "The request body must contain the following parameter: '%'.",
      900144,
    ),
    no_credentials: refuse(
      401,
      'invalid_client',
      "The request body must contain the following parameter: 'client_assertion' or 'client_secret'.",
      7000218,
    ),
    unknown_client: refuse(
      400,
      'unauthorized_client',
      "Application with identifier '%' was not found in the directory 'Test'.",
      700016,
    ),
    wrong_secret: refuse(401, 'invalid_client', 'Invalid client secret provided.', 7000215),
    expired_secret: refuse(401, 'invalid_client', 'The provided client secret keys are expired.', 7000222),
    bad_assertion: refuse(401, 'invalid_client', 'Client assertion failed signature validation.', 700027),
    no_certificate_named: refuse(
      400,
      'invalid_request',
      'Invalid JWT token. No certificate thumbprint specified in token header.',
      50027,
    ),
    unregistered_certificate: refuse(
      401,
      'invalid_client',
      "The certificate with identifier used to sign the client assertion is not registered on application. [Reason - The key was not found., Thumbprint of key used by client: '%'].",
      700027,
    ),
    exchange_not_granted: refuse(
      400,
      'invalid_grant',
      "The user or administrator has not consented to use the application with ID '%'.",
      65001,
    ),
    bad_token: refuse(400, 'invalid_grant', 'The % is not valid.', 50013),
    not_for_client: refuse(
      400,
      'invalid_grant',
      "Assertion audience does not match the Client app presenting the assertion: '%'.",
      500131,
    ),
    no_user: refuse(
      400,
      'invalid_grant',
      "Application '%' is not allowed to make application on-behalf-of calls.",
      7000114,
    ),
    unknown_resource: refuse(
      400,
      'invalid_resource',
      'The resource principal named % was not found in the tenant named Test.',
      500011,
    ),
    resource_not_granted: refuse(400, 'invalid_grant', "The application is not assigned to a role for '%'.", 501051),
    missing_scope: refuse(
      400,
      'invalid_request',
      "The request body must contain the following parameter: '%'.",
      900144,
    ),
    invalid_scope: refuse(
      400,
      'invalid_scope',
      'The provided value for scope % is not valid. Client credential flows must have a scope value with /.default suffixed to the resource identifier (application ID URI).',
      1002012,
    ),
  },
  refusalBody: ({ error, description, code }, now) => {
    const [traceId, correlationId] = [randomUUID(), randomUUID()];
    return {
      error,
      error_description: `AADSTS${code ?? 90000}: ${description} Trace ID: ${traceId} Correlation ID: ${correlationId}`,
      error_codes: [code ?? 90000],
      timestamp: now.toISOString().replace('T', ' ').replace(/\.\d+/, ''),
      trace_id: traceId,
      correlation_id: correlationId,
    };
  },
};

function grant(request: GrantRequest): GrantedAccess {
  const requested = requestedScopes(request);
  if (requested.length === 0) throw new Refusal('missing_scope', 'scope');
  const [scope = '', ...others] = requested;
  if (others.length > 0 || !scope.endsWith(SUFFIX)) throw new Refusal('invalid_scope', requested.join(' '));
  const resources = grantedResources(request, [scope.slice(0, -SUFFIX.length)]);
  return { audience: resources, scope: grantableScopes(request, resources) };
}
