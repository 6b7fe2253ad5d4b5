import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { TestAuthorizationServer, type TestTokenOptions } from '../../../lib/testing/index.js';
import { ACCESS_TOKEN, exchange, JWT, REFRESH_TOKEN, TOKEN_EXCHANGE, type ExchangeParameters } from './exchange.js';

let server: TestAuthorizationServer;
beforeAll(async () => {
  server = await TestAuthorizationServer.start({
    dialect: 'keycloak',
    signingAlg: 'ES256',
    clients: {
      web: 'w',
      orders: { secret: 's3cret', resources: ['products', 'stock'] },
      off: { secret: 'x', tokenExchange: false },
      public: { tokenExchange: true },
    },
    resources: { orders: ['read'], products: ['read', 'write'], stock: ['count'], admin: ['delete'] },
  });
});
afterAll(() => server.stop());

function userToken(options: TestTokenOptions = {}): Promise<string> {
  return server.mint({ clientId: 'web', user: 'anna', audience: 'orders', ...options });
}

async function request(changes: ExchangeParameters = {}): Promise<ExchangeParameters> {
  return {
    grant_type: TOKEN_EXCHANGE,
    subject_token: await userToken(),
    subject_token_type: ACCESS_TOKEN,
    audience: 'products',
    ...changes,
  };
}

describe('token exchange in the dialect keycloak', () => {
  it("gives the user's token to the client, for the audience that it picked", async () => {
    const { status, body, claims } = await exchange(server, await request({ scope: 'write' }));
    expect({ status, body }).toMatchObject({
      status: 200,
      body: { issued_token_type: ACCESS_TOKEN, token_type: 'Bearer', expires_in: 300, scope: 'profile email write' },
    });
    expect(claims).toMatchObject({ sub: 'anna', azp: 'orders', aud: 'products', preferred_username: 'anna' });
    for (const name of ['sid', 'auth_time']) expect(claims).toHaveProperty(name);
    for (const name of ['act', 'client_id']) expect(claims).not.toHaveProperty(name);
  });

  it("keeps the service account of a machine's token, without any client_id", async () => {
    const subject_token = await server.mint({ clientId: 'web', audience: 'orders' });
    const { claims } = await exchange(server, await request({ subject_token }));
    expect(claims).toMatchObject({
      sub: 'service-account-id-of-web',
      azp: 'orders',
      preferred_username: 'service-account-web',
    });
    for (const name of ['act', 'client_id', 'clientHost', 'sid', 'auth_time']) expect(claims).not.toHaveProperty(name);
  });

  it("gives all audiences of the client's mappers if none is picked", async () => {
    expect((await exchange(server, await request({ audience: undefined }))).claims['aud']).toEqual([
      'products',
      'stock',
    ]);
  });

  it('takes several audiences', async () => {
    const { claims } = await exchange(server, await request({ audience: ['stock', 'products'] }));
    expect(claims['aud']).toEqual(['stock', 'products']);
  });

  it('ignores resource and actor_token without a word', async () => {
    const { status, claims } = await exchange(server, await request({ resource: 'urn:any', actor_token: 'nonsense' }));
    expect(status).toBe(200);
    expect(claims).not.toHaveProperty('act');
  });

  it('lets a client exchange a token of its own without being in its audience', async () => {
    const subject_token = await server.mint({ clientId: 'orders', audience: 'stock' });
    expect(await exchange(server, await request({ subject_token }))).toMatchObject({ status: 200 });
  });

  const refusals: [string, number, string, string, () => Promise<ExchangeParameters>, string?][] = [
    [
      'a subject token that is not for the client',
      403,
      'access_denied',
      'Client is not within the token audience',
      async () => request({ subject_token: await userToken({ audience: 'products' }) }),
    ],
    [
      'an unknown audience',
      400,
      'invalid_client',
      'Audience not found',
      () => request({ audience: ['products', 'unknown'] }),
    ],
    [
      'an audience that no mapper of the client gives',
      400,
      'invalid_request',
      'Requested audience not available: admin',
      () => request({ audience: ['products', 'admin'] }),
    ],
    [
      'a client as audience that is no resource',
      400,
      'invalid_request',
      'Requested audience not available: web',
      () => request({ audience: 'web' }),
    ],
    ['a bad subject token', 400, 'invalid_request', 'Invalid token', () => request({ subject_token: 'nonsense' })],
    [
      'an expired subject token',
      400,
      'invalid_request',
      'Invalid token',
      async () => request({ subject_token: await userToken({ expiresIn: -1000 }) }),
    ],
    [
      'a revoked subject token',
      400,
      'invalid_request',
      'Invalid token',
      async () => {
        const subject_token = await userToken();
        server.revoke(subject_token);
        return request({ subject_token });
      },
    ],
    [
      'no subject token',
      400,
      'invalid_request',
      'subject_token is missing',
      () => request({ subject_token: undefined }),
    ],
    [
      'no type of the subject token',
      400,
      'invalid_request',
      'subject_token_type is missing',
      () => request({ subject_token_type: undefined }),
    ],
    [
      'a JWT as the type of the subject token',
      400,
      'invalid_request',
      'subject_token_type unsupported',
      () => request({ subject_token_type: JWT }),
    ],
    [
      'another requested type',
      400,
      'invalid_request',
      'requested_token_type unsupported',
      () => request({ requested_token_type: REFRESH_TOKEN }),
    ],
    ['a scope that is not granted', 400, 'invalid_scope', 'Invalid scopes: x', () => request({ scope: 'x' })],
    [
      'a client without the switch',
      400,
      'invalid_request',
      'Standard token exchange is not enabled for the requested client',
      () => request(),
      'off:x',
    ],
    [
      'a public client, whatever its switch says',
      400,
      'invalid_client',
      'Public client is not allowed to exchange token',
      () => request({ client_id: 'public' }),
      '',
    ],
  ];

  it.each(refusals)(
    'refuses %s: %i %s',
    async (_what, status, error, error_description, parameters, basic = 'orders:s3cret') => {
      const answer = await exchange(server, await parameters(), basic === '' ? null : basic);
      expect(answer).toMatchObject({ status, body: { error, error_description } });
    },
  );
});
