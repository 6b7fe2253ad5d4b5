import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { AxiosRequestConfig } from 'axios';
import { Logger } from '@nestjs/common';
import { inspect } from 'node:util';
import { firstValueFrom } from 'rxjs';
import { hydra } from '../../../lib/authorization-servers/hydra.js';
import { eraseCallerToken, openCallerToken, type CallerToken } from '../../../lib/caller/caller-token.js';
import type { M2MCaller } from '../../../lib/caller/m2m-caller.js';
import type { M2MClientEvent } from '../../../lib/client/events/m2m-client-event.js';
import type { M2MClientService } from '../../../lib/client/m2m-client.service.js';
import { BudgetExceededError } from '../../../lib/errors/budget-exceeded.error.js';
import { M2MError } from '../../../lib/errors/m2m.error.js';
import { NoCallerTokenError } from '../../../lib/errors/no-caller-token.error.js';
import { TokenEndpointError } from '../../../lib/errors/token-endpoint.error.js';
import { TokenRequestError } from '../../../lib/errors/token-request.error.js';
import type { M2MTarget, M2MClientOptions } from '../../../lib/options/client-options.js';
import { TestClock } from '../../../lib/testing/test-clock.js';
import { callerOf, inRequestOf, tokenOf } from '../../support/caller.js';
import { closedGate } from '../../support/closed-gate.js';
import { clientService, CLIENT_SECRET } from '../../support/calling-service.js';
import { json, TestHttpServer, type SeenRequest } from '../../support/http-server.js';
import { MemoryTokenStore } from '../../support/memory-token-store.js';
import { problemsOf } from '../../support/problems-of.js';
import { until } from '../../support/until.js';

const ISSUER = 'http://127.0.0.1:1';
const HOUR = 3600 * 1000;

interface Answer {
  readonly status?: number;
  readonly body?: Record<string, unknown>;
}

let api: TestHttpServer;
let issuing: TestHttpServer;
let clock: TestClock;
let events: M2MClientEvent[];
let warnings: string[];
/** Lines about what is well again. */
let lines: string[];
/** What the token endpoint answers beside the usual. */
let answer: (request: URLSearchParams) => Answer;
/** While set, its answers wait for it. */
let gate: Promise<void> | undefined;
/** What happens before the target rejects a token. */
let rejecting: () => void;

const jwt = (claims: object) =>
  [{ alg: 'RS256' }, claims].map((part) => Buffer.from(JSON.stringify(part)).toString('base64url')).join('.') + '.c2ln';
const exchanges = () => issuing.requests.map(({ body }) => new URLSearchParams(body)).filter(isExchange);
const isExchange = (form: URLSearchParams) => form.get('grant_type')?.endsWith('token-exchange');
const sent = () => api.requests.map(({ headers }) => headers.authorization?.replace('Bearer ', ''));
const optionsOf = (run: () => unknown) => problemsOf(run).map(({ option }) => option);
const admitted = () => Promise.resolve(callerOf(caller()));
const refuse =
  (error: string, status = 400) =>
  () => ({ status, body: { error, access_token: undefined } });

beforeEach(async () => {
  clock = new TestClock();
  events = [];
  warnings = [];
  lines = [];
  answer = () => ({});
  rejecting = () => {};
  gate = undefined;
  Logger.overrideLogger({
    log: (line: unknown) => void lines.push(String(line)),
    warn: (line: unknown) => void warnings.push(String(line)),
    error: (line: unknown) => void warnings.push(String(line)),
  });
  api = await TestHttpServer.start(({ url }, response) => {
    if (!url.endsWith('/401')) return json(response, 200, {});
    rejecting();
    if (url.endsWith('/bare/401')) return json(response, 401, {});
    return json(response, 401, {}, { 'www-authenticate': 'Bearer error="invalid_token"' });
  });
  issuing = await TestHttpServer.start(async ({ body }: SeenRequest, response) => {
    await gate;
    const form = new URLSearchParams(body);
    const { status = 200, body: members } = answer(form);
    const usual = { access_token: `for-${form.get('subject_token')}-${issuing.requests.length}`, token_type: 'Bearer' };
    json(response, status, { ...usual, expires_in: 3600, ...members });
  });
});

afterEach(async () => {
  Logger.overrideLogger(['error', 'warn', 'log']);
  await Promise.all([api.stop(), issuing.stop()]);
});

function service(target?: Partial<M2MTarget>, client?: Partial<M2MClientOptions>): M2MClientService {
  return made(target, client).m2m;
}

function made(target: Partial<M2MTarget> = {}, client: Partial<M2MClientOptions> = {}) {
  const { m2m, clients } = clientService(
    {
      authorizationServer: { name: 'test', issuer: ISSUER, tokenEndpoint: `${issuing.url}/token` },
      client: {
        clientId: 'orders',
        clientSecret: CLIENT_SECRET,
        targets: {
          products: {
            url: `${api.url}/products`,
            token: 'exchange',
            audience: 'products-api',
            scope: 'read',
            ...target,
          },
        },
        ...client,
      },
      resourceServer: { audience: 'orders-api' },
    },
    clock,
  );
  m2m.events$.subscribe((event) => events.push(event));
  return { m2m, clients };
}

function caller(changes: Partial<M2MCaller> = {}): Partial<M2MCaller> {
  return { expiresAt: clock.wall() + HOUR, ...changes };
}

function call(m2m: M2MClientService, token: string, config: AxiosRequestConfig = {}, of: Partial<M2MCaller> = {}) {
  const onBehalfOf = tokenOf(token, caller(of));
  return firstValueFrom(m2m.for('products').get('/', { ...config, m2m: { onBehalfOf, ...(config.m2m || undefined) } }));
}

const get = (m2m: M2MClientService, path: string, onBehalfOf: CallerToken) =>
  firstValueFrom(m2m.for('products').get(path, { m2m: { onBehalfOf } }));

describe("a target with token: 'exchange'", () => {
  it('gets a token in exchange for that of the caller, which is kept for that caller', async () => {
    const m2m = service();
    await call(m2m, 'a');
    await call(m2m, 'b');
    await call(m2m, 'a');
    expect(exchanges().map((form) => Object.fromEntries(form))).toMatchObject([
      {
        subject_token: 'a',
        subject_token_type: 'urn:ietf:params:oauth:token-type:access_token',
        audience: 'products-api',
        scope: 'read',
      },
      { subject_token: 'b' },
    ]);
    expect(sent()).toEqual(['for-a-1', 'for-b-2', 'for-a-1']);
  });

  it('gets that of the request that the code runs for', async () => {
    const m2m = service();
    await inRequestOf('a', () => m2m.fetchFor('products')('/'), admitted);
    expect(sent()).toEqual(['for-a-1']);
    await expect(m2m.fetchFor('products')('/')).rejects.toThrow(NoCallerTokenError);
    expect(issuing.requests).toHaveLength(1);
  });

  it('has one exchange for all requests of one caller', async () => {
    const m2m = service();
    await Promise.all(Array.from({ length: 20 }, () => call(m2m, 'a')));
    expect(exchanges()).toHaveLength(1);
  });

  it('has other types, and an actor, if they are written', async () => {
    const jwtType = 'urn:ietf:params:oauth:token-type:jwt';
    const m2m = service({ exchange: { subjectTokenType: jwtType, requestedTokenType: jwtType, actor: 'client' } });
    await call(m2m, 'a');
    expect(Object.fromEntries(exchanges()[0] ?? [])).toMatchObject({
      subject_token_type: jwtType,
      requested_token_type: jwtType,
      actor_token: 'for-null-1',
      actor_token_type: 'urn:ietf:params:oauth:token-type:access_token',
    });
  });

  it('is used no longer than the token of the caller lives (claim 1.26)', async () => {
    const m2m = service();
    const token = await m2m.getAccessToken({
      target: 'products',
      onBehalfOf: tokenOf('a', caller({ expiresAt: clock.wall() + 60_000 })),
    });
    expect(token.expiresAt.getTime()).toBeLessThanOrEqual(clock.wall() + 60_000);
  });

  it('keeps its tokens out of a token store (claim 1.26)', async () => {
    const tokenStore = new MemoryTokenStore();
    const m2m = service({}, { tokenStore });
    await call(m2m, 'a');
    answer = refuse('invalid_request');
    await call(m2m, 'b').catch(() => undefined);
    answer = () => ({});
    await m2m.getToken();
    const kept = inspect(tokenStore, { depth: 9, showHidden: true });
    expect(kept).toMatch(/for-null/);
    expect(kept).not.toMatch(/for-a|invalid_request/);
  });

  it('can be invalidated for one caller', async () => {
    const m2m = service();
    const onBehalfOf = tokenOf('a', caller());
    await m2m.getToken({ target: 'products', onBehalfOf });
    await m2m.invalidate({ target: 'products', onBehalfOf });
    await m2m.getToken({ target: 'products', onBehalfOf });
    expect(exchanges()).toHaveLength(2);
    await expect(m2m.keepToken({ target: 'products', onBehalfOf })).rejects.toThrow('cannot be kept');
  });

  it('has its token replaced for one caller if it is rejected', async () => {
    const m2m = service();
    await get(m2m, '/401', tokenOf('a', caller())).catch(() => undefined);
    await get(m2m, '/401', tokenOf('b', caller())).catch(() => undefined);
    expect(sent()).toEqual(['for-a-1', 'for-a-2', 'for-b-3', 'for-b-4']);
  });

  it('has its token replaced for one scope, whatever happened to another one', async () => {
    const m2m = service();
    const onBehalfOf = tokenOf('a', caller());
    for (const scope of ['read', 'write']) {
      await firstValueFrom(m2m.for('products').get('/401', { m2m: { onBehalfOf, scope } })).catch(() => undefined);
    }
    expect(sent()).toEqual(['for-a-1', 'for-a-2', 'for-a-3', 'for-a-4']);
  });

  it('is waited for by getToken() until its signal is aborted, also while the caller is let in', async () => {
    const onBehalfOf = openCallerToken({ value: 'a', admit: () => new Promise<never>(() => undefined) });
    const controller = new AbortController();
    const token = service().getToken({ target: 'products', onBehalfOf, signal: controller.signal });
    controller.abort(new Error('mine'));
    await expect(token).rejects.toThrow('mine');
  });

  it('is waited for when the application shuts down', async () => {
    const { m2m, clients } = made();
    const held = closedGate();
    gate = held.opened;
    const pending = call(m2m, 'a');
    await until(() => exchanges().length === 1);
    const client = await clients.of(undefined);
    expect(client.manager.isBusy).toBe(true);
    let isClosed = false;
    const closing = clients.onApplicationShutdown().then(() => (isClosed = true));
    await clock.advance(0);
    expect(isClosed).toBe(false);
    held.open();
    await Promise.all([pending, closing]);
    expect(client.manager.isBusy).toBe(false);
  });

  it('has its token replaced whatever the target said to others, if it says no reason (claim 7.18)', async () => {
    const m2m = service();
    const ask = (token: string) => get(m2m, '/bare/401', tokenOf(token, caller())).catch(() => undefined);
    await ask('a');
    await ask('a');
    expect(sent()).toEqual(['for-a-1', 'for-a-2', 'for-a-2']);
    await ask('b');
    expect(sent().slice(3)).toEqual(['for-b-3', 'for-b-4']);
  });

  it('is not renewed ahead of time (claim 1.26)', async () => {
    const m2m = service();
    await call(m2m, 'a');
    const expiresAt = clock.wall() + HOUR;
    await clock.advance(HOUR - 20_000);
    await call(m2m, 'a', {}, { expiresAt });
    await clock.advance(0);
    expect(exchanges()).toHaveLength(1);
  });
});

describe('once the request of the caller has ended (claim 9.3)', () => {
  it('a token that was exchanged meanwhile is not sent', async () => {
    const onBehalfOf = tokenOf('a', caller());
    answer = () => (eraseCallerToken(onBehalfOf), {});
    await expect(get(service(), '/', onBehalfOf)).rejects.toThrow(NoCallerTokenError);
    expect(exchanges()).toHaveLength(1);
    expect(api.requests).toHaveLength(0);
  });

  it('a call of another request with the same token, which shares the exchange, is sent', async () => {
    const m2m = service();
    const [ended, open] = [tokenOf('a', caller()), tokenOf('a', caller())];
    answer = () => (eraseCallerToken(ended), {});
    const outcomes = await Promise.allSettled([get(m2m, '/', ended), get(m2m, '/', open)]);
    expect(outcomes.map(({ status }) => status)).toEqual(['rejected', 'fulfilled']);
    expect(exchanges()).toHaveLength(1);
  });

  it('its token is not exchanged, though the token of the actor is there now', async () => {
    const onBehalfOf = tokenOf('a', caller());
    answer = () => (eraseCallerToken(onBehalfOf), {});
    await expect(get(service({ exchange: { actor: 'client' } }), '/', onBehalfOf)).rejects.toThrow(NoCallerTokenError);
    expect(exchanges()).toHaveLength(0);
  });

  it('a token that the target rejects is not replaced', async () => {
    const onBehalfOf = tokenOf('a', caller());
    rejecting = () => eraseCallerToken(onBehalfOf);
    await expect(get(service(), '/401', onBehalfOf)).rejects.toMatchObject({ status: 401 });
    expect(exchanges()).toHaveLength(1);
  });

  it('nothing is sent with the token that came in place of a rejected one', async () => {
    const onBehalfOf = tokenOf('a', caller());
    rejecting = () => (answer = () => (eraseCallerToken(onBehalfOf), {}));
    await expect(get(service(), '/401', onBehalfOf)).rejects.toMatchObject({ status: 401 });
    expect(exchanges()).toHaveLength(2);
    expect(sent()).toEqual(['for-a-1']);
  });
});

describe('what is not exchanged, or not sent', () => {
  it('the token of another issuer is shown to nobody (claim 1.25)', async () => {
    await expect(call(service(), 'a', {}, { issuer: 'https://other.example' })).rejects.toThrow(NoCallerTokenError);
    expect(issuing.requests).toHaveLength(0);
    expect(api.requests).toHaveLength(0);
  });

  it.each([-1, 0])('a token of the caller that has expired is not exchanged: %s ms are left', async (left) => {
    await expect(call(service(), 'a', {}, { expiresAt: clock.wall() + left })).rejects.toThrow(NoCallerTokenError);
    expect(issuing.requests).toHaveLength(0);
  });

  it('a token that comes after that of the caller has expired is not sent (claim 1.26)', async () => {
    answer = () => (clock.jump(1000), {});
    const late = call(service(), 'a', {}, { expiresAt: clock.wall() + 1000 });
    await expect(late).rejects.toThrow("the caller's token has expired");
    expect(exchanges()).toHaveLength(1);
    expect(sent()).toEqual([]);
  });

  it('a JWT that does not name the target is not sent (claim 1.27)', async () => {
    answer = () => ({ body: { access_token: jwt({ aud: ['another-api'] }) } });
    await expect(call(service(), 'a')).rejects.toThrow(/aud does not name products-api/);
    answer = () => ({ body: { access_token: jwt({ aud: ['another-api', 'products-api'] }) } });
    await call(service(), 'a');
    expect(sent()).toHaveLength(1);
  });

  it('exchange.audience says what its aud must name; null leaves it unchecked', async () => {
    answer = () => ({ body: { access_token: jwt({ aud: 'products-guid' }) } });
    await call(service({ exchange: { audience: 'products-guid' } }), 'a');
    await call(service({ exchange: { audience: null } }), 'a');
    await call(service({ exchange: { audience: ['products-id', 'products-guid'] } }), 'a');
    await expect(call(service({ exchange: { audience: ['x', 'y'] } }), 'a')).rejects.toThrow('x or y');
    expect(sent()).toHaveLength(3);
  });

  it.each([
    { issued_token_type: 'urn:ietf:params:oauth:token-type:refresh_token' },
    { issued_token_type: 'urn:ietf:params:oauth:token-type:id_token' },
    { token_type: 'N_A' },
  ])('a token with %j is not sent', async (body) => {
    answer = () => ({ body });
    await expect(call(service(), 'a')).rejects.toThrow(TokenEndpointError);
    expect(sent()).toEqual([]);
  });

  it('a target does not get what another one left unchecked (claim 1.27)', async () => {
    const products = { url: `${api.url}/products`, token: 'exchange', audience: 'products-api' } as const;
    const loose = {
      url: `${api.url}/loose`,
      token: 'exchange',
      audience: 'products-api',
      exchange: { audience: null },
    };
    const m2m = service({}, { targets: { products, loose: loose as M2MTarget } });
    answer = () => ({ body: { access_token: jwt({ aud: 'another-api' }) } });
    const onBehalfOf = tokenOf('a', caller());
    await m2m.fetch('/', {}, { target: 'loose', onBehalfOf });
    await expect(m2m.fetch('/', {}, { target: 'products', onBehalfOf })).rejects.toThrow(
      'aud does not name products-api',
    );
    expect(sent()).toHaveLength(1);
  });

  it('a refresh token beside it is dropped', async () => {
    answer = () => ({ body: { refresh_token: 'secret-refresh' } });
    const m2m = service();
    const token = await m2m.getAccessToken({ target: 'products', onBehalfOf: tokenOf('a', caller()) });
    expect(token.extra).toEqual({});
  });
});

describe('a failure on behalf of one caller', () => {
  it.each(['invalid_client', 'invalid_request', 'access_denied'])(
    'is that of the caller alone: %s (claim 7.18)',
    async (error) => {
      const m2m = service();
      answer = refuse(error, error === 'invalid_client' ? 401 : 400);
      await expect(call(m2m, 'a')).rejects.toThrow(TokenRequestError);
      await expect(call(m2m, 'a')).rejects.toThrow('The next attempt is made in');
      expect(exchanges()).toHaveLength(1);
      answer = () => ({});
      await call(m2m, 'b');
      await expect(m2m.getToken()).resolves.toBe('for-null-3');
      expect(events.filter(({ type }) => type === 'request-failed')).toMatchObject([{ concerns: 'token' }]);
    },
  );

  it.each<[string, () => Answer]>([
    ['a failure of the server', () => ({ status: 500, body: { access_token: undefined } })],
    ['an answer without a token', () => ({ body: { access_token: undefined } })],
    ['too many requests', () => ({ status: 429, body: { access_token: undefined } })],
  ])('keeps nobody else from a token: %s (claim 7.18)', async (_, failing) => {
    const m2m = service({}, { retry: { attempts: 1 } });
    answer = failing;
    await expect(call(m2m, 'a')).rejects.toThrow(M2MError);
    answer = () => ({});
    await expect(call(m2m, 'a')).rejects.toThrow('The next attempt is made in');
    await m2m.getToken();
    await call(m2m, 'b');
    expect(issuing.requests).toHaveLength(3);
  });

  it('follows a failure of the server on behalf of the client itself, without a request', async () => {
    const m2m = service({}, { retry: { attempts: 1 } });
    answer = () => ({ status: 500, body: { access_token: undefined } });
    await expect(m2m.getToken()).rejects.toThrow(TokenRequestError);
    answer = () => ({});
    await expect(call(m2m, 'a')).rejects.toThrow('The next attempt is made in');
    expect(issuing.requests).toHaveLength(1);
    await m2m.retryNow();
    await call(m2m, 'a');
  });

  it('has no pause any more after retryNow()', async () => {
    const m2m = service();
    answer = refuse('invalid_request');
    await expect(call(m2m, 'a')).rejects.toThrow(TokenRequestError);
    answer = () => ({});
    await m2m.retryNow();
    await call(m2m, 'a');
    expect(sent()).toEqual(['for-a-2']);
  });

  it('takes nothing of the budget of another, or of the client (claim 7.18)', async () => {
    const m2m = service({}, { budget: { perHour: 1 } });
    await call(m2m, 'a');
    await expect(call(m2m, 'a2')).rejects.toThrow(BudgetExceededError);
    await call(m2m, 'b', {}, { clientId: 'another' });
    await m2m.getToken();
    expect(issuing.requests).toHaveLength(3);
  });

  it('has the secret read anew if that may be the reason', async () => {
    let secret = 'old';
    const m2m = service({}, { clientSecret: () => secret });
    await call(m2m, 'a');
    secret = 'new';
    await clock.advance(6000);
    const accepted = Buffer.from('orders:new').toString('base64');
    answer = () =>
      issuing.requests.at(-1)?.headers.authorization === `Basic ${accepted}` ? {} : refuse('invalid_client', 401)();
    await call(m2m, 'b');
    expect(sent()).toEqual(['for-a-1', 'for-b-3']);
  });

  it('is one line a minute, however many callers fail and succeed in turn', async () => {
    const m2m = service();
    for (const token of ['a', 'b', 'c', 'd', 'e', 'f']) {
      answer = 'ace'.includes(token) ? refuse('invalid_request') : () => ({});
      await call(m2m, token).catch(() => undefined);
    }
    expect(warnings).toHaveLength(1);
  });

  it('ends, as a failure of the server, with an exchange for anybody, which one line says', async () => {
    const m2m = service({}, { retry: { attempts: 1 } });
    answer = () => ({ status: 500, body: { access_token: undefined } });
    await call(m2m, 'a').catch(() => undefined);
    await call(m2m, 'b').catch(() => undefined);
    expect(warnings).toEqual([expect.stringContaining(`Token requests to "${issuing.url}/token" fail`)]);
    answer = () => ({});
    await call(m2m, 'c');
    expect(lines).toEqual([expect.stringContaining(`Token requests to "${issuing.url}/token" succeed again`)]);
  });

  it('is one line, however many callers a target answers 401 without a reason', async () => {
    const m2m = service();
    for (const token of ['a', 'b', 'c']) await get(m2m, '/bare/401', tokenOf(token, caller())).catch(() => undefined);
    expect(events.filter(({ type }) => type === 'rejections-ignored')).toHaveLength(3);
    expect(warnings).toEqual([expect.stringContaining('answers 401 without a challenge')]);
  });

  it('is in a count at the end of the application if it is in no line', async () => {
    const { m2m, clients } = made();
    answer = refuse('invalid_request');
    await call(m2m, 'a').catch(() => undefined);
    await call(m2m, 'b').catch(() => undefined);
    expect(warnings).toHaveLength(1);
    await clients.onApplicationShutdown();
    expect(warnings.slice(1)).toEqual([
      expect.stringMatching(/^M2M-2005 .*on behalf of a caller.*\(once more in the last minute\)/),
    ]);
  });

  it('shows neither token in errors, events and lines (claim 2.1)', async () => {
    const m2m = service({ exchange: { actor: 'client' } });
    answer = (form) =>
      isExchange(form)
        ? {
            status: 400,
            body: {
              error: 'invalid_request',
              error_description: `${form.get('subject_token')} by ${form.get('actor_token')}`,
            },
          }
        : { body: { access_token: 'the-actor-token' } };
    const error: unknown = await call(m2m, 'the-subject-token').catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(TokenRequestError);
    const seen = inspect([error, events, warnings, m2m.stats()], { depth: 12, showHidden: true });
    expect(seen).not.toMatch(/the-subject-token|the-actor-token/);
  });

  it('says what to do', async () => {
    answer = () => ({
      status: 400,
      body: {
        error: 'invalid_request',
        error_description: 'Standard token exchange is not enabled for the requested client',
      },
    });
    await expect(call(service(), 'a')).rejects.toThrow('Switch "Standard token exchange" on');
  });
});

describe('options of an exchange', () => {
  it('need something to compare aud with', () => {
    expect(optionsOf(() => service({ audience: undefined }))).toEqual(['client.targets.products.exchange.audience']);
    expect(() => service({ audience: undefined, exchange: { audience: null } })).not.toThrow();
    expect(() => service({ audience: undefined, scope: 'api://shop/.default' })).not.toThrow();
  });

  it('need a server that exchanges tokens', () => {
    const authorizationServer = hydra({ issuer: 'https://hydra.example.com/' });
    expect(optionsOf(() => service({}, { authorizationServer }))).toEqual(['client.targets.products.token']);
    const clients = { vm: { accessTokenProvider: () => ({ accessToken: 't' }) } };
    expect(optionsOf(() => service({ client: 'vm' }, { clients }))).toEqual(['client.targets.products.token']);
  });

  it('belong to targets with an exchange', () => {
    expect(optionsOf(() => service({ token: 'own', exchange: { actor: 'client' } }))).toEqual([
      'client.targets.products.exchange',
    ]);
    expect(optionsOf(() => service({ exchange: { actor: 'me' as never } }))).toEqual([
      'client.targets.products.exchange.actor',
    ]);
  });

  it('hold for named clients, each with its own tokens', async () => {
    const clients = { billing: { clientId: 'billing', clientSecret: CLIENT_SECRET } };
    const m2m = service({ usableBy: 'any-client' }, { clients });
    await call(m2m, 'a');
    await call(m2m, 'a', { m2m: { client: 'billing' } });
    expect(exchanges()).toHaveLength(2);
  });
});
