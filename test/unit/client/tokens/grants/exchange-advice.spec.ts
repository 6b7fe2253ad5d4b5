import { describe, expect, it } from '@jest/globals';
import { exchangeAdvice } from '../../../../../lib/client/tokens/grants/exchange-advice.js';

describe('the advice after a refused exchange', () => {
  it.each([
    ['invalid_request', 'Standard token exchange is not enabled for the requested client', /Switch "Standard token/],
    ['access_denied', 'Client is not within the token audience', /audience mapper/],
    ['invalid_request', 'Requested audience not available: billing', /no mapper or scope for that audience/],
    ['invalid_client', 'Audience not found', /audience names the client of the called service/],
    ['invalid_request', 'requested grant type is not allowed for this client', /Allow this client to exchange/],
    ['invalid_grant', 'AADSTS65001: The user or administrator has not consented', /Grant admin consent/],
  ])('goes by what a server writes: %s, "%s"', (error, errorDescription, advice) => {
    expect(exchangeAdvice({ status: 400, error, errorDescription }, 'any server')).toMatch(advice);
  });

  it.each([
    ['invalid_target', /Check audience or resource/],
    ['unauthorized_client', /Allow this client to exchange/],
    ['unsupported_grant_type', /Switch token exchange on/],
    ['access_denied', /Allow this client to exchange/],
    ['invalid_request', /caller's token/],
    ['invalid_grant', /not a user's/],
  ])('goes by the error without a text that it knows: %s', (error, advice) => {
    expect(exchangeAdvice({ status: 400, error, errorDescription: 'no' }, 'any server')).toMatch(advice);
  });

  it('is missing if nothing is known about an error', () => {
    expect(exchangeAdvice({ status: 400, error: 'invalid_scope' }, 'any server')).toBeUndefined();
  });
});
