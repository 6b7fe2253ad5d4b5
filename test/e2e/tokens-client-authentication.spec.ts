import { createPrivateKey, generateKeyPairSync, X509Certificate } from 'node:crypto';
import type { TLSSocket } from 'node:tls';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { decodeJwt } from 'jose';
import { clientSecretJwt } from '../../lib/client-authentication/client-secret-jwt.js';
import { privateKeyJwt } from '../../lib/client-authentication/private-key-jwt.js';
import { mutualTls } from '../../lib/client-authentication/tls-client-auth.js';
import { oidc } from '../../lib/authorization-servers/oidc.js';
import { systemClock } from '../../lib/time/clock.js';
import type { M2MNamedClientOptions } from '../../lib/options/client-options.js';
import { selfSignedCertificate } from '../support/certificates.js';
import { asking, clientTokenManager } from '../support/client-token-manager.js';
import { MemoryTokenStore } from '../support/memory-token-store.js';
import { PRODUCTS_API, TestOidcProvider } from '../support/oidc-provider.js';
import { jwkOf } from '../support/jwk-of.js';

const SECRET = 'a secret of at least 32 characters, to be sure';
const machine = { grant_types: ['client_credentials'], redirect_uris: [], response_types: [] };
const products = asking({ resource: PRODUCTS_API });

describe('a real authorization server', () => {
  const keys = {
    rsa: generateKeyPairSync('rsa', { modulusLength: 2048 }),
    p256: generateKeyPairSync('ec', { namedCurve: 'P-256' }),
    ed25519: generateKeyPairSync('ed25519'),
  };
  let server: TestOidcProvider;
  beforeAll(async () => {
    const signing = Object.entries({ RS256: keys.rsa, PS256: keys.rsa, ES256: keys.p256, EdDSA: keys.ed25519 });
    server = await TestOidcProvider.start({
      clients: [
        ...signing.map(([alg, { publicKey }]) => ({
          ...machine,
          client_id: alg,
          token_endpoint_auth_method: 'private_key_jwt',
          token_endpoint_auth_signing_alg: alg,
          jwks: { keys: [jwkOf(publicKey)] },
        })),
        { ...machine, client_id: 'HS256', client_secret: SECRET, token_endpoint_auth_method: 'client_secret_jwt' },
      ],
    });
  });
  afterAll(() => server.stop());

  it.each<[string, Partial<M2MNamedClientOptions>]>([
    ['RS256', { clientAuthentication: privateKeyJwt({ key: keys.rsa.privateKey, alg: 'RS256' }) }],
    ['PS256', { clientAuthentication: privateKeyJwt({ key: keys.rsa.privateKey, alg: 'PS256' }) }],
    ['ES256', { clientAuthentication: privateKeyJwt({ key: keys.p256.privateKey, alg: 'ES256' }) }],
    ['EdDSA', { clientAuthentication: privateKeyJwt({ key: keys.ed25519.privateKey, alg: 'EdDSA' }) }],
    ['HS256', { clientAuthentication: clientSecretJwt(), clientSecret: SECRET }],
  ])('takes an assertion signed with %s, and another for the next token', async (clientId, options) => {
    const authorizationServer = oidc({ issuer: server.issuer });
    const { manager } = clientTokenManager({ clientSecret: undefined, ...options, authorizationServer, clientId });
    const first = await manager.getAccessToken(products);
    const second = await manager.getAccessToken(products, { forceRenewal: true });
    expect(decodeJwt(first.value)).toMatchObject({ client_id: clientId });
    expect(second.value).not.toBe(first.value);
  });
});

describe('mutual TLS', () => {
  const [own, client, other] = [
    selfSignedCertificate('server'),
    selfSignedCertificate('orders'),
    selfSignedCertificate('other'),
  ];
  const authenticationWith = ({ cert, key }: typeof own) => mutualTls({ cert, key, ca: own.cert });
  let server: TestOidcProvider;
  beforeAll(async () => {
    const { publicKey } = new X509Certificate(client.cert);
    const x5c = [client.cert.replaceAll(/-----.*-----|\n/g, '')];
    server = await TestOidcProvider.start({
      tls: { ...own, requestCert: true, rejectUnauthorized: false },
      clients: [
        {
          ...machine,
          client_id: 'orders',
          token_endpoint_auth_method: 'self_signed_tls_client_auth',
          tls_client_certificate_bound_access_tokens: true,
          jwks: { keys: [{ ...publicKey.export({ format: 'jwk' }), x5c }] },
        },
      ],
      configuration: {
        clientAuthMethods: ['self_signed_tls_client_auth'],
        features: {
          mTLS: {
            enabled: true,
            certificateBoundAccessTokens: true,
            selfSignedTlsClientAuth: true,
            getCertificate: ({ req }: { req: { socket: TLSSocket } }) =>
              req.socket.getPeerX509Certificate()?.toString(),
          },
        },
      },
    });
  });
  afterAll(() => server.stop());

  const managerOf = (options: Partial<M2MNamedClientOptions>) => {
    const tokenEndpoint = server.tokenEndpoint;
    const authorizationServer = { ...oidc({ issuer: server.issuer }), tokenEndpoint };
    return clientTokenManager({ authorizationServer, clientSecret: undefined, ...options });
  };

  it('authenticates the client, whose tokens are bound to its certificate and stay in memory', async () => {
    const tokenStore = new MemoryTokenStore();
    const { manager } = managerOf({ clientAuthentication: authenticationWith(client), tokenStore });
    const { value } = await manager.getAccessToken(products);
    expect(decodeJwt(value)).toMatchObject({ client_id: 'orders', cnf: { 'x5t#S256': expect.any(String) } });
    expect(tokenStore.size).toBe(0);
  });

  it('takes a key that a passphrase protects', async () => {
    const passphrase = 'open sesame';
    const cipher = { type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc', passphrase } as const;
    const key = createPrivateKey(client.key).export(cipher);
    const clientAuthentication = mutualTls({ cert: client.cert, key, passphrase, ca: own.cert });
    const { manager } = managerOf({ clientAuthentication });
    expect(decodeJwt((await manager.getAccessToken(products)).value)).toMatchObject({ client_id: 'orders' });
  });

  it('refuses another certificate', async () => {
    const { manager } = managerOf({ clientAuthentication: authenticationWith(other) });
    await expect(manager.getAccessToken(products)).rejects.toMatchObject({ error: 'invalid_client' });
  });

  it.each([
    ['the alias for mutual TLS', { token_endpoint: 'alias' }, '/alias'],
    ['the endpoint itself where there is none', undefined, '/plain'],
    ['the endpoint itself where the alias is none', { token_endpoint: 7 }, '/plain'],
    ['the endpoint itself where the alias is no URL', { token_endpoint: '/alias' }, '/plain'],
  ])('goes to %s', async (_name, aliases, path) => {
    const urls: string[] = [];
    const timeouts: number[] = [];
    const issuer = 'https://id.example.com';
    const absolute = aliases?.token_endpoint === 'alias' ? { token_endpoint: `${issuer}/alias` } : aliases;
    const metadata = { issuer, token_endpoint: `${issuer}/plain`, mtls_endpoint_aliases: absolute };
    const request = ({ url, timeout }: { url: string; timeout: number }) => {
      urls.push(new URL(url).pathname);
      timeouts.push(timeout);
      const token = { access_token: 't', token_type: 'Bearer', expires_in: 60 };
      const body = url.includes('well-known') ? metadata : token;
      return Promise.resolve({ status: 200, headers: {}, body: Buffer.from(JSON.stringify(body)) });
    };
    const clientAuthentication = authenticationWith(client);
    const options = { authorizationServer: oidc({ issuer }), clientSecret: undefined, clientAuthentication };
    await clientTokenManager(options, systemClock, { request }).manager.getAccessToken(asking());
    expect(urls.at(-1)).toBe(path);
    expect(timeouts.every((timeout) => timeout > 0)).toBe(true);
  });
});
