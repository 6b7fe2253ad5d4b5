import { get } from 'node:http';
import { inspect } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { createLocalJWKSet, decodeJwt, decodeProtectedHeader, jwtVerify, type JSONWebKeySet } from 'jose';
import { TestAuthorizationServer, TestClock } from '../../../lib/testing/index.js';
import { ask } from '../../component/testing/ask.js';

const HOUR = 3_600_000;
const basic = 'test-client:test-secret';

let clock: TestClock;
let server: TestAuthorizationServer;

beforeEach(async () => {
  clock = new TestClock();
  // An EC key is made a hundred times faster than an RSA key.
  server = await TestAuthorizationServer.start({ clock, signingAlg: 'ES256' });
});
afterEach(() => server.stop());

const keySet = async (): Promise<JSONWebKeySet> => (await (await fetch(server.jwksUri)).json()) as JSONWebKeySet;
const verifies = async (token: string): Promise<boolean> =>
  jwtVerify(token, createLocalJWKSet(await keySet())).then(
    () => true,
    () => false,
  );
const post = async (path: string, form: Record<string, string>): Promise<unknown> => {
  const body = new URLSearchParams({ client_id: 'test-client', client_secret: 'test-secret', ...form });
  const text = await (await fetch(server.url + path, { method: 'POST', body })).text();
  return text === '' ? text : (JSON.parse(text) as unknown);
};

describe('mint', () => {
  it('writes the first client, the first resource and all scopes where nothing is said', async () => {
    const token = await server.mint();
    expect(decodeJwt(token)).toMatchObject({
      iss: server.issuer,
      sub: 'test-client',
      aud: 'https://api.example.test',
      scope: 'read:products write:products',
      exp: Math.floor(clock.wall() / 1000) + 3600,
    });
    expect(await verifies(token)).toBe(true);
  });

  it('writes what it is told, and leaves out what is undefined', async () => {
    const token = await server.mint({
      scope: ['a', 'b'],
      audience: ['x', 'y'],
      expiresIn: -1000,
      claims: { client_id: undefined, azp: 'z' },
      header: { typ: 'JWT', kid: undefined },
    });
    const claims = decodeJwt(token);
    expect(claims).toMatchObject({ scope: 'a b', aud: ['x', 'y'], azp: 'z' });
    expect(claims).not.toHaveProperty('client_id');
    expect(claims.iat).toBeLessThan(claims.exp!);
    expect(claims.exp! * 1000).toBeLessThan(clock.wall());
    expect(decodeProtectedHeader(token)).toEqual({ alg: 'ES256', typ: 'JWT' });
  });

  it('writes any client, registered or not', async () => {
    expect(decodeJwt(await server.mint({ clientId: 'stranger', scope: '' }))).toMatchObject({ sub: 'stranger' });
  });

  it.each([
    { scope: 'read', audience: 'shop' },
    { scope: 'shop/read', audience: 'shop' },
  ])("writes Cognito's scopes with the resource in front: %j", async (options) => {
    await using cognito = await TestAuthorizationServer.start({ dialect: 'cognito' });
    expect(decodeJwt(await cognito.mint(options))['scope']).toBe('shop/read');
  });
});

it("writes the client's own id as the audience where SimpleIdServer has no other", async () => {
  await using simple = await TestAuthorizationServer.start({ dialect: 'simpleIdServer' });
  expect(decodeJwt(await simple.mint({ audience: [] }))).toMatchObject({ aud: ['test-client'], scope: [] });
});

describe('keys', () => {
  it('publishes the old one beside the new one after a rotation', async () => {
    const before = await server.mint();
    await server.rotateKeys();
    const after = await server.mint();
    expect(decodeProtectedHeader(after).kid).not.toBe(decodeProtectedHeader(before).kid);
    expect([await verifies(before), await verifies(after)]).toEqual([true, true]);
  });

  it('no longer publishes one that is dropped, and signs with another', async () => {
    const before = await server.mint();
    await server.dropKey();
    expect([await verifies(before), await verifies(await server.mint())]).toEqual([false, true]);
  });

  it('drops the one that is named', async () => {
    const old = await server.mint();
    await server.rotateKeys();
    const current = await server.mint();
    await server.dropKey(decodeProtectedHeader(old).kid);
    expect([await verifies(old), await verifies(current)]).toEqual([false, true]);
  });

  it.each(['ES256', 'PS384', 'EdDSA'])('signs with %s where it is told to', async (signingAlg) => {
    await server.stop();
    server = await TestAuthorizationServer.start({ signingAlg });
    const token = await server.mint();
    expect(decodeProtectedHeader(token).alg).toBe(signingAlg);
    expect(await verifies(token)).toBe(true);
  });

  it("publishes what a product's key sets are odd by", async () => {
    await server.stop();
    server = await TestAuthorizationServer.start({ dialect: 'simpleIdServer' });
    const { keys } = await keySet();
    expect(keys).toMatchObject([
      { use: 'sig', key_ops: [], x5c: [] },
      { use: 'enc', alg: 'RSA-OAEP-256' },
    ]);
    await using entra = await TestAuthorizationServer.start({ dialect: 'entraId' });
    expect(((await (await fetch(entra.jwksUri)).json()) as JSONWebKeySet).keys[0]).not.toHaveProperty('alg');
    await using logto = await TestAuthorizationServer.start({ dialect: 'logto' });
    await logto.rotateKeys();
    await logto.rotateKeys();
    expect(((await (await fetch(logto.jwksUri)).json()) as JSONWebKeySet).keys).toHaveLength(2);
  });
});

describe('introspection and revocation', () => {
  it('knows its own tokens until they are over or revoked', async () => {
    const [first, second] = [await server.mint(), await server.mint()];
    expect(await post('/introspect', { token: first })).toMatchObject({ active: true, client_id: 'test-client' });
    server.revoke(first);
    expect(await post('/introspect', { token: first })).toEqual({ active: false });
    await post('/revoke', { token: second });
    expect(await post('/introspect', { token: second })).toEqual({ active: false });
    const third = await server.mint();
    await clock.advance(HOUR);
    expect(await post('/introspect', { token: third })).toEqual({ active: false });
  });

  it.each(['garbage', 'a.b.c', ''])('knows nothing of %j', async (token) => {
    const expected = token === '' ? { error: 'invalid_request' } : { active: false };
    expect(await post('/introspect', { token })).toMatchObject(expected);
  });

  it('knows nothing of a token of a key that was dropped', async () => {
    const token = await server.mint();
    await server.dropKey();
    expect(await post('/introspect', { token })).toEqual({ active: false });
  });

  it('issues opaque tokens to a client that is set so', async () => {
    await server.stop();
    const client = { secret: 'test-secret', tokenFormat: 'opaque' as const };
    server = await TestAuthorizationServer.start({ clients: { 'test-client': client } });
    const token = await server.mint();
    expect(token.split('.')).toHaveLength(2);
    expect(await post('/introspect', { token })).toMatchObject({ active: true, client_id: 'test-client' });
  });

  it("says 'inactive' of every JWT where the product does", async () => {
    await using logto = await TestAuthorizationServer.start({ dialect: 'logto' });
    const body = new URLSearchParams({
      client_id: 'test-client',
      client_secret: 'test-secret',
      token: await logto.mint(),
    });
    const answer = await fetch(`${logto.issuer}/token/introspection`, { method: 'POST', body });
    expect(await answer.json()).toEqual({ active: false });
  });
});

describe('secrets', () => {
  it('refuses an expired one as the product does, and takes the new one', async () => {
    const next = server.expireSecret();
    expect(await ask(server, { basic })).toMatchObject({
      status: 401,
      body: { error: 'invalid_client', error_description: 'the client secret has expired' },
    });
    expect((await ask(server, { basic: `test-client:${next}` })).status).toBe(200);

    await using logto = await TestAuthorizationServer.start({ dialect: 'logto' });
    logto.expireSecret('test-client');
    expect(await ask(logto, { basic })).toMatchObject({
      status: 400,
      body: { error: 'invalid_request', error_description: 'client secret has expired' },
    });
  });

  it('shows none in what it was asked', async () => {
    await ask(server, { basic });
    await ask(server, { parameters: { client_id: 'test-client', client_secret: 'test-secret' } });
    await ask(server, { parameters: { client_id: 'test-client', client_assertion: 'test-secret' } });
    await post('/introspect', { token: await server.mint() });
    const shown = inspect([server, server.requests()], { depth: null, showHidden: true });
    expect(shown).not.toMatch(/test-secret|eyJ/);
    expect(shown).not.toContain(Buffer.from(basic).toString('base64'));
    expect(server.requests().map(({ endpoint, clientId, status }) => [endpoint, clientId, status])).toEqual([
      ['token', 'test-client', 200],
      ['token', 'test-client', 200],
      ['token', 'test-client', 401],
      ['introspection', 'test-client', 200],
    ]);
  });
});

describe('disturbances', () => {
  it('answers with a failure as often as told, at the endpoint told', async () => {
    server.fail({ status: 500, body: 'boom', headers: { 'retry-after': '7' }, times: 2 });
    server.fail({ endpoint: 'keys', body: { keys: 'none' } });
    const statuses = [];
    for (let time = 0; time < 3; time += 1) {
      const answer = await fetch(server.tokenEndpoint, { method: 'POST' });
      statuses.push([answer.status, answer.headers.get('retry-after')]);
    }
    expect(statuses).toEqual([
      [500, '7'],
      [500, '7'],
      [400, null],
    ]);
    const keys = await fetch(server.jwksUri);
    expect([keys.status, await keys.json()]).toEqual([503, { keys: 'none' }]);
    expect((await fetch(server.jwksUri)).status).toBe(200);
  });

  it('waits before it answers, by its clock', async () => {
    server.delay(HOUR);
    let answered = false;
    const answer = ask(server, { basic }).finally(() => (answered = true));
    while (server.requests('token').length === 0) await new Promise((resolve) => setImmediate(resolve));
    expect(answered).toBe(false);
    await clock.advance(HOUR);
    expect((await answer).status).toBe(200);
    server.delay(0);
    expect((await ask(server, { basic })).status).toBe(200);
  });

  it('goes down, and comes back at the same port', async () => {
    const { url } = server;
    await server.goDown();
    await server.goDown();
    await expect(ask(server, { basic })).rejects.toThrow('fetch failed');
    await server.comeBack();
    await server.comeBack();
    expect(server.url).toBe(url);
    expect((await ask(server, { basic })).status).toBe(200);
  });

  it('outlives who hangs up in the middle', async () => {
    const { hostname, port } = new URL(server.url);
    const { connect } = await import('node:net');
    const socket = connect(Number(port), hostname);
    await new Promise<void>((resolve) => {
      socket.write('POST /token HTTP/1.1\r\nhost: x\r\ncontent-length: 10\r\n\r\nabc', () => resolve());
    });
    socket.destroy();
    expect((await ask(server, { basic })).status).toBe(200);
  });
});

describe('quotas', () => {
  it("counts in fixed windows and tells them in Auth0's header", async () => {
    const client = { secret: 'test-secret', quota: { perHour: 2, perDay: 3 } };
    await using auth0 = await TestAuthorizationServer.start({
      dialect: 'auth0',
      clock,
      clients: { 'test-client': client },
    });
    const parameters = { audience: auth0.resources[0]! };
    const quota = async (): Promise<unknown> => {
      const { status, headers } = await ask(auth0, { basic, parameters });
      return [status, headers.get('auth0-client-quota-limit'), headers.get('retry-after')];
    };
    expect(await quota()).toEqual([200, 'b=per_hour;q=2;r=1;t=3600,b=per_day;q=3;r=2;t=86400', null]);
    await clock.advance(HOUR / 2);
    expect(await quota()).toEqual([200, 'b=per_hour;q=2;r=0;t=1800,b=per_day;q=3;r=1;t=84600', null]);
    expect(await quota()).toEqual([429, 'b=per_hour;q=2;r=0;t=1800,b=per_day;q=3;r=1;t=84600', '1800']);
    await clock.advance(HOUR / 2);
    expect(await quota()).toEqual([200, 'b=per_hour;q=2;r=1;t=3600,b=per_day;q=3;r=0;t=82800', null]);
    expect(await quota()).toEqual([429, 'b=per_hour;q=2;r=1;t=3600,b=per_day;q=3;r=0;t=82800', '82800']);
  });

  it("answers as Logto's quota does, not OAuth-shaped", async () => {
    const client = { secret: 'test-secret', quota: { perDay: 0 } };
    await using logto = await TestAuthorizationServer.start({ dialect: 'logto', clients: { 'test-client': client } });
    const answer = await ask(logto, { basic, parameters: { resource: logto.resources[0]! } });
    expect(answer).toMatchObject({ status: 429, body: { code: expect.any(String), message: expect.any(String) } });
    expect(answer.body).not.toHaveProperty('error');
  });
});

describe('what it was asked', () => {
  it('is counted, and listed where the count is another', async () => {
    server.expectTokenRequests(0);
    await ask(server, { basic, parameters: { scope: 'x' } });
    await fetch(server.jwksUri);
    server.expectTokenRequests(1);
    expect(() => server.expectTokenRequests(2)).toThrow(
      /^expected 2 token requests, got 1\n.*400 invalid_scope test-client/,
    );
    server.clearRequests();
    server.expectTokenRequests(0);
  });

  it('holds what no endpoint answers', async () => {
    expect((await fetch(`${server.url}/nowhere`)).status).toBe(404);
    expect((await fetch(server.tokenEndpoint)).status).toBe(405);
    await fetch(server.tokenEndpoint, { method: 'POST', body: 'plain' });
    await fetch(server.tokenEndpoint, { method: 'POST', body: '[', headers: { 'content-type': 'application/json' } });
    expect(server.requests().map(({ endpoint, method, status }) => [endpoint, method, status])).toEqual([
      [undefined, 'GET', 404],
      ['token', 'GET', 405],
      ['token', 'POST', 400],
      ['token', 'POST', 400],
    ]);
  });
});

describe('clients', () => {
  it('may be registered, and replaced, while it runs', async () => {
    server.register('billing', { secret: 'b', scopes: ['read:products'] });
    expect(await ask(server, { basic: 'billing:b' })).toMatchObject({ claims: { scope: 'read:products' } });
    server.register('billing');
    expect((await ask(server, { basic: 'billing:b' })).status).toBe(401);
    expect((await ask(server, { basic: `billing:${server.secretOf('billing')}` })).status).toBe(200);
    expect(server.secretOf()).toBe('test-secret');
    expect(server.clientIds).toEqual(['test-client', 'billing']);
    expect(() => server.secretOf('x')).toThrow("clients: { 'x': 'its-secret' }");
  });

  it('have the claims and the token lifetime that they are registered with', async () => {
    server.register('short', { tokenLifetime: 60_000, claims: { permissions: ['p'], client_id: undefined } });
    const claims = decodeJwt(await server.mint({ clientId: 'short' }));
    expect(claims).toMatchObject({ permissions: ['p'], exp: claims.iat! + 60 });
    expect(claims).not.toHaveProperty('client_id');
  });
});

const issuerAt = (port: string, host: string): Promise<string> =>
  new Promise((resolve, reject) => {
    const headers = { host };
    get({ port, host: '127.0.0.1', path: '/master/.well-known/openid-configuration', headers }, (response) => {
      response
        .setEncoding('utf8')
        .once('data', (body: string) => resolve((JSON.parse(body) as { issuer: string }).issuer));
    }).once('error', reject);
  });

describe('options', () => {
  it('answers 500 where they make no token', async () => {
    server.register('wrong', { secret: 's', claims: { big: 1n } });
    expect(await ask(server, { basic: 'wrong:s' })).toMatchObject({ status: 500, body: { error: 'server_error' } });
  });

  it('tells every request to onRequest', async () => {
    const seen: unknown[] = [];
    await using watched = await TestAuthorizationServer.start({
      onRequest: ({ path, status }) => seen.push([path, status]),
    });
    await ask(watched, { basic });
    expect(seen).toEqual([['/token', 200]]);
  });

  it.each([{ clients: {} }, { resources: [] }])('refuses %j', async (options) => {
    await expect(TestAuthorizationServer.start(options)).rejects.toThrow(/is empty; write: /);
  });

  it('refuses a port that is taken', async () => {
    const port = Number(new URL(server.url).port);
    await expect(TestAuthorizationServer.start({ port })).rejects.toThrow('EADDRINUSE');
  });

  it('makes the issuer from the Host of the request where the product does', async () => {
    await using realm = await TestAuthorizationServer.start({ dialect: 'simpleIdServer' });
    const { port } = new URL(realm.url);
    expect(await issuerAt(port, 'id.example')).toBe('http://id.example/master');
    expect(await issuerAt(port, `localhost:${port}`)).toBe(`http://localhost:${port}/master`);
  });
});
