import { describe, expect, it } from '@jest/globals';
import { jwtVerify } from 'jose';
import { JWT_BEARER } from '../../../lib/client-authentication/assertion.js';
import { clientSecretJwt, clientSecretJwtAuthenticator } from '../../../lib/client-authentication/client-secret-jwt.js';
import { authenticatedRequest } from '../../support/authenticated-request.js';

const credential = 'a secret of at least 32 characters, to be sure';

describe('clientSecretJwt', () => {
  it('returns a frozen object', () => {
    expect(clientSecretJwt()).toEqual({ method: 'client_secret_jwt' });
    expect(Object.isFrozen(clientSecretJwt())).toBe(true);
  });
});

describe('clientSecretJwtAuthenticator', () => {
  it('signs an assertion with the secret, and does not send the secret', async () => {
    const sent = await authenticatedRequest(clientSecretJwtAuthenticator, clientSecretJwt(), { credential });
    const assertion = sent.body['client_assertion'] ?? '';
    expect(sent.body).toEqual({
      client_id: 'orders',
      client_assertion: assertion,
      client_assertion_type: JWT_BEARER,
    });
    const options = { currentDate: new Date(sent.clock.wall()), audience: 'https://id.example.com', subject: 'orders' };
    const { protectedHeader } = await jwtVerify(assertion, Buffer.from(credential), options);
    expect(protectedHeader).toEqual({ alg: 'HS256' });
  });

  it('has traits: it needs a secret, shares tokens, and does not share failures', () => {
    const traits = { needsSecret: true, sharesTokens: true, sharesFailures: false };
    expect(clientSecretJwtAuthenticator).toMatchObject(traits);
  });
});
