import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { M2MTokenVerifier } from '../../../lib/resource-server/m2m-token-verifier.js';
import { testAudience, testClientId, TestIssuer } from '../../support/issuer.js';
import { verificationApp } from './verification-app.js';

describe('an access token that is in order', () => {
  let issuer: TestIssuer;
  let app: Awaited<ReturnType<typeof verificationApp>>;
  let verifier: M2MTokenVerifier;

  beforeAll(async () => {
    issuer = await TestIssuer.start();
    app = await verificationApp({
      authorizationServer: issuer.authorizationServer,
      resourceServer: { audience: testAudience },
    });
    verifier = app.get(M2MTokenVerifier);
  });
  afterAll(async () => {
    await app.close();
    await issuer.stop();
  });

  it('names its caller', async () => {
    const token = await issuer.mint({ scope: 'read:products write:products' });
    const caller = await verifier.verify(token);
    expect(caller).toMatchObject({
      clientId: testClientId,
      issuer: issuer.issuer,
      subject: testClientId,
      audience: [testAudience],
      scopes: ['read:products', 'write:products'],
      organization: undefined,
      kind: 'machine',
    });
    expect(caller.claims).toMatchObject({ client_id: testClientId, scope: 'read:products write:products' });
    expect(caller.expiresAt).toBe(Number(caller.claims['exp']) * 1000);
    expect(caller.hasScope('write:products')).toBe(true);
    expect(caller.hasScope('write')).toBe(false);
  });

  it.each(['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512', 'ES256', 'ES384', 'ES512', 'EdDSA', 'Ed25519'])(
    'is verified with %s',
    async (alg) => {
      await using other = await TestIssuer.start();
      const token = await other.mint({}, {}, alg);
      await using otherApp = await verificationApp({
        authorizationServer: other.authorizationServer,
        resourceServer: { audience: testAudience },
      });
      const caller = await otherApp.get(M2MTokenVerifier).verify(token);
      expect(caller.clientId).toBe(testClientId);
    },
  );

  it('is refused when its signature is of other bytes', async () => {
    for (const alg of ['RS256', 'EdDSA']) {
      await using other = await TestIssuer.start();
      const [a, b] = [await other.mint({}, {}, alg), await other.mint({ admin: true }, {}, alg)];
      await using otherApp = await verificationApp({
        authorizationServer: other.authorizationServer,
        resourceServer: { audience: testAudience },
      });
      const forged = [...b.split('.').slice(0, 2), a.split('.')[2]].join('.');
      await expect(otherApp.get(M2MTokenVerifier).verify(forged)).rejects.toMatchObject({ reason: 'signature' });
    }
  });
});
