import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { privateKeyJwt } from '../../../lib/client-authentication/private-key-jwt.js';
import type { ClientAuthentication } from '../../../lib/client-authentication/client-authenticators.js';
import { TestAuthorizationServer } from '../../../lib/testing/index.js';
import { clientTokenManager, asking } from '../../support/client-token-manager.js';
import { selfSignedCertificate } from '../../support/certificates.js';

const { key, cert } = selfSignedCertificate('orders');
const other = selfSignedCertificate('other');

describe('a client with a certificate at Entra ID', () => {
  let server: TestAuthorizationServer;
  beforeAll(async () => {
    server = await TestAuthorizationServer.start({ dialect: 'entraId', clients: { orders: { publicKey: cert } } });
  });
  afterAll(() => server.stop());

  const tokenWith = (clientAuthentication: ClientAuthentication): Promise<unknown> => {
    const { authorizationServer } = server;
    const { manager } = clientTokenManager({ authorizationServer, clientSecret: undefined, clientAuthentication });
    const { scope } = server.tokenRequest();
    return manager.getAccessToken(asking({ ...(scope !== undefined && { scope }) }));
  };
  const namesCert = expect.stringContaining('Write privateKeyJwt({ key, cert, alg })');

  it('gets tokens with privateKeyJwt({ key, cert, alg })', async () => {
    await expect(tokenWith(privateKeyJwt({ key, cert, alg: 'ES256' }))).resolves.toHaveProperty('type', 'Bearer');
    await expect(tokenWith(privateKeyJwt({ key: () => key, cert: () => cert, alg: 'ES256' }))).resolves.toBeDefined();
  });

  it('is told to write cert if the assertion names no certificate, or only a kid', async () => {
    const bare = tokenWith(privateKeyJwt({ key, alg: 'ES256' }));
    await expect(bare).rejects.toMatchObject({ details: { error_codes: [50027] }, message: namesCert });
    const named = tokenWith(privateKeyJwt({ key, kid: 'orders-2026', alg: 'ES256' }));
    await expect(named).rejects.toMatchObject({ details: { error_codes: [700027] }, message: namesCert });
  });

  it('is told to register the certificate if that is unknown', async () => {
    const unknown = tokenWith(privateKeyJwt({ ...other, alg: 'ES256' }));
    await expect(unknown).rejects.toMatchObject({ details: { error_codes: [700027] }, message: namesCert });
  });
});
