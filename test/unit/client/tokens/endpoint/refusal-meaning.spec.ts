import { describe, expect, it } from '@jest/globals';
import type { TokenErrorAnswer } from '../../../../../lib/authorization-servers/authorization-server.js';
import { oidc } from '../../../../../lib/authorization-servers/oidc.js';
import type { FailureClass } from '../../../../../lib/client/tokens/endpoint/failure-class.js';
import { meaningOf } from '../../../../../lib/client/tokens/endpoint/refusal-meaning.js';

const handwritten = { wrongCredentials: undefined };
const { wrongCredentials } = oidc({ issuer: 'https://id.example.com' });

const said = (status: number, error?: string, errorDescription?: string): TokenErrorAnswer => ({
  status,
  error,
  errorDescription,
});

describe('meaningOf', () => {
  it.each<[string, TokenErrorAnswer, FailureClass]>([
    ['invalid_client with any status', said(400, 'invalid_client'), 'credentials'],
    ['a 401 without a reason', said(401), 'credentials'],
    ['a 401 with any reason', said(401, 'unauthorized_client'), 'credentials'],
    ['a 401 that says that it is busy', said(401, 'temporarily_unavailable'), 'credentials'],
    ['a 403 without a reason', said(403), 'refused'],
    ['a scope that is not granted', said(400, 'invalid_scope'), 'refused'],
    ['a 429', said(429, 'too_many_requests'), 'throttled'],
    ['a 408', said(408), 'transient'],
    ['a 503', said(503), 'transient'],
    ['temporarily_unavailable with status 400', said(400, 'temporarily_unavailable'), 'transient'],
  ])('takes %s for what it is', (_name, answer, failureClass) => {
    expect(meaningOf(answer, handwritten)).toMatchObject({ failureClass });
  });

  it('asks the profile of the server', () => {
    expect(meaningOf(said(403), { wrongCredentials })).toMatchObject({ failureClass: 'credentials' });
  });

  it.each<[string, TokenErrorAnswer, RegExp]>([
    ['an unknown secret', said(401), /^Check clientId, clientSecret and clientAuthentication\.$/],
    [
      'the 401 of Keycloak, which may mean two things',
      said(401, 'unauthorized_client'),
      /^Check clientId, clientSecret and .* Allow this client the grant type client_credentials\.$/,
    ],
    ['a grant type', said(400, 'unauthorized_client'), /^Allow this client the grant type/],
    [
      'an assertion without thumbprint at Entra ID',
      said(
        400,
        'invalid_request',
        'AADSTS50027: Invalid JWT token. No certificate thumbprint specified in token header.',
      ),
      /privateKeyJwt\(\{ key, cert, alg \}\)/,
    ],
    [
      'an unknown certificate at Entra ID',
      said(401, 'invalid_client', 'AADSTS700027: The certificate with identifier used to sign ... is not registered.'),
      /privateKeyJwt\(\{ key, cert, alg \}\)/,
    ],
    ['the DPoP of Keycloak', said(400, 'invalid_request', 'DPoP proof is missing'), /\(DPoP\)/],
    ['the DPoP of oidc-provider', said(400, 'invalid_grant', 'DPoP proof JWT not provided'), /\(DPoP\)/],
    ['the DPoP of better-auth', said(400, 'invalid_dpop_proof'), /\(DPoP\)/],
    [
      'the certificate of Keycloak',
      said(400, 'invalid_request', 'Client Certification missing for MTLS HoK Token Binding'),
      /mutualTls\(\{ cert, key \}\)/,
    ],
    [
      'the certificate of oidc-provider',
      said(400, 'invalid_grant', 'mutual TLS client certificate not provided'),
      /mutualTls\(\{ cert, key \}\)/,
    ],
    ['another request', said(400, 'invalid_request', 'resource is missing'), /^$/],
    ['an error of another kind', said(400, 'constructor'), /^$/],
  ])('has a hint for %s', (_name, answer, hint) => {
    expect(meaningOf(answer, handwritten).hint).toMatch(hint);
  });
});
