import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { decodeJwt } from 'jose';
import * as oauth from 'oauth4webapi';
import { TestAuthorizationServer, TestClock, type TestTokenOptions } from '../../../lib/testing/index.js';
import { ACCESS_TOKEN, exchange, JWT, REFRESH_TOKEN, TOKEN_EXCHANGE, type ExchangeParameters } from './exchange.js';

const ORDERS = 'https://orders.example';
const PRODUCTS = 'https://products.example';

let server: TestAuthorizationServer;
let clock: TestClock;
beforeEach(async () => {
  clock = new TestClock();
  server = await TestAuthorizationServer.start({
    clock,
    signingAlg: 'ES256',
    clients: {
      orders: 's3cret',
      web: 'w',
      reader: { secret: 'r', scopes: ['read'], resources: [ORDERS, PRODUCTS] },
      opaque: { secret: 'o', tokenFormat: 'opaque' },
      short: { secret: 's', tokenLifetime: 60_000 },
      claiming: { secret: 'c', claims: { act: undefined, tenant: 'acme' } },
      off: { secret: 'x', tokenExchange: false },
      public: {},
      trusted: { tokenExchange: true },
    },
    resources: { [ORDERS]: ['read', 'write'], [PRODUCTS]: ['read', 'write'], 'https://admin.example': ['delete'] },
  });
});
afterEach(() => server.stop());

function userToken(options: TestTokenOptions = {}): Promise<string> {
  return server.mint({ clientId: 'web', user: 'anna', audience: ORDERS, ...options });
}

async function request(changes: ExchangeParameters = {}): Promise<ExchangeParameters> {
  return {
    grant_type: TOKEN_EXCHANGE,
    subject_token: await userToken(),
    subject_token_type: ACCESS_TOKEN,
    audience: PRODUCTS,
    ...changes,
  };
}

describe('token exchange in the dialect standard', () => {
  it("gives a token for the target that stays the user's, and names the client as its actor", async () => {
    const { status, header, body, claims } = await exchange(server, await request());
    expect({ status, header }).toMatchObject({ status: 200, header: { typ: 'at+jwt' } });
    expect(body).toMatchObject({
      token_type: 'Bearer',
      issued_token_type: ACCESS_TOKEN,
      expires_in: 3600,
      scope: 'read write',
    });
    const act = { sub: 'orders' };
    expect(claims).toMatchObject({ sub: 'anna', client_id: 'orders', aud: PRODUCTS, act, scope: 'read write' });
    expect(claims).toHaveProperty('auth_time');
  });

  it("keeps the machine of a machine's token as the subject, without the login of a user", async () => {
    const subject_token = await server.mint({ clientId: 'web', audience: ORDERS });
    const { claims } = await exchange(server, await request({ subject_token }));
    expect(claims).toMatchObject({ sub: 'web', client_id: 'orders', act: { sub: 'orders' } });
    expect(claims).not.toHaveProperty('auth_time');
  });

  it('keeps the earlier actors inside the last one', async () => {
    const first = await exchange(server, await request());
    const subject_token = String(first.body['access_token']);
    const { claims } = await exchange(server, await request({ subject_token, audience: ORDERS }), 'reader:r');
    expect(claims['act']).toEqual({ sub: 'reader', act: { sub: 'orders' } });
  });

  it('names the subject of an actor token as the actor', async () => {
    const actor_token = await server.mint({ clientId: 'orders', claims: { sub: 'orders-pod-7' } });
    const { claims } = await exchange(server, await request({ actor_token, actor_token_type: JWT }));
    expect(claims).toMatchObject({ sub: 'anna', act: { sub: 'orders-pod-7' } });
  });

  it('takes several audiences and resources', async () => {
    const { claims } = await exchange(
      server,
      await request({ audience: [PRODUCTS, 'https://admin.example'], resource: [ORDERS] }),
    );
    expect(claims['aud']).toEqual([ORDERS, PRODUCTS, 'https://admin.example']);
  });

  it('goes by the first resource if no target is named', async () => {
    const { claims } = await exchange(server, await request({ audience: undefined }));
    expect(claims['aud']).toBe(ORDERS);
  });

  it('gives the requested scopes only', async () => {
    const { claims } = await exchange(server, await request({ scope: 'read' }));
    expect(claims['scope']).toBe('read');
  });

  it('gives all scopes of the client at another resource, whatever the subject token has', async () => {
    const subject_token = await userToken({ scope: 'read' });
    const { claims } = await exchange(server, await request({ subject_token }));
    expect(claims['scope']).toBe('read write');
  });

  it('gives no more scopes than the subject token has if that is for the same resource', async () => {
    const subject_token = await userToken({ scope: 'read' });
    const { claims } = await exchange(server, await request({ subject_token, audience: ORDERS }));
    expect(claims['scope']).toBe('read');
    const refused = await exchange(server, await request({ subject_token, audience: ORDERS, scope: 'write' }));
    expect(refused).toMatchObject({ status: 400, body: { error: 'invalid_scope' } });
  });

  it('ends the token no later than the subject token', async () => {
    const subject_token = await userToken({ expiresIn: 90_000 });
    const { body, claims } = await exchange(server, await request({ subject_token }));
    expect(body['expires_in']).toBe(90);
    expect(claims.exp).toBe(decodeJwt(subject_token).exp);
  });

  it("ends the token by the client's own lifetime if that is shorter", async () => {
    expect((await exchange(server, await request(), 'short:s')).body['expires_in']).toBe(60);
  });

  it('exchanges opaque tokens, and issues them to a client that gets such', async () => {
    const subject_token = await userToken({ format: 'opaque' });
    const { status, body } = await exchange(server, await request({ subject_token }), 'opaque:o');
    expect(status).toBe(200);
    const token = String(body['access_token']);
    expect(token.split('.')).not.toHaveLength(3);
    const introspection = await fetch(server.authorizationServer.introspectionEndpoint!, {
      method: 'POST',
      headers: { authorization: `Basic ${btoa('orders:s3cret')}` },
      body: new URLSearchParams({ token }),
    });
    const act = { sub: 'opaque' };
    expect(await introspection.json()).toMatchObject({ active: true, sub: 'anna', client_id: 'opaque', act });
  });

  it('issues a JWT to such a client if that is the requested type, and says so', async () => {
    const { body, claims } = await exchange(server, await request({ requested_token_type: JWT }), 'opaque:o');
    expect(body['issued_token_type']).toBe(JWT);
    expect(claims['sub']).toBe('anna');
  });

  it('lets claims of the client replace those of the exchange', async () => {
    const { claims } = await exchange(server, await request(), 'claiming:c');
    expect(claims).toMatchObject({ sub: 'anna', tenant: 'acme' });
    expect(claims).not.toHaveProperty('act');
  });

  it('takes a public client that may exchange tokens', async () => {
    expect(await exchange(server, await request({ client_id: 'trusted' }), null)).toMatchObject({ status: 200 });
  });

  const refusals: [string, string, () => Promise<ExchangeParameters>, string?][] = [
    ['a request without a subject token', 'invalid_request', () => request({ subject_token: undefined })],
    ['a request without the type of the subject token', 'invalid_request', () => request({ subject_token_type: '' })],
    ['an unknown type of subject token', 'invalid_request', () => request({ subject_token_type: REFRESH_TOKEN })],
    ['an unknown requested type', 'invalid_request', () => request({ requested_token_type: REFRESH_TOKEN })],
    ['two subject tokens', 'invalid_request', () => request({ subject_token: ['a', 'b'] })],
    ['a subject token that is none', 'invalid_request', () => request({ subject_token: 'nonsense' })],
    [
      'a subject token that has expired',
      'invalid_request',
      async () => request({ subject_token: await userToken({ expiresIn: -1000 }) }),
    ],
    [
      'a subject token that was revoked',
      'invalid_request',
      async () => {
        const subject_token = await userToken();
        server.revoke(subject_token);
        return request({ subject_token });
      },
    ],
    [
      'a subject token of another server',
      'invalid_request',
      async () => {
        await using other = await TestAuthorizationServer.start();
        return request({ subject_token: await other.mint({ user: 'anna' }) });
      },
    ],
    [
      'a subject token without a subject',
      'invalid_request',
      async () => request({ subject_token: await userToken({ claims: { sub: undefined } }) }),
    ],
    ['an actor token without its type', 'invalid_request', async () => request({ actor_token: await userToken() })],
    ['the type of an actor token without one', 'invalid_request', () => request({ actor_token_type: JWT })],
    [
      'an unknown type of actor token',
      'invalid_request',
      async () => request({ actor_token: await userToken(), actor_token_type: REFRESH_TOKEN }),
    ],
    [
      'an actor token that is none',
      'invalid_request',
      () => request({ actor_token: 'nonsense', actor_token_type: ACCESS_TOKEN }),
    ],
    ['an unknown audience', 'invalid_target', () => request({ audience: 'https://other.example' })],
    ['an unknown resource', 'invalid_target', () => request({ resource: 'https://other.example' })],
    [
      'a target that the client may not access',
      'invalid_target',
      () => request({ audience: 'https://admin.example' }),
      'reader:r',
    ],
    ['a scope that the client may not have', 'invalid_scope', () => request({ scope: 'write' }), 'reader:r'],
    ['a client that may not exchange tokens', 'unauthorized_client', () => request(), 'off:x'],
    ['a public client', 'unauthorized_client', () => request({ client_id: 'public' }), ''],
  ];

  it.each(refusals)('refuses %s: %s', async (_what, error, parameters, basic = 'orders:s3cret') => {
    const answer = await exchange(server, await parameters(), basic === '' ? null : basic);
    expect(answer).toMatchObject({ status: 400, body: { error } });
    expect(answer.body).not.toHaveProperty('access_token');
  });

  it('refuses wrong credentials before it looks at the subject token', async () => {
    const answer = await exchange(server, await request({ subject_token: 'nonsense' }), 'orders:wrong');
    expect(answer).toMatchObject({ status: 401, body: { error: 'invalid_client' } });
  });

  it('takes the subject token while it is valid by its own clock, and not after', async () => {
    const parameters = await request();
    await clock.advance(3_599_000);
    expect((await exchange(server, parameters)).body['expires_in']).toBe(1);
    await clock.advance(1000);
    expect((await exchange(server, parameters)).status).toBe(400);
  });

  it('logs no subject, actor or issued token (claim 8.6)', async () => {
    const secrets = [await userToken(), await server.mint({ clientId: 'orders' })] as const;
    const [subject_token, actor_token] = secrets;
    const parameters = await request({ subject_token, actor_token, actor_token_type: JWT });
    const { body } = await exchange(server, parameters);
    await exchange(server, { ...parameters, subject_token: [subject_token, subject_token] });
    const failure = (): string => {
      try {
        server.expectTokenRequests(0);
        return '';
      } catch (error) {
        return String(error);
      }
    };
    const printed = JSON.stringify(server.requests()) + failure() + JSON.stringify(server);
    for (const token of [...secrets, String(body['access_token'])]) expect(printed).not.toContain(token);
    expect(server.requests('token')[0]?.parameters).toMatchObject({
      subject_token: '[redacted]',
      actor_token: '[redacted]',
      audience: PRODUCTS,
    });
  });

  it('is a server of RFC 8693 to an independent client', async () => {
    const issuer = new URL(server.issuer);
    const options = { [oauth.allowInsecureRequests]: true };
    const as = await oauth.processDiscoveryResponse(issuer, await oauth.discoveryRequest(issuer, options));
    expect(as.grant_types_supported).toEqual(['client_credentials', TOKEN_EXCHANGE]);
    const client = { client_id: 'orders' };
    const parameters = new URLSearchParams({
      subject_token: await userToken(),
      subject_token_type: ACCESS_TOKEN,
      resource: PRODUCTS,
    });
    parameters.append('resource', ORDERS);
    const response = await oauth.genericTokenEndpointRequest(
      as,
      client,
      oauth.ClientSecretBasic('s3cret'),
      TOKEN_EXCHANGE,
      parameters,
      options,
    );
    const answer = await oauth.processGenericTokenEndpointResponse(as, client, response);
    expect(answer).toMatchObject({ token_type: 'bearer', issued_token_type: ACCESS_TOKEN });
    expect(decodeJwt(answer.access_token)).toMatchObject({ sub: 'anna', aud: [PRODUCTS, ORDERS] });
  });
});
