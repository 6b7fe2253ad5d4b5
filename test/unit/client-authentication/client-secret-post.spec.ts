import { describe, expect, it } from '@jest/globals';
import {
  clientSecretPost,
  clientSecretPostAuthenticator,
} from '../../../lib/client-authentication/client-secret-post.js';
import { authenticatedRequest } from '../../support/authenticated-request.js';

describe('clientSecretPost', () => {
  it('returns a frozen object', () => {
    expect(clientSecretPost()).toEqual({ method: 'client_secret_post' });
    expect(Object.isFrozen(clientSecretPost())).toBe(true);
  });
});

describe('clientSecretPostAuthenticator', () => {
  it('puts client id and secret into the body, and nothing into a header', async () => {
    const request = { credential: 'p%s +wörd' };
    const { body, headers } = await authenticatedRequest(clientSecretPostAuthenticator, clientSecretPost(), request);
    expect(body).toEqual({ client_id: 'orders', client_secret: 'p%s +wörd' });
    expect(headers).toEqual({});
  });

  it('has traits: it needs a secret, and shares tokens and failures', () => {
    const traits = { needsSecret: true, sharesTokens: true, sharesFailures: true };
    expect(clientSecretPostAuthenticator).toMatchObject(traits);
  });
});
