import { describe, expect, it } from '@jest/globals';
import { NoTokenResponse } from '../../../../../lib/client/tokens/endpoint/token-response.js';
import { classify, type FailureClass } from '../../../../../lib/client/tokens/endpoint/failure-class.js';
import { BudgetExceededError } from '../../../../../lib/errors/budget-exceeded.error.js';
import { DiscoveryError } from '../../../../../lib/errors/discovery.error.js';
import { TokenEndpointError } from '../../../../../lib/errors/token-endpoint.error.js';
import { UpstreamError, type UpstreamFailure } from '../../../../../lib/http/upstream.error.js';

const unreachable = (failure: UpstreamFailure) =>
  new TokenEndpointError('no answer', { cause: new UpstreamError(failure, 'no answer') });
const undiscovered = (failure: UpstreamFailure) =>
  new DiscoveryError('no metadata', { cause: new UpstreamError(failure, 'no answer') });
const noToken = new TokenEndpointError('HTML', { cause: new NoTokenResponse() });

describe('classify', () => {
  it.each<[string, Error, FailureClass]>([
    ['a network that fails', unreachable('network'), 'transient'],
    ['an answer that takes too long', unreachable('timeout'), 'transient'],
    ['a redirect', unreachable('redirect'), 'unclear'],
    ['an answer without a token', noToken, 'unclear'],
    ['a token that cannot be used', new TokenEndpointError('DPoP'), 'refused'],
    ['metadata that is not there', new DiscoveryError('no'), 'refused'],
    ['metadata behind a redirect', undiscovered('redirect'), 'refused'],
    ['metadata that cannot be had now', undiscovered('unavailable'), 'transient'],
    ['metadata that takes too long', undiscovered('timeout'), 'transient'],
    ['a budget that is used up', new BudgetExceededError('no'), 'local'],
  ])('takes %s for what it is', (_, error, expected) => {
    expect(classify(error)).toBe(expected);
  });
});
