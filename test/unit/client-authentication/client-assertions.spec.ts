import { generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { describe, expect, it } from '@jest/globals';
import { decodeProtectedHeader, jwtVerify } from 'jose';
import {
  clientAssertion,
  clientAssertionFile,
  clientSecretJwt,
  privateKeyJwt,
} from '../../../lib/client-authentication/client-assertions.js';
import { mutualTls } from '../../../lib/client-authentication/mutual-tls.js';
import { oidc } from '../../../lib/authorization-servers/oidc.js';
import { M2MConfigurationError } from '../../../lib/errors/configuration.error.js';
import type { M2MNamedClientOptions } from '../../../lib/options/client-options.js';
import { selfSignedCertificate } from '../../support/certificates.js';
import { simulatedTokenManager } from '../../support/client-token-manager.js';
import { granted, passing, refused } from '../../support/scripted-upstream.js';

const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 });
const ec = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const ed25519 = generateKeyPairSync('ed25519');
const pem = (key: typeof rsa.privateKey) => key.export({ type: 'pkcs8', format: 'pem' });
const jwk = (key: typeof rsa.privateKey) => key.export({ format: 'jwk' });
const JWT_BEARER = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer';

const managerOf = ({ clientAuthentication, ...options }: Partial<M2MNamedClientOptions>) => {
  const withoutSecret = clientAuthentication?.method === 'client_secret_jwt' ? {} : { clientSecret: undefined };
  return simulatedTokenManager({ ...withoutSecret, clientAuthentication, ...options });
};

describe('a private key', () => {
  it.each([
    ['PEM', { key: pem(rsa.privateKey), alg: 'RS256' }, rsa.publicKey, undefined],
    ['PEM in a buffer', { key: Buffer.from(pem(ec.privateKey)), alg: 'ES256' }, ec.publicKey, undefined],
    ['JWK', { key: { ...jwk(ed25519.privateKey), kid: 'own' }, alg: 'EdDSA' }, ed25519.publicKey, 'own'],
    ['KeyObject', { key: rsa.privateKey, alg: 'PS512', kid: 'named' }, rsa.publicKey, 'named'],
  ])('signs an assertion, given as %s', async (_name, options, publicKey, kid) => {
    const { get, upstream, clock } = managerOf({ clientAuthentication: privateKeyJwt(options) });
    await get();
    const { body } = upstream.requests[0] ?? { body: new URLSearchParams() };
    expect([body.get('client_id'), body.get('client_assertion_type')]).toEqual(['orders', JWT_BEARER]);
    const assertion = body.get('client_assertion') ?? '';
    const { payload } = await jwtVerify(assertion, publicKey, { currentDate: new Date(clock.wall()) });
    const now = Math.floor(clock.wall() / 1000);
    expect(payload).toEqual({
      iss: 'orders',
      sub: 'orders',
      aud: 'https://id.example.com',
      jti: expect.stringMatching(/^[\w-]{36}$/),
      iat: now,
      exp: now + 60,
    });
    expect(decodeProtectedHeader(assertion)).toEqual(
      kid === undefined ? { alg: options.alg } : { alg: options.alg, kid },
    );
  });

  it('signs a new assertion for every try', async () => {
    const { get, upstream, clock } = managerOf({
      clientAuthentication: privateKeyJwt({ key: ec.privateKey, alg: 'ES256' }),
    });
    upstream.answer = (count) => (count === 1 ? refused(500) : granted('t'));
    const got = get();
    // Signing takes real time, in which none may pass here.
    while (upstream.requests.length === 0) await clock.advance(0);
    await clock.advance(200);
    await got;
    expect(new Set(upstream.requests.map(({ body }) => body.get('client_assertion'))).size).toBe(2);
  });

  it.each([
    ['the authorization server wants', undefined, 'https://id.example.com/token'],
    ['the options say', 'https://elsewhere.example.com', 'https://elsewhere.example.com'],
  ])('signs for the audience that %s', async (_name, audience, expected) => {
    const server = oidc({ issuer: 'https://id.example.com' });
    const tokenEndpoint = 'https://id.example.com/token';
    const { get, upstream, clock } = managerOf({
      authorizationServer: { ...server, tokenEndpoint, assertionAudience: tokenEndpoint },
      clientAuthentication: privateKeyJwt({
        key: ec.privateKey,
        alg: 'ES256',
        ...(audience !== undefined && { audience }),
      }),
    });
    await get();
    const assertion = upstream.requests[0]?.body.get('client_assertion') ?? '';
    const { payload } = await jwtVerify(assertion, ec.publicKey, { currentDate: new Date(clock.wall()) });
    expect(payload.aud).toBe(expected);
  });

  it.each<[string, Parameters<typeof privateKeyJwt>[0], RegExp]>([
    ['garbage', { key: 'garbage', alg: 'RS256' }, /clientAuthentication\.key is no private key/],
    ['a public key', { key: rsa.publicKey, alg: 'RS256' }, /is no private key/],
    ['a public JWK', { key: jwk(rsa.publicKey), alg: 'RS256' }, /is no private key/],
    ['a secret alg', { key: rsa.privateKey, alg: 'HS256' }, /clientAuthentication\.alg is "HS256"/],
    ['no alg', { key: rsa.privateKey, alg: 'none' }, /clientAuthentication\.alg is "none"/],
    ['an alg for another type', { key: rsa.privateKey, alg: 'ES256' }, /is of the type rsa/],
    ['an alg for another curve', { key: ec.privateKey, alg: 'ES384' }, /is of the type ec prime256v1/],
    [
      'a short key',
      { key: generateKeyPairSync('rsa', { modulusLength: 1024 }).privateKey, alg: 'RS256' },
      /has 1024 bits/,
    ],
  ])('is refused at the door: %s', (_name, options, message) => {
    expect(() => privateKeyJwt(options)).toThrow(M2MConfigurationError);
    expect(() => privateKeyJwt(options)).toThrow(message);
  });
});

it('a client secret signs an assertion', async () => {
  const clientSecret = 'a secret of at least 32 characters, to be sure';
  const { get, upstream, clock } = managerOf({ clientAuthentication: clientSecretJwt(), clientSecret });
  await get();
  const assertion = upstream.requests[0]?.body.get('client_assertion') ?? '';
  const options = { currentDate: new Date(clock.wall()), audience: 'https://id.example.com', subject: 'orders' };
  await expect(jwtVerify(assertion, Buffer.from(clientSecret), options)).resolves.toMatchObject({
    protectedHeader: { alg: 'HS256' },
  });
  expect(upstream.requests[0]?.body.has('client_secret')).toBe(false);
});

describe('an assertion by somebody else', () => {
  it('is asked for with every request', async () => {
    let count = 0;
    const clientAuthentication = clientAssertion(() => `assertion-${(count += 1)}`, 'urn:example:type');
    const { get, upstream, clock } = managerOf({ clientAuthentication });
    await get();
    await clock.advance(60_000);
    await get();
    expect(
      upstream.requests.map(({ body }) => [...body.entries()].filter(([name]) => name.startsWith('client'))),
    ).toEqual(
      ['assertion-1', 'assertion-2'].map((assertion) => [
        ['client_id', 'orders'],
        ['client_assertion', assertion],
        ['client_assertion_type', 'urn:example:type'],
      ]),
    );
  });

  it('in a file is read again when it changes', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'nestjs-m2m-'));
    try {
      const path = join(folder, 'token');
      writeFileSync(path, 'first\n');
      const { manager, parameters, upstream } = managerOf({ clientAuthentication: clientAssertionFile(path) });
      await manager.getAccessToken(parameters);
      writeFileSync(path, 'second\n');
      await manager.getAccessToken(parameters, { forceRenewal: true });
      expect(upstream.requests.map(({ body }) => body.get('client_assertion'))).toEqual(['first', 'second']);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it.each<[string, () => string, RegExp]>([
    [
      'throws',
      () => {
        throw Object.assign(new Error('with a secret'), { code: 'ENOENT' });
      },
      /clientAssertion function failed with Error ENOENT/,
    ],
    ['returns nothing', () => '', /returned an empty string/],
    ['returns no text', () => 7 as unknown as string, /returned number/],
  ])('that %s is an error', async (_name, assertion, message) => {
    const { get, clock } = managerOf({ clientAuthentication: clientAssertion(assertion) });
    const result = await passing(clock, get());
    expect(result).toMatchObject({ status: 'rejected', reason: { message: expect.stringMatching(message) } });
    expect(inspect(result)).not.toContain('with a secret');
  });
});

describe('what is secret in client authentication', () => {
  const { key, cert } = selfSignedCertificate('orders');
  it.each([
    ['a key', privateKeyJwt({ key: ec.privateKey, alg: 'ES256' }), 'key'],
    ['a certificate’s key', mutualTls({ cert, key, passphrase: 'open sesame' }), 'key'],
    ['an assertion function', clientAssertion(() => 'secret'), 'assertion'],
  ])('is not printed: %s', (_name, authentication, name) => {
    expect(Object.keys(authentication)).not.toContain(name);
    const shown = inspect(authentication, { depth: 9 }) + JSON.stringify(authentication);
    for (const hidden of ['PRIVATE KEY', 'open sesame', 'KeyObject']) expect(shown).not.toContain(hidden);
  });

  it('is known by the thumbprint of what is public in it', () => {
    expect(privateKeyJwt({ key: ec.privateKey, alg: 'ES256' })).toMatchObject({
      thumbprint: expect.stringMatching(/^[\w-]{43}$/),
    });
    expect(mutualTls({ cert, key }).thumbprint).toMatch(/^[\w-]{43}$/);
    expect(() => mutualTls({ cert: 'garbage', key })).toThrow(/clientAuthentication\.cert is no certificate/);
  });
});
