import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { M2MTokenVerifier } from '../../../lib/resource-server/m2m-token-verifier.js';
import { testAudience, TestIssuer } from '../../support/issuer.js';
import { verificationApp } from './verification-app.js';

describe('several issuers (claim 3.7)', () => {
  let primary: TestIssuer;
  let partner: TestIssuer;
  let stranger: TestIssuer;
  let app: Awaited<ReturnType<typeof verificationApp>>;
  const partnerAudience = 'https://partner-facing.test';

  beforeAll(async () => {
    [primary, partner, stranger] = await Promise.all([TestIssuer.start(), TestIssuer.start(), TestIssuer.start()]);
    const versions = { ...primary.authorizationServer, acceptedIssuers: [primary.issuer, `${primary.issuer}/v1`] };
    app = await verificationApp({
      authorizationServer: versions,
      resourceServer: {
        audience: testAudience,
        allowedClients: ['billing', 'test-client'],
        allowedOrganizations: undefined,
        trust: [
          {
            authorizationServer: partner.authorizationServer,
            audience: partnerAudience,
            scopes: ['read:products'],
            allowedClients: ['acme'],
            callers: 'any',
          },
        ],
      },
    });
  });
  afterAll(async () => {
    await app.close();
    await Promise.all([primary, partner, stranger].map((issuer) => issuer.stop()));
  });

  const verify = (token: string) => app.get(M2MTokenVerifier).verify(token);
  const fromPartner = (claims = {}) =>
    partner.mint({ aud: partnerAudience, client_id: 'acme', sub: 'acme', ...claims });

  it('are each held to what is said of them', async () => {
    await expect(
      verify(await primary.mint({ client_id: 'billing', sub: 'billing', scope: 'admin' })),
    ).resolves.toMatchObject({
      issuer: primary.issuer,
      clientId: 'billing',
      scopes: ['admin'],
    });
    await expect(verify(await fromPartner({ sub: 'alice', sid: 's', scope: 'read:products' }))).resolves.toMatchObject({
      issuer: partner.issuer,
      clientId: 'acme',
      kind: 'user',
    });
  });

  it('grant no scope that they are not trusted with', async () => {
    const caller = await verify(await fromPartner({ scope: 'admin read:products write:products' }));
    expect(caller.scopes).toEqual(['read:products']);
  });

  it.each([
    ['the audience of another', { aud: testAudience }, { reason: 'audience' }],
    ['a client of another', { client_id: 'billing', sub: 'billing' }, { code: 'ERR_M2M_CALLER_NOT_ALLOWED' }],
  ])('gain nothing by %s', async (_what, claims, refusal) => {
    await expect(verify(await fromPartner(claims))).rejects.toMatchObject(refusal);
  });

  it('may not call as users because another may', async () => {
    const token = await primary.mint({ sub: 'alice' });
    await expect(verify(token)).rejects.toMatchObject({ code: 'ERR_M2M_CALLER_NOT_ALLOWED' });
  });

  it('do not sign for each other, even with the same kid', async () => {
    const { kid } = await primary.key();
    expect((await partner.key()).kid).toBe(kid);
    const forged = await partner.mint({ iss: primary.issuer, client_id: 'billing', sub: 'billing' });
    await expect(verify(forged)).rejects.toMatchObject({ reason: 'signature' });
  });

  it('may write their name in more than one way, and are called by one', async () => {
    const token = await primary.mint({ iss: `${primary.issuer}/v1` });
    await expect(verify(token)).resolves.toMatchObject({ issuer: primary.issuer });
    await expect(verify(await fromPartner({ iss: `${partner.issuer}/v1` }))).rejects.toMatchObject({
      reason: 'issuer',
    });
  });

  it('that are not listed are asked nothing (claim 7.1)', async () => {
    await expect(verify(await stranger.mint())).rejects.toMatchObject({ reason: 'issuer' });
    expect(stranger.http.requests).toEqual([]);
  });

  it('that are down do not keep the others from being served', async () => {
    await using down = await TestIssuer.start();
    down.breakKeySet((response) => response.destroy());
    await using both = await verificationApp({
      authorizationServer: down.authorizationServer,
      resourceServer: {
        audience: testAudience,
        trust: [{ authorizationServer: partner.authorizationServer, audience: partnerAudience, scopes: [] }],
      },
    });
    const verifier = both.get(M2MTokenVerifier);
    await expect(verifier.verify(await down.mint())).rejects.toMatchObject({ code: 'ERR_M2M_KEYS_UNAVAILABLE' });
    await expect(verifier.verify(await fromPartner())).resolves.toMatchObject({ clientId: 'acme' });
  });
});
