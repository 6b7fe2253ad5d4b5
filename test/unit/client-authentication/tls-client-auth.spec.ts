import { X509Certificate } from 'node:crypto';
import { inspect } from 'node:util';
import { describe, expect, it } from '@jest/globals';
import { mutualTls, tlsClientAuthenticator } from '../../../lib/client-authentication/tls-client-auth.js';
import { authenticatedRequest } from '../../support/authenticated-request.js';
import { selfSignedCertificate } from '../../support/certificates.js';
import { outcomeOf } from '../../support/problems-of.js';

const { key, cert } = selfSignedCertificate('orders');

describe('mutualTls', () => {
  it('knows the certificate by its SHA-256 thumbprint', () => {
    const { thumbprint } = mutualTls({ cert, key });
    const hex = new X509Certificate(cert).fingerprint256.replaceAll(':', '');
    expect(thumbprint).toBe(Buffer.from(hex, 'hex').toString('base64url'));
  });

  it('prints neither key nor passphrase', () => {
    const authentication = mutualTls({ cert, key, passphrase: 'open sesame' });
    const shown = inspect(authentication, { depth: 9 }) + JSON.stringify(authentication);
    for (const hidden of ['PRIVATE KEY', 'open sesame']) expect(shown).not.toContain(hidden);
    expect(authentication).toMatchObject({ key, passphrase: 'open sesame' });
  });

  it.each([
    ['garbage', 'garbage'],
    ['the key', key],
  ])('refuses %s as a certificate, and does not repeat it', (_name, wrong) => {
    const error = outcomeOf(() => mutualTls({ cert: wrong, key }));
    expect(error).toMatchObject({ code: 'ERR_M2M_CONFIGURATION' });
    expect((error as Error).message).toMatch(/clientAuthentication\.cert is no certificate that can be read/);
    expect(inspect(error)).not.toMatch(/PRIVATE KEY|garbage/);
  });
});

describe('tlsClientAuthenticator', () => {
  const authentication = mutualTls({ cert, key, passphrase: 'open sesame', ca: cert });

  it('sends the client id only', async () => {
    const { body, headers } = await authenticatedRequest(tlsClientAuthenticator, authentication);
    expect([body, headers]).toEqual([{ client_id: 'orders' }, {}]);
  });

  it('makes an agent that shows the certificate and trusts the given authority', () => {
    const agent = tlsClientAuthenticator.httpsAgent?.(authentication, undefined);
    expect(agent?.options).toMatchObject({ cert, key, passphrase: 'open sesame', ca: cert, keepAlive: true });
    agent?.destroy();
  });

  it('has traits: tokens are bound to the certificate and not shared', () => {
    expect(tlsClientAuthenticator).toMatchObject({ needsSecret: false, sharesTokens: false, sharesFailures: true });
    expect(tlsClientAuthenticator.thumbprint?.(authentication)).toBe(authentication.thumbprint);
  });
});
