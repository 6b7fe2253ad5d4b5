import {
  createHash,
  createPrivateKey,
  createSecretKey,
  generateKeyPairSync,
  X509Certificate,
  type KeyObject,
} from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { SignJWT, type JWTPayload } from 'jose';
import { TestAuthorizationServer, TestClock } from '../../../lib/testing/index.js';
import { ask, type TokenAnswer } from './ask.js';
import { selfSignedCertificate } from '../../support/certificates.js';
import { jwkOf } from '../../support/jwk-of.js';

const pair = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const other = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const SECRET = 'a-secret-that-is-long-enough-for-hmac';
const TYPE = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer';

const clock = new TestClock();
const now = (): number => Math.floor(clock.wall() / 1000);

function assertion(
  client: string,
  key: KeyObject,
  claims: JWTPayload,
  alg = key.type === 'secret' ? 'HS256' : 'ES256',
): Promise<string> {
  const all = { iss: client, sub: client, jti: crypto.randomUUID(), exp: now() + 60, ...claims };
  return new SignJWT(all).setProtectedHeader({ alg }).sign(key);
}

describe('client assertions', () => {
  let server: TestAuthorizationServer;
  beforeAll(async () => {
    server = await TestAuthorizationServer.start({
      clock,
      clients: {
        key: { publicKey: pair.publicKey },
        pem: { publicKey: pair.publicKey.export({ type: 'spki', format: 'pem' }) as string },
        jwk: { publicKey: jwkOf(pair.publicKey), authentication: 'private_key_jwt' },
        secret: { secret: SECRET },
      },
    });
  });
  afterAll(() => server.stop());

  const send = (client_assertion: string, client_assertion_type = TYPE): Promise<TokenAnswer> =>
    ask(server, { parameters: { client_assertion, client_assertion_type } });

  it.each(['key', 'pem', 'jwk'])('takes one that is signed with the registered %s', async (client) => {
    const answer = await send(await assertion(client, pair.privateKey, { aud: server.issuer }));
    expect(answer).toMatchObject({ status: 200, claims: { sub: client } });
  });

  it('takes one for the token endpoint, and one that is signed with the secret', async () => {
    const byKey = await send(await assertion('key', pair.privateKey, { aud: server.tokenEndpoint }));
    const bySecret = await send(
      await assertion('secret', createSecretKey(Buffer.from(SECRET)), { aud: server.issuer }),
    );
    expect([byKey.status, bySecret.status]).toEqual([200, 200]);
  });

  it('takes one once', async () => {
    const once = await assertion('key', pair.privateKey, { aud: server.issuer });
    expect((await send(once)).status).toBe(200);
    expect(await send(once)).toMatchObject({ status: 401, body: { error_description: /jti was used before/ } });
  });

  it.each<[string, (issuer: string) => Promise<string>]>([
    ['of another key', (aud) => assertion('key', other.privateKey, { aud })],
    ['for somebody else', () => assertion('key', pair.privateKey, { aud: 'https://other.example' })],
    ['that is over', (aud) => assertion('key', pair.privateKey, { aud, exp: now() - 1 })],
    ['without jti', (aud) => assertion('key', pair.privateKey, { aud, jti: undefined })],
    ['of another issuer', (aud) => assertion('key', pair.privateKey, { aud, iss: 'x' })],
    ['of a client without a key', (aud) => assertion('secret', pair.privateKey, { aud })],
    ['of a client without a secret', (aud) => assertion('key', createSecretKey(Buffer.from(SECRET)), { aud })],
    ['of an unknown client', (aud) => assertion('nobody', pair.privateKey, { aud })],
    ['that is no JWT', () => Promise.resolve('x')],
  ])('refuses one %s', async (_name, make) => {
    expect(await send(await make(server.issuer))).toMatchObject({ status: 401, body: { error: 'invalid_client' } });
  });

  it('refuses one of another type', async () => {
    const saml = 'urn:ietf:params:oauth:client-assertion-type:saml2-bearer';
    expect(await send(await assertion('key', pair.privateKey, { aud: server.issuer }), saml)).toMatchObject({
      status: 401,
    });
  });

  it('refuses a secret from a client that is registered for assertions', async () => {
    expect(await ask(server, { basic: 'jwk:x' })).toMatchObject({ status: 401, body: { error: 'invalid_client' } });
  });
});

it('takes assertions of several keys while a client rotates, and of the last one alone after that', async () => {
  const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const clients = { orders: { publicKey: [rsa.publicKey, pair.publicKey, other.publicKey] } };
  await using server = await TestAuthorizationServer.start({ clock, clients });
  const status = async ({ privateKey }: typeof pair, alg?: string): Promise<number> => {
    const client_assertion = await assertion('orders', privateKey, { aud: server.issuer }, alg);
    return (await ask(server, { parameters: { client_assertion, client_assertion_type: TYPE } })).status;
  };
  const all = async () => [await status(pair), await status(other), await status(rsa, 'RS256')];
  expect(await all()).toEqual([200, 200, 200]);
  server.register('orders', { publicKey: other.publicKey });
  expect(await all()).toEqual([401, 200, 401]);
});

describe('Entra ID', () => {
  const { key, cert } = selfSignedCertificate('orders');
  const x509 = new X509Certificate(cert);
  const [sha1, sha256] = ['sha1', 'sha256'].map((digest) => createHash(digest).update(x509.raw).digest('base64url'));
  let server: TestAuthorizationServer;
  beforeAll(async () => {
    server = await TestAuthorizationServer.start({
      dialect: 'entraId',
      clock,
      clients: { orders: { publicKey: cert }, bare: { publicKey: x509.publicKey } },
    });
  });
  afterAll(() => server.stop());

  it.each<[string, string, Record<string, unknown>, number, number | undefined]>([
    ['x5t#S256', 'orders', { 'x5t#S256': sha256 }, 200, undefined],
    ['x5t', 'orders', { x5t: sha1 }, 200, undefined],
    ['nothing', 'orders', {}, 400, 50027],
    ['kid alone', 'orders', { kid: sha256 }, 401, 700027],
    ['the thumbprint of another certificate', 'orders', { 'x5t#S256': sha1 }, 401, 700027],
    [
      'the thumbprint, of a client that is registered without its certificate',
      'bare',
      { 'x5t#S256': sha256 },
      401,
      700027,
    ],
  ])('looks for the certificate of an assertion by its header: %s', async (_name, sub, header, status, code) => {
    const client_assertion = await new SignJWT({
      iss: sub,
      sub,
      aud: server.issuer,
      jti: crypto.randomUUID(),
      exp: now() + 60,
    })
      .setProtectedHeader({ alg: 'ES256', ...header })
      .sign(createPrivateKey(key));
    const { scope = '' } = server.tokenRequest();
    const parameters = { client_assertion, client_assertion_type: TYPE, scope };
    expect(await ask(server, { parameters })).toMatchObject({ status, body: code ? { error_codes: [code] } : {} });
  });
});

it('Hydra takes assertions for its token endpoint only, Auth0 for its issuer only', async () => {
  const clients = { key: { publicKey: pair.publicKey, authentication: 'private_key_jwt' as const } };
  const taken = async (dialect: 'hydra' | 'auth0'): Promise<Record<string, number>> => {
    await using server = await TestAuthorizationServer.start({ dialect, clients });
    const audience = server.resources[0]!;
    const status = async (aud: string): Promise<number> => {
      const client_assertion = await assertion('key', pair.privateKey, { aud, exp: Date.now() / 1000 + 60 });
      const parameters = { client_assertion, client_assertion_type: TYPE, audience };
      return (await ask(server, { parameters })).status;
    };
    return { issuer: await status(server.issuer), tokenEndpoint: await status(server.tokenEndpoint) };
  };
  expect(await taken('hydra')).toEqual({ issuer: 401, tokenEndpoint: 200 });
  expect(await taken('auth0')).toEqual({ issuer: 200, tokenEndpoint: 401 });
});
