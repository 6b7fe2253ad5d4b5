import { inspect } from 'node:util';
import { expect } from '@jest/globals';
import { decodeProtectedHeader } from 'jose';
import type { M2MNamedClientOptions } from '../../../lib/options/client-options.js';
import { TestClock } from '../../../lib/testing/test-clock.js';
import type { Clock } from '../../../lib/time/clock.js';
import { until } from '../../support/until.js';
import { startCaller, type CallingApp } from './caller.js';
import type { Method, RealServer } from './real-server.js';
import { RepeatedCalls } from './repeated-calls.js';
import { ShiftedClock } from './shifted-clock.js';
import { startShop, type Shop, type ShopOptions } from './shop.js';
import { onBehalfOfTwo } from './token-exchange.js';

/** What every real server is checked for, by the title of the test. */
export const checks = {
  '`client_secret_basic` gets a token, and calls with it pass': (server) =>
    authenticates(server, 'client_secret_basic'),
  '`client_secret_post` gets a token, and calls with it pass': (server) => authenticates(server, 'client_secret_post'),
  '`client_secret_jwt` gets a token, and calls with it pass': (server) => authenticates(server, 'client_secret_jwt'),
  '`private_key_jwt` gets a token, and calls with it pass': (server) => authenticates(server, 'private_key_jwt'),
  '`tls_client_auth` gets a token, and calls with it pass': (server) => authenticates(server, 'tls_client_auth'),
  'A missing scope is a 403, and the caller learns which one': missingScope,
  'A token for another API is a 401': otherAudience,
  'A wrong secret is an error that says what to check': wrongSecret,
  'A call on behalf of its caller carries a token of that caller': onBehalfOfTwo,
  'A new signing key fails no call': rotationOfKey,
  'A new secret of the client fails no call': rotationOfSecret,
  'A restart fails no call that has a token': restart,
  'Two renewals of tokens of 60 s delay no call': renewals,
} satisfies Record<string, (server: RealServer) => Promise<void>>;

/** The title of a check. */
export type Check = keyof typeof checks;
export const CHECKS = Object.keys(checks) as Check[];

const UNREACHABLE = { code: expect.stringMatching(/^ERR_M2M_(DISCOVERY|TOKEN_ENDPOINT)$/) };

async function authenticates(server: RealServer, method: Method): Promise<void> {
  const client = server.clients[method];
  if (!client) throw new Error(`no client authenticates by ${method}: register one, or say why the server lacks it`);
  await using shop = await shopOf(server);
  await using caller = await callerOf(server, shop, client);
  expect(client.clientAuthentication.method).toBe(method);
  expect(await call(caller)).toEqual({ machine: client.clientId });
}

async function missingScope(server: RealServer): Promise<void> {
  await using shop = await shopOf(server);
  await using caller = await callerOf(server, shop);
  const events: unknown[] = [];
  caller.m2m.events$.subscribe((event) => events.push(event));
  const posted = caller.m2m.for('shop').axiosRef.post('/products');
  await expect(posted).rejects.toMatchObject({
    status: 403,
    response: { headers: { 'www-authenticate': expect.stringContaining('error="insufficient_scope"') } },
  });
  expect(events.at(-1)).toMatchObject({ type: 'scope-refused', target: 'shop', missing: ['write:products'] });
}

async function otherAudience(server: RealServer): Promise<void> {
  await using shop = await shopOf(server);
  await using other = await shopOf(server, { audience: 'https://another-api' });
  await using caller = await callerOf(server, shop);
  const token = await caller.m2m.getToken();
  expect([await shop.ask('products', token), await other.ask('products', token)]).toEqual([
    { machine: server.clients.client_secret_basic.clientId },
    '401 audience',
  ]);
}

async function wrongSecret(server: RealServer): Promise<void> {
  const clientSecret = 'a-wrong-secret-that-is-as-long-as-one-for-HS256';
  await using caller = await startCaller({
    authorizationServer: server.authorizationServer,
    ...server.clients.client_secret_basic,
    clientSecret,
  });
  const thrown: unknown = await caller.m2m.getToken().catch((error: unknown) => error);
  expect(thrown).toMatchObject({
    code: 'ERR_M2M_TOKEN_REQUEST',
    message: expect.stringContaining('Check clientId, clientSecret and clientAuthentication'),
  });
  expect(inspect(thrown, { depth: null, showHidden: true })).not.toContain(clientSecret);
}

async function rotationOfKey(server: RealServer): Promise<void> {
  const clock = new ShiftedClock();
  await using shop = await shopOf(server, { clock });
  await using caller = await callerOf(server, shop);
  await using calls = new RepeatedCalls(() => call(caller));
  await calls.hasMade(10);
  const before = await caller.m2m.getToken();
  // An unknown key is looked for once in 30 s.
  clock.shift(30_000);

  await server.rotateKey();
  await calls.hasMade(10);
  await caller.m2m.invalidate();
  await calls.hasMade(10);
  const after = await caller.m2m.getToken();
  expect(decodeProtectedHeader(after).kid).not.toBe(decodeProtectedHeader(before).kid);
  expect(await shop.ask('products', before)).toEqual(await shop.ask('products', after));
  expect(await calls.stop()).toEqual([]);
}

async function rotationOfSecret(server: RealServer): Promise<void> {
  const { rotated } = server;
  let secret = rotated.clientSecret;
  await using shop = await shopOf(server);
  await using caller = await callerOf(server, shop, { ...rotated, clientSecret: () => secret });
  await using calls = new RepeatedCalls(() => call(caller));
  await calls.hasMade(10);
  const before = await caller.m2m.getToken();

  secret = await server.rotateSecret();
  await caller.m2m.invalidate();
  await calls.hasMade(10);
  expect(await caller.m2m.getToken()).not.toBe(before);
  expect(await calls.stop()).toEqual([]);

  await using late = await callerOf(server, shop, rotated);
  await expect(late.m2m.getToken()).rejects.toMatchObject({ code: 'ERR_M2M_TOKEN_REQUEST' });
}

async function restart(server: RealServer): Promise<void> {
  const plain = server.clients.client_secret_basic;
  await using shop = await shopOf(server);
  await using caller = await callerOf(server, shop);
  // Its clock stands still, so that a pause after a failure does not end by itself.
  await using newcomer = await callerOf(server, shop, { ...plain, retry: { attempts: 1 } }, new TestClock());
  await using calls = new RepeatedCalls(() => call(caller));
  await calls.hasMade(10);
  const before = await caller.m2m.getToken();

  await server.kill();
  await calls.hasMade(10);
  await using coldShop = await shopOf(server);
  expect(await coldShop.ask('products', before)).toBe('503 keys-unavailable');
  await expect(newcomer.m2m.getToken()).rejects.toMatchObject(UNREACHABLE);

  await server.run();
  await expect(newcomer.m2m.getToken()).rejects.toMatchObject(UNREACHABLE);
  await newcomer.m2m.retryNow();
  expect(await call(newcomer)).toEqual({ machine: plain.clientId });
  await caller.m2m.invalidate();
  await calls.hasMade(10);
  expect(await caller.m2m.getToken()).not.toBe(before);
  expect(await calls.stop()).toEqual([]);
}

async function renewals(server: RealServer): Promise<void> {
  const clock = new TestClock();
  await using shop = await shopOf(server);
  await using caller = await callerOf(server, shop, server.shortLived, clock);
  const lifetimes: number[] = [];
  caller.m2m.events$.subscribe((event) => void ('lifetime' in event && lifetimes.push(event.lifetime)));
  const answers = [await call(caller)];
  const tokens = [await caller.m2m.getToken()];
  for (const renewed of [2, 3]) {
    // A token of 59 or 60 s is due for renewal here, and still good.
    await clock.advance(55_700);
    answers.push(await call(caller));
    await until(() => lifetimes.length === renewed);
    tokens.push(await caller.m2m.getToken());
  }
  expect(answers).toEqual(Array.from(tokens, () => ({ machine: server.shortLived.clientId })));
  expect({ tokens: new Set(tokens).size, waits: caller.m2m.stats().waits }).toEqual({ tokens: 3, waits: 1 });
  expect(Math.max(...lifetimes)).toBeLessThanOrEqual(60_000);
}

/** Starts the API that the server's tokens are for. */
function shopOf({ authorizationServer, audience }: RealServer, options: Partial<ShopOptions> = {}): Promise<Shop> {
  return startShop({ authorizationServer, audience, ...options });
}

/** Starts a service that calls the shop. */
function callerOf(
  { authorizationServer, clients }: RealServer,
  shop: Shop,
  client: M2MNamedClientOptions = clients.client_secret_basic,
  clock?: Clock,
): Promise<CallingApp> {
  return startCaller({ authorizationServer, ...client, targets: { shop: { url: shop.url } } }, clock);
}

/** Calls the shop. @returns what it answers */
async function call(caller: CallingApp): Promise<unknown> {
  return (await caller.m2m.for('shop').axiosRef.get('/products')).data;
}
