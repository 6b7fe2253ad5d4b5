import { generateKeyPairSync, randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Test } from '@nestjs/testing';
import { decodeJwt, SignJWT } from 'jose';
import { clientAssertion } from '../../../lib/client-authentication/client-assertion.js';
import { clientSecretJwt } from '../../../lib/client-authentication/client-secret-jwt.js';
import { privateKeyJwt } from '../../../lib/client-authentication/private-key-jwt.js';
import { mutualTls } from '../../../lib/client-authentication/tls-client-auth.js';
import { clientSecretBasic } from '../../../lib/client-authentication/client-secret-basic.js';
import { clientSecretPost } from '../../../lib/client-authentication/client-secret-post.js';
import { none } from '../../../lib/client-authentication/none.js';
import { oidc } from '../../../lib/authorization-servers/oidc.js';
import { M2MClientService } from '../../../lib/client/m2m-client.service.js';
import { M2MModule } from '../../../lib/m2m.module.js';
import type { M2MNamedClientOptions } from '../../../lib/options/client-options.js';
import { M2MTokenVerifier } from '../../../lib/resource-server/m2m-token-verifier.js';
import { TestAuthorizationServer } from '../../../lib/testing/index.js';
import { selfSignedCertificate } from '../../support/certificates.js';
import { TestOidcProvider } from '../../support/oidc-provider.js';
import { jwkOf } from '../../support/jwk-of.js';

const SHOP = 'https://shop.example';
const SECRET = 'p%ss word+&=/: that is long enough for HMAC';
const scopes = ['read:products', 'write:products'];
const pair = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const certificate = selfSignedCertificate('orders');
const own = selfSignedCertificate('localhost');

/** What the suite needs of an authorization server. */
interface AnyServer extends AsyncDisposable {
  readonly issuer: string;
  tokenRequestCount(): number;
}

const metadata = {
  grant_types: ['client_credentials'],
  redirect_uris: [],
  response_types: [],
  scope: scopes.join(' '),
};
const jwk = jwkOf(pair.publicKey);
const methods = ['client_secret_basic', 'client_secret_post', 'client_secret_jwt'] as const;

async function oidcProvider(): Promise<AnyServer> {
  const clients = [
    ...methods.map((token_endpoint_auth_method) => ({
      ...metadata,
      client_id: `by:${token_endpoint_auth_method}`,
      client_secret: SECRET,
      token_endpoint_auth_method,
    })),
    {
      ...metadata,
      client_id: 'by:key',
      token_endpoint_auth_method: 'private_key_jwt',
      token_endpoint_auth_signing_alg: 'ES256',
      jwks: { keys: [jwk] },
    },
    { ...metadata, client_id: 'by:nothing', token_endpoint_auth_method: 'none' },
    {
      ...metadata,
      client_id: 'reader',
      client_secret: SECRET,
      token_endpoint_auth_method: 'client_secret_basic',
      scope: 'read:products',
    },
  ];
  const server = await TestOidcProvider.start({ clients, resources: { [SHOP]: { scope: scopes.join(' ') } } });
  return Object.assign(server, { tokenRequestCount: () => server.tokenRequests });
}

async function testServer(): Promise<AnyServer> {
  const server = await TestAuthorizationServer.start({
    resources: { [SHOP]: scopes },
    clients: {
      ...Object.fromEntries(
        methods.map((authentication) => [`by:${authentication}`, { secret: SECRET, authentication }]),
      ),
      'by:key': { publicKey: jwk },
      'by:nothing': {},
      reader: { secret: SECRET, scopes: ['read:products'] },
    },
  });
  return Object.assign(server, { tokenRequestCount: () => server.requests('token').length });
}

const withSecret = { clientSecret: SECRET };
const byBasic = { clientId: 'by:client_secret_basic', ...withSecret, clientAuthentication: clientSecretBasic() };
const clients: Record<string, M2MNamedClientOptions> = {
  basic: byBasic,
  post: { clientId: 'by:client_secret_post', ...withSecret, clientAuthentication: clientSecretPost() },
  secretJwt: { clientId: 'by:client_secret_jwt', ...withSecret, clientAuthentication: clientSecretJwt() },
  keyJwt: {
    clientId: 'by:key',
    clientAuthentication: privateKeyJwt({ key: pair.privateKey, alg: 'ES256' }),
  },
  nothing: { clientId: 'by:nothing', clientAuthentication: none() },
  reader: { clientId: 'reader', ...withSecret },
  wrongSecret: { ...byBasic, clientSecret: 'wrong' },
  unknownClient: { ...byBasic, clientId: 'nobody' },
};

describe.each([
  ['oidc-provider', oidcProvider],
  ['the test server', testServer],
])('the client against %s', (_name, startServer) => {
  let server: AnyServer;
  let service: M2MClientService;
  let verifier: M2MTokenVerifier;
  let close: () => Promise<void>;
  beforeAll(async () => {
    server = await startServer();
    const asked = { resource: SHOP, scope: scopes };
    const named = Object.entries(clients).map(([name, client]) => [name, { ...asked, ...client }]);
    const options = {
      authorizationServer: oidc({ issuer: server.issuer }),
      client: {
        ...byBasic,
        ...asked,
        clients: Object.fromEntries(named) as Record<string, M2MNamedClientOptions>,
      },
      resourceServer: { audience: SHOP },
    };
    const module = await Test.createTestingModule({ imports: [M2MModule.forRoot(options)] }).compile();
    service = module.get(M2MClientService);
    verifier = module.get(M2MTokenVerifier);
    close = () => module.close();
  });
  afterAll(async () => {
    await close();
    await server[Symbol.asyncDispose]();
  });

  it.each(['basic', 'post', 'secretJwt', 'keyJwt', 'nothing'])('gets a token by %s, again and again', async (name) => {
    const client = service.client(name);
    const first = await client.getAccessToken();
    const second = await client.getAccessToken({ forceRenewal: true });
    expect(second.value).not.toBe(first.value);
    expect([...(second.scope ?? [])].toSorted()).toEqual(scopes);
    const { clientId, audience, kind, scopes: granted } = await verifier.verify(second.value);
    expect({ clientId, audience, kind }).toEqual({
      clientId: clients[name]?.clientId,
      audience: [SHOP],
      kind: 'machine',
    });
    expect([...granted].toSorted()).toEqual(scopes);
  });

  it('gets fewer scopes where it asks for fewer', async () => {
    const token = await service.getToken({ scope: 'read:products' });
    expect(decodeJwt(token)).toMatchObject({ scope: 'read:products', iss: server.issuer });
  });

  it('asks once, however many wait', async () => {
    const before = server.tokenRequestCount();
    await Promise.all(Array.from({ length: 50 }, () => service.client('reader').getToken({ scope: 'read:products' })));
    expect(server.tokenRequestCount() - before).toBe(1);
  });

  it.each([
    ['wrongSecret', {}, 401, 'invalid_client'],
    ['unknownClient', {}, 401, 'invalid_client'],
    ['basic', { resource: 'https://other.example' }, 400, 'invalid_target'],
    ['reader', { scope: 'write:products' }, 400, 'invalid_scope'],
  ])('is refused: %s %j', async (name, asked, upstreamStatus, error) => {
    await expect(service.client(name).getToken(asked)).rejects.toMatchObject({ upstreamStatus, error });
  });
});

async function ask(server: TestAuthorizationServer, client: M2MNamedClientOptions): Promise<string> {
  const options = { authorizationServer: server.authorizationServer, client };
  const module = await Test.createTestingModule({ imports: [M2MModule.forRoot(options)] }).compile();
  try {
    return await module.get(M2MClientService).getToken();
  } finally {
    await module.close();
  }
}

describe('what oidc-provider is not set up for', () => {
  it('gets a token by mutual TLS', async () => {
    await using server = await TestAuthorizationServer.start({
      tls: own,
      clients: { orders: { certificate: certificate.cert } },
    });
    const clientAuthentication = mutualTls({ ...certificate, ca: own.cert });
    expect(decodeJwt(await ask(server, { clientId: 'orders', clientAuthentication }))).toMatchObject({ sub: 'orders' });
  });

  it("gets tokens by an assertion of its cluster's, as often as it likes", async () => {
    const federatedAs = { issuer: 'https://cluster.example', subject: 'system:serviceaccount:shop:orders' };
    const clientsThere = { orders: { publicKey: pair.publicKey, federatedAs } };
    await using server = await TestAuthorizationServer.start({ dialect: 'entraId', clients: clientsThere });
    const assertion = await new SignJWT({ aud: server.issuer })
      .setProtectedHeader({ alg: 'ES256' })
      .setIssuer(federatedAs.issuer)
      .setSubject(federatedAs.subject)
      .setExpirationTime('1h')
      .setJti(randomUUID())
      .sign(pair.privateKey);
    const client = {
      clientId: 'orders',
      clientAuthentication: clientAssertion(() => assertion),
      ...server.tokenRequest(),
    };
    await ask(server, client);
    expect(decodeJwt(await ask(server, client))).toMatchObject({ azp: 'orders' });
  });
});
