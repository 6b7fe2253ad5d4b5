import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Test, type TestingModule } from '@nestjs/testing';
import type { AuthorizationServer } from '../../../lib/authorization-servers/authorization-server.js';
import { oidc } from '../../../lib/authorization-servers/oidc.js';
import { M2MClientService } from '../../../lib/client/m2m-client.service.js';
import { mutualTls } from '../../../lib/client-authentication/tls-client-auth.js';
import { M2MModule } from '../../../lib/m2m.module.js';
import type { M2MModuleOptions } from '../../../lib/options/module-options.js';
import { M2MTokenVerifier } from '../../../lib/resource-server/m2m-token-verifier.js';
import { selfSignedCertificate } from '../../support/certificates.js';
import { json, TestHttpServer } from '../../support/http-server.js';
import { testAudience, TestIssuer } from '../../support/issuer.js';
import { Replay } from '../authorization-servers/replay.js';

const ISSUER = 'https://id.example.com';

/** A server on this machine that no issuer may point at: it would give tokens and keys. */
let local: TestHttpServer;
let keys: TestIssuer;
beforeAll(async () => {
  keys = await TestIssuer.start();
  const jwk = (await keys.key()).jwk;
  local = await TestHttpServer.start(({ url }, response) =>
    url.startsWith('/jwks')
      ? json(response, 200, { keys: [jwk] })
      : json(response, 200, { access_token: 'from-loopback', token_type: 'Bearer', expires_in: 60 }),
  );
});
afterAll(async () => {
  await local.stop();
  await keys.stop();
});

/** An application whose issuer has this metadata. */
async function applicationOf(
  metadata: Record<string, unknown>,
  server: Partial<AuthorizationServer> = {},
  more: Partial<M2MModuleOptions['client']> = {},
): Promise<TestingModule & AsyncDisposable> {
  const url = `${ISSUER}/.well-known/openid-configuration`;
  const replay = await Replay.start({ [url]: { body: { issuer: ISSUER, ...metadata } } });
  const options: M2MModuleOptions = {
    authorizationServer: { ...oidc({ issuer: ISSUER }), ...server },
    client: { clientId: 'orders', clientSecret: 's3cret', ...more },
    resourceServer: { audience: testAudience },
    // A client certificate cannot be added to this agent; its test reads the metadata elsewhere.
    ...(server.metadataUrl === undefined && { http: { httpsAgent: replay.httpsAgent } }),
  };
  const module = await Test.createTestingModule({ imports: [M2MModule.forRoot(options)] }).compile();
  module.useLogger(false);
  await module.init();
  const end = async (): Promise<void> => {
    await module.close();
    await replay[Symbol.asyncDispose]();
  };
  return Object.assign(module, { [Symbol.asyncDispose]: end });
}

const getToken = (app: TestingModule): Promise<string> => app.get(M2MClientService).getToken();
const verify = async (app: TestingModule): Promise<unknown> =>
  app.get(M2MTokenVerifier).verify(await keys.mint({ iss: ISSUER }));
const refusal = (name: string, path: string) =>
  expect.stringContaining(
    `the metadata of ${ISSUER} names the ${name} ${local.url}${path}, which is on loopback, and the issuer is not; if it is meant, give it: `,
  ) as unknown;

describe('the metadata of an HTTPS issuer (claim 1.3)', () => {
  it('cannot lead token requests to loopback', async () => {
    await using app = await applicationOf({ token_endpoint: `${local.url}/token` });
    const before = local.requests.length;
    const error = { code: 'ERR_M2M_DISCOVERY', message: refusal('token_endpoint', '/token') };
    await expect(getToken(app)).rejects.toMatchObject(error);
    expect(local.requests).toHaveLength(before);
  });

  it('cannot lead token requests with a certificate to loopback', async () => {
    const { cert, key } = selfSignedCertificate('orders');
    const aliases = { token_endpoint: `${local.url}/mtls` };
    const metadata = { token_endpoint: `${ISSUER}/token`, mtls_endpoint_aliases: aliases };
    const client = { clientSecret: undefined, clientAuthentication: mutualTls({ cert, key }) };
    const before = local.requests.length;
    await using source = await TestHttpServer.start((_, response) =>
      json(response, 200, { issuer: ISSUER, ...metadata }),
    );
    await using app = await applicationOf(metadata, { metadataUrl: `${source.url}/metadata` }, client);
    await expect(getToken(app)).rejects.toMatchObject({ message: refusal('token_endpoint', '/mtls') });
    expect(local.requests).toHaveLength(before);
  });

  it('cannot lead the fetch of keys to loopback', async () => {
    await using app = await applicationOf({ jwks_uri: `${local.url}/jwks` });
    const before = local.requests.length;
    const error = { code: 'ERR_M2M_KEYS_UNAVAILABLE', message: refusal('jwks_uri', '/jwks') };
    await expect(verify(app)).rejects.toMatchObject(error);
    expect(local.requests).toHaveLength(before);
  });

  it('cannot lead anything to plain HTTP', async () => {
    const metadata = { token_endpoint: 'http://id.example.com/token', jwks_uri: 'http://keycloak:8080/jwks' };
    await using app = await applicationOf(metadata);
    await expect(getToken(app)).rejects.toThrow('http://id.example.com/token, which is plain HTTP');
    await expect(verify(app)).rejects.toThrow('http://keycloak:8080/jwks, which is plain HTTP');
  });

  it('can name an origin on loopback that the options name', async () => {
    const metadata = { token_endpoint: `${local.url}/token` };
    await using app = await applicationOf(metadata, { jwksUri: `${local.url}/jwks` });
    await expect(getToken(app)).resolves.toBe('from-loopback');
    await expect(verify(app)).resolves.toMatchObject({ issuer: ISSUER });
  });
});

describe('the options beside an HTTPS issuer', () => {
  it('can name endpoints on loopback', async () => {
    const endpoints = { tokenEndpoint: `${local.url}/token`, jwksUri: `${local.url}/jwks` };
    await using app = await applicationOf({}, endpoints);
    await expect(getToken(app)).resolves.toBe('from-loopback');
    await expect(verify(app)).resolves.toMatchObject({ issuer: ISSUER });
  });
});
