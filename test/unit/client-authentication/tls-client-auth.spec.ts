import { X509Certificate } from 'node:crypto';
import { inspect } from 'node:util';
import { describe, expect, it } from '@jest/globals';
import { readCredential } from '../../../lib/client-authentication/credential-option.js';
import { mutualTls, tlsClientAuthenticator } from '../../../lib/client-authentication/tls-client-auth.js';
import { systemClock } from '../../../lib/time/clock.js';
import { authenticatedRequest } from '../../support/authenticated-request.js';
import { expiredCertificate, renewedCertificate, selfSignedCertificate } from '../../support/certificates.js';
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
    const credential = await readCredential(authentication.credential, systemClock);
    const { body, headers } = await authenticatedRequest(tlsClientAuthenticator, authentication, { credential });
    expect([body, headers]).toEqual([{ client_id: 'orders' }, {}]);
  });

  it('makes an agent that shows the certificate and trusts the given authority', async () => {
    const certificate = await readCredential(authentication.credential, systemClock);
    const agent = tlsClientAuthenticator.certificateAgents?.(undefined).for(certificate);
    expect(agent?.options).toMatchObject({ cert, key, passphrase: 'open sesame', ca: cert, keepAlive: true });
    agent?.destroy();
  });

  it('has traits: tokens are bound to the certificate and not shared', () => {
    expect(tlsClientAuthenticator).toMatchObject({ needsSecret: false, sharesTokens: false, sharesFailures: true });
    expect(tlsClientAuthenticator.thumbprint?.(authentication)).toBe(authentication.thumbprint);
  });
});

const fingerprintOf = async (options: Parameters<typeof mutualTls>[0]) =>
  (await readCredential(mutualTls(options).credential, systemClock)).fingerprint;

describe('the options of mutualTls', () => {
  const other = selfSignedCertificate('other');

  it.each<[string, () => Parameters<typeof mutualTls>[0], RegExp]>([
    ['a certificate of another key', () => ({ cert, key: other.key }), /cert does not belong to the key/],
    ['a key that cannot be read', () => ({ cert, key: 's3cret' }), /key is no private key that can be read/],
    [
      'a certificate in another form',
      () => ({ cert: new X509Certificate(cert).raw, key }),
      /cert has a chain, or a form/,
    ],
    ['half of a chain', () => ({ cert: `${cert}\n${other.cert.slice(0, 200)}`, key }), /cert has a chain, or a form/],
    ['empty authorities', () => ({ cert, key, ca: '' }), /ca holds no certificate/],
    ['a key as authorities', () => ({ cert, key, ca: key }), /ca holds no certificate/],
    [
      'authorities of which the last is half',
      () => ({ cert, key, ca: cert + other.cert.slice(0, 200) }),
      /ca holds no/,
    ],
    ['authorities that are no certificates', () => ({ cert, key, ca: cert.replace('MII', 'AAA') }), /ca holds no/],
    [
      'a misspelt option',
      () => ({ cert, key, passphrases: 'p' }) as never,
      /passphrases is not an option\n.*write: passphrase: /,
    ],
    ['a certificate without its key', () => ({ cert: () => cert }) as never, /clientAuthentication\.key is missing/],
    ['authorities in another form', () => ({ cert, key, ca: [cert] as never }), /ca is of the type object/],
    ['a certificate that has expired', () => expiredCertificate('orders'), /cert expired at 20\d\d-/],
  ])('refuses %s', (_name, options, message) => {
    const error = outcomeOf(() => mutualTls(options()));
    expect(error).toMatchObject({ code: 'ERR_M2M_CONFIGURATION', message: expect.stringMatching(message) });
    expect(inspect(error, { depth: 9 })).not.toMatch(/s3cret|PRIVATE KEY/);
  });

  it('keeps the authorities at hand to those that were given: a function that returns none does not leave them to Node', async () => {
    for (const ca of [() => '', () => undefined as never]) {
      const failed = readCredential(mutualTls({ cert, key, ca }).credential, systemClock);
      await expect(failed).rejects.toMatchObject({ code: 'ERR_M2M_CONFIGURATION' });
    }
  });

  it('reads certificate and key together with functions, again if one was read before the other was replaced', async () => {
    let reads = 0;
    const files = [other, { cert, key }];
    const { credential, thumbprint } = mutualTls({
      cert: () => files[reads]?.cert ?? '',
      key: () => Promise.resolve(files[(reads = 1)]?.key ?? ''),
    });
    expect(thumbprint).toBeUndefined();
    expect((await readCredential(credential, systemClock)).thumbprint).toBe(mutualTls({ cert, key }).thumbprint);
  });

  it('has another fingerprint for a renewed certificate of the same key, and for other authorities', async () => {
    const renewed = renewedCertificate({ cert, key }, 'orders');
    const all = [{ cert, key }, renewed, { cert, key, ca: cert }, { cert, key: () => key, ca: other.cert }];
    expect(new Set(await Promise.all(all.map(fingerprintOf))).size).toBe(4);
  });
});
