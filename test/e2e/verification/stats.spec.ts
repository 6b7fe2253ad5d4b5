import { expect, it } from '@jest/globals';
import { INVALID_TOKEN_REASONS } from '../../../lib/errors/invalid-token.error.js';
import { M2MTokenVerifier } from '../../../lib/resource-server/m2m-token-verifier.js';
import { TestClock } from '../../../lib/testing/test-clock.js';
import { TestIssuer, testAudience, testClientId } from '../../support/issuer.js';
import { verificationApp } from './verification-app.js';

it('M2MTokenVerifier.stats() has the totals of tokens, and the state of the cache and the key sets', async () => {
  await using issuer = await TestIssuer.start();
  await using partner = await TestIssuer.start();
  const clock = new TestClock();
  await using app = await verificationApp(
    {
      authorizationServer: issuer.authorizationServer,
      resourceServer: {
        audience: testAudience,
        allowedClients: [testClientId],
        trust: [{ authorizationServer: partner.authorizationServer, audience: testAudience, scopes: [] }],
      },
    },
    clock,
  );
  const verifier = app.get(M2MTokenVerifier);
  const zero = Object.fromEntries(INVALID_TOKEN_REASONS.map((reason) => [reason, 0]));
  const unfetched = { keys: 0, fetchedAt: undefined, failures: 0, failedAt: undefined };
  const before = verifier.stats();
  expect(before).toEqual({
    acceptedFromCache: 0,
    acceptedAfterVerification: 0,
    refused: zero,
    callersRefused: 0,
    keysUnavailable: 0,
    cachedTokens: 0,
    keySets: [
      { issuer: issuer.issuer, ...unfetched },
      { issuer: partner.issuer, ...unfetched },
    ],
  });

  partner.breakKeySet((response) => response.destroy());
  const token = await issuer.mint();
  await verifier.verify(token);
  await verifier.verify(token);
  expect(verifier.remembered(token)).toMatchObject({ clientId: testClientId });
  await verifier.verify(await issuer.mint({ jti: 'another' }));
  const refused = [
    'no token',
    await issuer.mint({ exp: clock.wall() / 1000 - 60 }),
    await issuer.mint({ iss: 'https://random.test' }),
    await issuer.mint({ client_id: 'other', sub: 'other' }),
    await partner.mint(),
  ];
  for (const bad of [...refused, 'no token'])
    await expect(verifier.verify(bad)).rejects.toMatchObject({ code: expect.stringMatching(/^ERR_M2M_/) });

  const after = verifier.stats();
  expect(after).toEqual({
    acceptedFromCache: 2,
    acceptedAfterVerification: 2,
    refused: { ...zero, malformed: 2, expired: 1, issuer: 1 },
    callersRefused: 1,
    keysUnavailable: 1,
    cachedTokens: 2,
    keySets: [
      { issuer: issuer.issuer, keys: expect.any(Number), fetchedAt: clock.wall(), failures: 0, failedAt: undefined },
      { issuer: partner.issuer, ...unfetched, failures: 1, failedAt: clock.wall() },
    ],
  });
  expect(after.keySets[0]?.keys).toBeGreaterThan(0);
  for (const part of [after, after.refused, after.keySets, ...after.keySets]) expect(Object.isFrozen(part)).toBe(true);
  expect(before.refused.malformed).toBe(0);
});
