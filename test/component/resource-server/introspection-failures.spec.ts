import { generateKeyPairSync } from 'node:crypto';
import { inspect } from 'node:util';
import { describe, expect, it } from '@jest/globals';
import type { CallerClaims, Claims } from '../../../lib/authorization-servers/authorization-server.js';
import { clientSecretJwt, clientSecretPost, none, privateKeyJwt } from '../../../lib/index.js';
import { TestHttpServer } from '../../support/http-server.js';
import { IntrospectionScene } from './introspection-scene.js';

describe('A resource server that introspects', () => {
  it.each([500, 503, 429, 404, 400])('answers that it cannot be known after status %s (claim 3.12)', async (status) => {
    await using scene = await IntrospectionScene.set();
    scene.server.fail({ status, endpoint: 'introspection', headers: { 'retry-after': '7' } });
    const token = await scene.server.mint();
    const failure = await scene.failureOf(token);
    expect(failure).toMatchObject({ code: 'ERR_M2M_KEYS_UNAVAILABLE', retryAfter: 7 });
    expect(failure.message).toContain(`did not say whether a token is active: status ${status}`);
    expect(await scene.fate(token)).toBe('orders');
  });

  it.each([401, 403])('says what to do if status %s refuses its own credentials (claim 3.12)', async (status) => {
    await using scene = await IntrospectionScene.set();
    scene.server.fail({ status, body: { error: 'invalid_client' }, endpoint: 'introspection' });
    const failure = await scene.failureOf(await scene.server.mint());
    expect(failure).toMatchObject({ code: 'ERR_M2M_KEYS_UNAVAILABLE', retryAfter: 5 });
    expect(failure.message).toMatch(
      /refused this resource server, and not the token, with status \d+, invalid_client: the client "products-api" authenticated with client_secret_basic; check clientId, clientSecret and clientAuthentication in resourceServer\.introspection/,
    );
  });

  it('shows nothing that the server repeats but errors that are known (claim 2.6)', async () => {
    await using scene = await IntrospectionScene.set();
    const token = await scene.server.mint();
    const body = { error: token, error_description: 'products-secret' };
    scene.server.fail({ status: 401, body, endpoint: 'introspection' });
    const failure = await scene.failureOf(token);
    expect(JSON.stringify([failure.message, failure.cause])).not.toMatch(new RegExp(`${token}|products-secret`));
  });

  it('shows nothing of an error that is not its own (claim 2.6)', async () => {
    await using scene = await IntrospectionScene.set();
    const token = await scene.server.mint();
    const request = (): Promise<never> => Promise.reject(new Error(`about ${token}`));
    const authenticating = scene.authenticator({ request, httpsAgent: undefined }).authenticate(token);
    const failure: unknown = await authenticating.catch((error: unknown) => error);
    expect(failure).toMatchObject({ code: 'ERR_M2M_KEYS_UNAVAILABLE' });
    expect(inspect(failure)).not.toContain(token);
  });

  it.each(['<html>', '{"active":true', '{"active":false,"active":true}', '[]', ''])(
    'cannot know it from the answer %s (claim 3.12)',
    async (body) => {
      await using scene = await IntrospectionScene.set();
      scene.server.fail({ status: 200, body, endpoint: 'introspection' });
      expect(await scene.fate(await scene.server.mint())).toBe('ERR_M2M_KEYS_UNAVAILABLE');
    },
  );

  it.each(['opaque', 'jwt'] as const)(
    'hears the rejection of a readClaims that returns a promise, of %s',
    async (format) => {
      const rejections: unknown[] = [];
      const hear = (reason: unknown): unknown => rejections.push(reason);
      process.on('unhandledRejection', hear);
      const readClaims = (claims: Claims): CallerClaims =>
        format === 'jwt' && claims['active'] === true
          ? { clientId: 'orders', scopes: [], audience: ['api'], kind: 'unknown' }
          : (Promise.reject(new Error('of readClaims')) as never);
      await using scene = await IntrospectionScene.set({ when: 'always' }, {}, {}, (own) => ({ ...own, readClaims }));
      expect(await scene.fate(await scene.server.mint({ format }))).toBe('ERR_M2M_CONFIGURATION');
      await new Promise((resolve) => setTimeout(resolve, 20));
      process.off('unhandledRejection', hear);
      expect(rejections).toEqual([]);
    },
  );

  it('gives a request up after its timeout', async () => {
    await using scene = await IntrospectionScene.set({ timeout: 300 });
    scene.server.delay(1000, 'introspection');
    const failure = scene.failureOf(await scene.server.mint());
    await untilAsked(scene, 1);
    await scene.clock.advance(300);
    expect((await failure).message).toMatch(/cannot be asked about tokens .*did not finish in 300 ms/);
    await scene.clock.advance(1000);
  });

  it('asks its secret function again when the secret is refused', async () => {
    let secret = 'old-secret';
    await using scene = await IntrospectionScene.set({ clientSecret: () => secret });
    const token = await scene.server.mint();
    expect((await scene.failureOf(token)).message).toContain('refused this resource server');
    secret = 'products-secret';
    expect(await scene.fate('never-issued')).toBe('ERR_M2M_KEYS_UNAVAILABLE');
    await scene.clock.advance(5000);
    expect(await scene.fate(token)).toBe('orders');
  });

  it('names its own option if the secret function fails', async () => {
    await using scene = await IntrospectionScene.set({ clientSecret: () => undefined as unknown as string });
    const failure = await scene.failureOf(await scene.server.mint());
    expect(failure).toMatchObject({ code: 'ERR_M2M_KEYS_UNAVAILABLE' });
    expect(failure.message).toContain('resourceServer.introspection.clientSecret');
  });

  it.each([
    ['client_secret_post', clientSecretPost(), { secret: 'products-secret' }],
    ['client_secret_jwt', clientSecretJwt(), { secret: 'products-secret' }],
  ] as const)('authenticates with %s', async (authentication, clientAuthentication, client) => {
    await using scene = await IntrospectionScene.set({ clientAuthentication });
    scene.server.register('products-api', { ...client, authentication });
    expect(await scene.fate(await scene.server.mint())).toBe('orders');
  });

  it.each([undefined, 'token-endpoint'])('authenticates with an assertion for %s', async (audience) => {
    const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const key = privateKey.export({ format: 'pem', type: 'pkcs8' }) as string;
    const clientAuthentication = privateKeyJwt({ key, alg: 'ES256', ...(audience && { audience }) });
    await using scene = await IntrospectionScene.set({ clientAuthentication, clientSecret: undefined });
    scene.server.register('products-api', { publicKey, authentication: 'private_key_jwt' });
    expect(await scene.fate(await scene.server.mint())).toBe('orders');
  });

  it('may have no credentials, at a server that asks for none', async () => {
    await using scene = await IntrospectionScene.set({ clientAuthentication: none(), clientSecret: undefined });
    scene.server.register('products-api', { authentication: 'none' });
    expect(await scene.fate(await scene.server.mint())).toBe('orders');
  });
});

it('takes nothing from an answer that is not UTF-8, in which two clients may look alike (claim 3.12)', async () => {
  const members = { active: true, client_id: 'orders?', sub: 'orders?', aud: 'api', token_type: 'Bearer', exp: 4e9 };
  const body = Buffer.from(JSON.stringify(members).replaceAll('?', '\xff'), 'latin1');
  await using server = await TestHttpServer.start((_request, response) => response.end(body));
  await using scene = await IntrospectionScene.set({}, {}, {}, (own) => {
    return { ...own, introspectionEndpoint: `${server.url}/introspect` };
  });
  expect(await scene.fate('a-token')).toBe('ERR_M2M_KEYS_UNAVAILABLE');
});

async function untilAsked(scene: IntrospectionScene, requests: number): Promise<void> {
  while (scene.asked < requests) await new Promise((resolve) => setImmediate(resolve));
}
