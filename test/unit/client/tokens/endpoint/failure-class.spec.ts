import { describe, expect, it } from '@jest/globals';
import { keycloak } from '../../../../../lib/authorization-servers/keycloak.js';
import { oidc } from '../../../../../lib/authorization-servers/oidc.js';
import { NoTokenResponse } from '../../../../../lib/client/tokens/endpoint/token-response.js';
import { classify, type FailureClass } from '../../../../../lib/client/tokens/endpoint/failure-class.js';
import { BudgetExceededError } from '../../../../../lib/errors/budget-exceeded.error.js';
import { DiscoveryError } from '../../../../../lib/errors/discovery.error.js';
import { TokenEndpointError } from '../../../../../lib/errors/token-endpoint.error.js';
import { TokenRequestError } from '../../../../../lib/errors/token-request.error.js';
import { UpstreamError, type UpstreamFailure } from '../../../../../lib/http/upstream.error.js';

const handwritten = { name: 'mine', issuer: 'https://id.example.com' };
const standard = oidc({ issuer: 'https://id.example.com' });

const refused = (upstreamStatus: number, error = `http_${upstreamStatus}`) =>
  new TokenRequestError('no', { error, upstreamStatus });
const unreachable = (failure: UpstreamFailure) =>
  new TokenEndpointError('no answer', { cause: new UpstreamError(failure, 'no answer') });
const undiscovered = (failure: UpstreamFailure) =>
  new DiscoveryError('no metadata', { cause: new UpstreamError(failure, 'no answer') });
const noToken = new TokenEndpointError('HTML', { cause: new NoTokenResponse() });

describe('classify', () => {
  it.each<[string, Error, typeof standard, FailureClass]>([
    ['invalid_client with any status', refused(400, 'invalid_client'), handwritten, 'credentials'],
    ['a 401 without a reason', refused(401), handwritten, 'credentials'],
    ['a 403 without a reason', refused(403), handwritten, 'refused'],
    ['a 403 without a reason, at a standard server', refused(403), standard, 'credentials'],
    [
      'an error that its profile knows',
      refused(401, 'unauthorized_client'),
      keycloak({ url: 'https://k.test', realm: 'r' }),
      'credentials',
    ],
    ['the same at another server', refused(401, 'unauthorized_client'), handwritten, 'refused'],
    ['a scope that is not granted', refused(400, 'invalid_scope'), handwritten, 'refused'],
    ['a 429', refused(429, 'too_many_requests'), handwritten, 'throttled'],
    ['a 503', refused(503), handwritten, 'transient'],
    ['temporarily_unavailable with status 400', refused(400, 'temporarily_unavailable'), handwritten, 'transient'],
    ['a network that fails', unreachable('network'), handwritten, 'transient'],
    ['an answer that takes too long', unreachable('timeout'), handwritten, 'transient'],
    ['a redirect', unreachable('redirect'), handwritten, 'unclear'],
    ['an answer without a token', noToken, handwritten, 'unclear'],
    ['a token that cannot be used', new TokenEndpointError('DPoP'), handwritten, 'refused'],
    ['metadata that is not there', new DiscoveryError('no'), handwritten, 'refused'],
    ['metadata behind a redirect', undiscovered('redirect'), handwritten, 'refused'],
    ['metadata that cannot be had now', undiscovered('unavailable'), handwritten, 'transient'],
    ['metadata that takes too long', undiscovered('timeout'), handwritten, 'transient'],
    ['a budget that is used up', new BudgetExceededError('no'), handwritten, 'local'],
  ])('takes %s for what it is', (_, error, server, expected) => {
    expect(classify(error, server)).toBe(expected);
  });
});
