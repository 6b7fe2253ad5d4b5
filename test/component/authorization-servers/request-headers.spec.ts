import type { ServerResponse } from 'node:http';
import { inspect } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { ConsoleLogger } from '@nestjs/common';
import { Test, type TestingModule } from '@nestjs/testing';
import { exportJWK, generateKeyPair, SignJWT } from 'jose';
import type { AuthorizationServer } from '../../../lib/authorization-servers/authorization-server.js';
import { oidc } from '../../../lib/authorization-servers/oidc.js';
import { M2MClientService } from '../../../lib/client/m2m-client.service.js';
import { M2MModule } from '../../../lib/m2m.module.js';
import { M2MTokenVerifier } from '../../../lib/resource-server/m2m-token-verifier.js';
import { json, TestHttpServer, type SeenRequest } from '../../support/http-server.js';
import { failureOf } from '../../support/scripted-token-endpoint.js';

const KEY = 'k3y-of-the-gateway';
type RequestHeaders = NonNullable<AuthorizationServer['requestHeaders']>;

const { privateKey, publicKey } = await generateKeyPair('ES256');
const jwk = { ...(await exportJWK(publicKey)), kid: '1', use: 'sig' };

let issuer: TestHttpServer;
let elsewhere: TestHttpServer;
let app: TestingModule | undefined;
/** Where the metadata says that tokens and keys are. */
let place: () => TestHttpServer;
let refuse: ((response: ServerResponse) => void) | undefined;

const answer = ({ url }: SeenRequest, response: ServerResponse): void => {
  if (url.includes('.well-known')) {
    const { url: base } = place();
    const members = { issuer: issuer.url, token_endpoint: `${base}/token`, jwks_uri: `${base}/jwks` };
    json(response, 200, members);
  } else if (url === '/jwks') json(response, 200, { keys: [jwk] });
  else if (refuse) refuse(response);
  else json(response, 200, { access_token: 'token', token_type: 'Bearer', expires_in: 60 });
};

beforeEach(async () => {
  [issuer, elsewhere] = [await TestHttpServer.start(answer), await TestHttpServer.start(answer)];
  place = () => issuer;
  refuse = undefined;
});
afterEach(async () => {
  await app?.close();
  app = undefined;
  await Promise.all([issuer.stop(), elsewhere.stop()]);
});

/** Gets a token and verifies one, so that metadata, a token and keys are requested. */
async function exchange(requestHeaders: RequestHeaders, differs: Partial<AuthorizationServer> = {}) {
  app = await Test.createTestingModule({
    imports: [
      M2MModule.forRoot({
        authorizationServer: { ...oidc({ issuer: issuer.url }), requestHeaders, ...differs },
        client: { clientId: 'orders', clientSecret: 'secret', retry: { attempts: 1 } },
        resourceServer: { audience: 'https://api' },
      }),
    ],
  })
    .setLogger(new ConsoleLogger({ logLevels: [] }))
    .compile();
  const token = await new SignJWT({ client_id: 'orders', sub: 'orders' })
    .setProtectedHeader({ alg: 'ES256', kid: '1' })
    .setIssuer(issuer.url)
    .setAudience('https://api')
    .setIssuedAt()
    .setExpirationTime('1 min')
    .sign(privateKey);
  const [, verified] = [await app.get(M2MClientService).getToken(), await app.get(M2MTokenVerifier).verify(token)];
  return verified;
}

const sent = (server: TestHttpServer) =>
  server.requests.map(({ url, headers }) => [url.replace(/^.*\//, ''), headers['x-api-key']]);

describe('requestHeaders', () => {
  it('go with requests for metadata, tokens and keys', async () => {
    const asked: unknown[] = [];
    await exchange((request) => {
      asked.push({ ...request });
      return Promise.resolve({ 'X-Api-Key': `${KEY} for ${request.purpose}` });
    });
    expect(sent(issuer)).toEqual([
      ['openid-configuration', `${KEY} for metadata`],
      ['token', `${KEY} for token`],
      ['jwks', `${KEY} for jwks`],
    ]);
    expect(asked).toEqual([
      { purpose: 'metadata', url: `${issuer.url}/.well-known/openid-configuration` },
      { purpose: 'token', url: `${issuer.url}/token` },
      { purpose: 'jwks', url: `${issuer.url}/jwks` },
    ]);
  });

  it('are neither asked for nor sent if only the metadata names another origin (claim 1.5)', async () => {
    place = () => elsewhere;
    const purposes: string[] = [];
    await exchange(({ purpose }) => {
      purposes.push(purpose);
      return { 'x-api-key': KEY };
    });
    expect(purposes).toEqual(['metadata']);
    expect(sent(elsewhere)).toEqual([
      ['token', undefined],
      ['jwks', undefined],
    ]);
  });

  it('go to another origin that the options name', async () => {
    await exchange(() => ({ 'x-api-key': KEY }), {
      tokenEndpoint: `${elsewhere.url}/token`,
      jwksUri: `${elsewhere.url}/jwks`,
    });
    expect(sent(elsewhere)).toEqual([
      ['token', KEY],
      ['jwks', KEY],
    ]);
  });

  it.each([
    'Host',
    'Content-Type',
    'content-length',
    'Transfer-Encoding',
    'Connection',
    'Cookie',
    'DPoP',
    'Proxy-Authorization',
    'a b',
    '',
  ])('may not set %j', async (name) => {
    const error = await failureOf(exchange(() => ({ [name]: KEY })));
    expect(error).toMatchObject({ code: 'ERR_M2M_CALLBACK', option: 'authorizationServer.requestHeaders' });
    expect(inspect(error, { depth: 9, showHidden: true })).not.toContain(KEY);
    expect(issuer.requests).toEqual([]);
  });

  it('may not throw out of what they return either', async () => {
    const returned = Object.defineProperty({}, 'x-api-key', {
      enumerable: true,
      get: () => {
        throw new TypeError(KEY);
      },
    });
    const error = await failureOf(exchange(() => returned as Record<string, string>));
    expect(error).toMatchObject({ code: 'ERR_M2M_CALLBACK' });
    expect(error.message).toMatch(/ failed with TypeError$/);
  });

  it('may set Authorization for keys, and not for tokens', async () => {
    const tokenEndpoint = `${issuer.url}/token`;
    await exchange(({ purpose }) => (purpose === 'token' ? {} : { Authorization: `Bearer ${KEY}` }), { tokenEndpoint });
    expect(issuer.requests.at(-1)).toMatchObject({ url: '/jwks', headers: { authorization: `Bearer ${KEY}` } });
    await app?.close();
    const error = await failureOf(exchange(() => ({ Authorization: KEY }), { tokenEndpoint }));
    expect(error.message).toContain('returned the header authorization, which it may not set for a token');
  });

  it.each<[string, unknown]>([
    ['nothing', undefined],
    ['a text', KEY],
    ['a value with a new line', { 'x-api-key': `${KEY}\r\nx: y` }],
    ['a value that is no text', { 'x-api-key': { KEY } }],
  ])('may not be %s', async (_name, returned) => {
    const error = await failureOf(exchange(() => returned as never));
    expect(error).toMatchObject({ code: 'ERR_M2M_CALLBACK' });
    expect(inspect(error, { depth: 9, showHidden: true })).not.toContain(KEY);
  });

  it('are repeated in no error', async () => {
    refuse = (response) => json(response, 400, { error: KEY, error_description: `bad ${KEY}`, code: KEY });
    const token = await failureOf(exchange(() => ({ 'x-api-key': KEY })));
    expect(token).toMatchObject({ error: '[redacted]', errorDescription: 'bad [redacted]' });
    await app?.close();
    await issuer.stop();
    issuer = await TestHttpServer.start((_request, response) => json(response, 200, { issuer: `https://${KEY}` }));
    const metadata = await failureOf(exchange(() => ({ 'x-api-key': KEY })));
    expect(metadata).toMatchObject({
      code: 'ERR_M2M_DISCOVERY',
      message: expect.stringContaining('https://[redacted]'),
    });
    for (const error of [token, metadata]) expect(inspect(error, { depth: 9, showHidden: true })).not.toContain(KEY);
  });

  it('that cannot be had fail the call with the class of the error alone', async () => {
    const error = await failureOf(exchange(() => Promise.reject(new RangeError(KEY))));
    expect(error).toMatchObject({ code: 'ERR_M2M_CALLBACK' });
    expect(error.message).toContain('authorizationServer.requestHeaders failed with RangeError');
    expect(inspect(error, { depth: 9, showHidden: true })).not.toContain(KEY);
  });
});
