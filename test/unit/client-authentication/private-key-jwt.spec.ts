import { createHash, createPublicKey, generateKeyPairSync, X509Certificate } from 'node:crypto';
import { inspect } from 'node:util';
import { describe, expect, it } from '@jest/globals';
import { decodeJwt, decodeProtectedHeader, jwtVerify } from 'jose';
import { JWT_BEARER } from '../../../lib/client-authentication/assertion.js';
import { readCredential } from '../../../lib/client-authentication/credential-option.js';
import { privateKeyJwt, privateKeyJwtAuthenticator } from '../../../lib/client-authentication/private-key-jwt.js';
import { systemClock } from '../../../lib/time/clock.js';
import { authenticatedRequest } from '../../support/authenticated-request.js';
import { expiredCertificate, renewedCertificate, selfSignedCertificate } from '../../support/certificates.js';
import { outcomeOf } from '../../support/problems-of.js';
import { jwkOf } from '../../support/jwk-of.js';

const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 });
const ec = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const ed25519 = generateKeyPairSync('ed25519');
const short = generateKeyPairSync('rsa', { modulusLength: 1024 });
const pem = (key: typeof rsa.privateKey) => key.export({ type: 'pkcs8', format: 'pem' });

type Options = Parameters<typeof privateKeyJwt>[0];

/** What a token request holds of a client with that key. */
async function signed(options: Options) {
  const authentication = privateKeyJwt(options);
  const credential = await readCredential(authentication.credential, systemClock);
  return authenticatedRequest(privateKeyJwtAuthenticator, authentication, { credential });
}

/** The header of the assertion that it holds. */
async function headerOf(options: Options): Promise<Readonly<Record<string, unknown>>> {
  const { body } = await signed(options);
  return { ...decodeProtectedHeader(body['client_assertion'] ?? '') };
}

const fingerprintOf = async (options: Partial<Options>) => {
  const { credential } = privateKeyJwt({ alg: 'ES256', ...options } as Options);
  return (await readCredential(credential, systemClock)).fingerprint;
};

const header = (certificate: X509Certificate | undefined) => ({ typ: 'JWT', serial: certificate?.serialNumber });

describe('privateKeyJwt', () => {
  it.each<[string, unknown, string, RegExp]>([
    ['garbage as a key', 'garbage', 'RS256', /clientAuthentication\.key is no private key/],
    ['a public key', rsa.publicKey, 'RS256', /is no private key/],
    ['a public JWK', jwkOf(rsa.publicKey), 'RS256', /is no private key/],
    ['no key', undefined, 'RS256', /key is missing/],
    ['a symmetric algorithm', rsa.privateKey, 'HS256', /clientAuthentication\.alg is "HS256"/],
    ['the algorithm none', rsa.privateKey, 'none', /clientAuthentication\.alg is "none"/],
    ['the name of a member of Object', rsa.privateKey, 'constructor', /clientAuthentication\.alg is "constructor"/],
    ['an algorithm for another type of key', rsa.privateKey, 'ES256', /is of the type rsa/],
    ['an algorithm for another curve', ec.privateKey, 'ES384', /is of the type ec prime256v1/],
    ['an RSA key that is too short', short.privateKey, 'RS256', /has 1024 bits/],
  ])('refuses %s', (_name, key, alg, message) => {
    const error = outcomeOf(() => privateKeyJwt({ key, alg } as Options));
    expect(error).toMatchObject({ code: 'ERR_M2M_CONFIGURATION', message: expect.stringMatching(message) });
  });

  it('does not print the key', () => {
    const authentication = privateKeyJwt({ key: ec.privateKey, alg: 'ES256' });
    expect(Object.keys(authentication)).toEqual(['method', 'thumbprint', 'alg', 'kid', 'audience']);
    const shown = inspect(authentication, { depth: 9 }) + JSON.stringify(authentication);
    for (const hidden of ['PRIVATE KEY', 'KeyObject']) expect(shown).not.toContain(hidden);
  });

  it('does not repeat a key that cannot be read', () => {
    const key = String(pem(rsa.privateKey)).replace('MII', 'M!!');
    const error = outcomeOf(() => privateKeyJwt({ key, alg: 'RS256' }));
    expect(inspect(error, { depth: 9 })).not.toContain(key.slice(100, 140));
    expect(error).toHaveProperty('code', 'ERR_M2M_CONFIGURATION');
  });

  it('knows the key by the SHA-256 thumbprint of its public half', () => {
    const spki = ec.publicKey.export({ type: 'spki', format: 'der' });
    const { thumbprint } = privateKeyJwt({ key: ec.privateKey, alg: 'ES256' });
    expect(thumbprint).toBe(createHash('sha256').update(spki).digest('base64url'));
  });
});

describe('privateKeyJwtAuthenticator', () => {
  it.each<[string, Options, typeof rsa.publicKey, string | undefined]>([
    ['PEM', { key: pem(rsa.privateKey), alg: 'RS256' }, rsa.publicKey, undefined],
    ['PEM in a buffer', { key: Buffer.from(pem(ec.privateKey)), alg: 'ES256' }, ec.publicKey, undefined],
    ['JWK', { key: { ...jwkOf(ed25519.privateKey), kid: 'own' }, alg: 'EdDSA' }, ed25519.publicKey, 'own'],
    ['JWK for Ed25519', { key: jwkOf(ed25519.privateKey), alg: 'Ed25519' }, ed25519.publicKey, undefined],
    ['KeyObject', { key: rsa.privateKey, alg: 'PS512', kid: 'named' }, rsa.publicKey, 'named'],
  ])('signs an assertion with a key given as %s', async (_name, options, publicKey, kid) => {
    const { body, clock } = await signed(options);
    const { client_assertion: assertion = '', ...others } = body;
    expect(others).toEqual({ client_id: 'orders', client_assertion_type: JWT_BEARER });
    await jwtVerify(assertion, publicKey, { currentDate: new Date(clock.wall()), subject: 'orders' });
    const { alg } = options;
    expect(decodeProtectedHeader(assertion)).toEqual(kid === undefined ? { alg } : { alg, kid });
  });

  it.each([
    ['the authorization server wants', undefined, 'https://id.example.com'],
    ['is the token endpoint, letter by letter', 'token-endpoint', 'https://id.example.com//token'],
    ['the options name', 'https://elsewhere.example.com', 'https://elsewhere.example.com'],
  ])('signs for the audience that %s', async (_name, audience, expected) => {
    const { body } = await signed({ key: ec.privateKey, alg: 'ES256', ...(audience && { audience }) });
    expect(decodeJwt(body['client_assertion'] ?? '').aud).toBe(expected);
  });

  it('has traits: it needs no secret, and does not share failures', () => {
    const traits = { needsSecret: false, sharesTokens: true, sharesFailures: false };
    expect(privateKeyJwtAuthenticator).toMatchObject(traits);
    const authentication = privateKeyJwt({ key: ec.privateKey, alg: 'ES256' });
    expect(privateKeyJwtAuthenticator.thumbprint?.(authentication)).toBe(authentication.thumbprint);
  });
});

describe('privateKeyJwt with a certificate', () => {
  const { key, cert } = selfSignedCertificate('orders');
  const other = selfSignedCertificate('other');
  const sha256 = createHash('sha256').update(new X509Certificate(cert).raw).digest('base64url');

  it('puts its SHA-256 thumbprint into the header, and nothing else', async () => {
    expect(await headerOf({ key, cert, alg: 'ES256' })).toEqual({ alg: 'ES256', 'x5t#S256': sha256 });
  });

  it('has further members in the header, also for the certificate in use', async () => {
    const { serialNumber } = new X509Certificate(cert);
    expect(await headerOf({ key, cert, kid: 'k', alg: 'ES256', header })).toEqual({
      alg: 'ES256',
      kid: 'k',
      'x5t#S256': sha256,
      typ: 'JWT',
      serial: serialNumber,
    });
    expect(await headerOf({ key, alg: 'ES256', header: { 'x5t#S256': 'own' } })).toEqual({
      alg: 'ES256',
      'x5t#S256': 'own',
    });
  });

  it.each<[string, Partial<Options>, RegExp]>([
    ['a certificate of another key', { cert: other.cert }, /clientAuthentication\.cert does not belong to the key/],
    ['no certificate', { cert: 'garbage' }, /clientAuthentication\.cert is no certificate that can be read/],
    ['a path', { cert: '/run/tls/tls.crt' }, /clientAuthentication\.cert is the path \/run\/tls\/tls\.crt/],
    ['a header with alg', { header: { alg: 'none' } }, /clientAuthentication\.header may not set alg/],
    ['a header with kid', { header: { kid: 'x' } }, /clientAuthentication\.header may not set kid/],
    [
      'a header with crit',
      { header: { crit: ['b64'], b64: false } },
      /clientAuthentication\.header may not set crit, b64/,
    ],
    ['another thumbprint', { cert, header: { 'x5t#S256': 'x' } }, /header may not set x5t#S256/],
    ['a header that is none', { header: 'typ' as never }, /clientAuthentication\.header is of the type string/],
    [
      'a header function that is asynchronous',
      { header: (() => Promise.reject(new Error('s3cret'))) as never },
      /header is a promise$/m,
    ],
    ['a header function with alg', { header: () => ({ alg: 'none' }) }, /clientAuthentication\.header may not set alg/],
    [
      'a header function that fails',
      {
        header: () => {
          throw new TypeError('s3cret');
        },
      },
      /header is a function that failed with TypeError$/m,
    ],
  ])('refuses %s', (_name, options, message) => {
    const error = outcomeOf(() => privateKeyJwt({ key, alg: 'ES256', ...options }));
    expect(error).toMatchObject({ code: 'ERR_M2M_CONFIGURATION', message: expect.stringMatching(message) });
  });

  it('refuses one that has expired, and says when', () => {
    expect(() => privateKeyJwt({ ...expiredCertificate('orders'), alg: 'ES256' })).toThrow(
      /clientAuthentication\.cert expired at 20\d\d-\d\d-\d\dT/,
    );
  });
});

describe('privateKeyJwt with functions', () => {
  const first = { ...jwkOf(ec.privateKey), kid: 'first' };
  const next = { ...jwkOf(generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey), kid: 'next' };

  it('signs with what they return, by the kid that comes with the key', async () => {
    let current = first;
    const { credential, thumbprint } = privateKeyJwt({ key: () => Promise.resolve(current), alg: 'ES256' });
    const read = async () => (await readCredential(credential, systemClock)).header.kid;
    expect([thumbprint, await read()]).toEqual([undefined, 'first']);
    current = next;
    expect(await read()).toBe('next');
  });

  it('has another fingerprint for another key, kid or certificate', async () => {
    const [one, two] = [selfSignedCertificate('a'), selfSignedCertificate('b')];
    const renewed = renewedCertificate(one, 'a');
    const { key } = one;
    const all = [{ key: () => key }, { key: () => two.key }, { key, kid: 'k' }, one, renewed].map(fingerprintOf);
    expect(new Set(await Promise.all(all)).size).toBe(5);
    expect(await fingerprintOf({ key })).toBe(await fingerprintOf({ key: () => key }));
  });

  it.each<[string, Partial<Options>, string]>([
    [
      'fails',
      { key: () => Promise.reject(new RangeError('s3cret')) },
      'the privateKeyJwt key function failed with RangeError',
    ],
    [
      'returns no key',
      { key: () => 's3cret' },
      'clientAuthentication.key is a function whose result is no private key that can be read: it is no PEM\n    write: key: () => readFileSync(',
    ],
    [
      'returns no certificate',
      { key: first, cert: () => undefined as never },
      'clientAuthentication.cert is a function whose result is no certificate',
    ],
  ])('says which one %s, and not why', async (_name, options, message) => {
    const { credential } = privateKeyJwt({ alg: 'ES256', ...options } as Options);
    const error: unknown = await readCredential(credential, systemClock).catch((reason: unknown) => reason);
    expect(error).toMatchObject({ message: expect.stringContaining(message) });
    expect(inspect(error, { depth: 9 })).not.toContain('s3cret');
  });

  it.each<[string, object, string]>([
    [
      'a misspelt option',
      { certificate: 'c' },
      'clientAuthentication.certificate is not an option\n    write: cert: ...',
    ],
    ['a missing key', { key: undefined }, 'clientAuthentication.key is missing'],
    ['a missing algorithm', { alg: undefined }, 'clientAuthentication.alg is missing'],
    ['a misspelt algorithm', { alg: 'es256' }, `clientAuthentication.alg is "es256"\n    write: alg: 'ES256'`],
    [
      'a public key',
      { key: createPublicKey(ec.privateKey) },
      'key is no private key that can be read: it is a public key',
    ],
    [
      'the PEM of a public key',
      { key: createPublicKey(ec.privateKey).export({ type: 'spki', format: 'pem' }) },
      'key is no private key that can be read: it is a PEM of PUBLIC KEY',
    ],
  ])('refuses %s, and says what to write', (_name, wrong, message) => {
    expect(() => privateKeyJwt({ key: first, cert: undefined, alg: 'ES256', ...wrong } as never)).toThrow(message);
  });

  it('refuses a promise in place of a function, and its rejection does not end the process', () => {
    const key = Promise.reject(new Error('s3cret'));
    expect(() => privateKeyJwt({ key, alg: 'ES256' } as never)).toThrow(
      `clientAuthentication.key is a promise\n    write: key: () => readFile('client.pem'), a function`,
    );
  });

  it('refuses at once what no function returns', () => {
    expect(() => privateKeyJwt({ key: () => first, alg: 'none' } as never)).toThrow(/alg is "none"/);
    expect(() => privateKeyJwt({ key: () => first, cert: './c.pem', alg: 'ES256' })).toThrow(/cert is the path/);
    expect(() => privateKeyJwt({ key: () => first, alg: 'ES256', header: { alg: 'x' } })).toThrow(/may not set alg/);
  });
});
