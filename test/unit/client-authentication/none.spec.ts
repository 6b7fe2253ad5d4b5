import { describe, expect, it } from '@jest/globals';
import { none, noneAuthenticator } from '../../../lib/client-authentication/none.js';
import { authenticatedRequest } from '../../support/authenticated-request.js';

describe('none', () => {
  it('returns a frozen object', () => {
    expect(none()).toEqual({ method: 'none' });
    expect(Object.isFrozen(none())).toBe(true);
  });
});

describe('noneAuthenticator', () => {
  it('sends the client id only', async () => {
    const { body, headers } = await authenticatedRequest(noneAuthenticator, none());
    expect([body, headers]).toEqual([{ client_id: 'orders' }, {}]);
  });

  it('has traits: it needs no secret, and shares tokens and failures', () => {
    expect(noneAuthenticator).toMatchObject({ needsSecret: false, sharesTokens: true, sharesFailures: true });
  });
});
