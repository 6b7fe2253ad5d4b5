import { once } from 'node:events';
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import type { HttpService } from '@nestjs/axios';
import { Logger } from '@nestjs/common';
import { firstValueFrom } from 'rxjs';
import { oidc } from '../../../lib/authorization-servers/oidc.js';
import { mutualTls } from '../../../lib/client-authentication/tls-client-auth.js';
import type { M2MClientService } from '../../../lib/client/m2m-client.service.js';
import { CallbackError } from '../../../lib/errors/callback.error.js';
import { M2MConfigurationError } from '../../../lib/errors/configuration.error.js';
import type { M2MClientOptions, M2MNamedClientOptions } from '../../../lib/options/client-options.js';
import { TestAuthorizationServer } from '../../../lib/testing/index.js';
import { TestClock } from '../../../lib/testing/test-clock.js';
import { callingService } from '../../support/calling-service.js';
import { selfSignedCertificate } from '../../support/certificates.js';
import { closedGate } from '../../support/closed-gate.js';
import { basicCredentials, json, TestHttpServer } from '../../support/http-server.js';
import { MemoryTokenStore } from '../../support/memory-token-store.js';
import { until } from '../../support/until.js';

const SECOND = 1000;

let api: TestHttpServer;
let issuing: TestHttpServer;
let clock: TestClock;
/** The tenants as a database has them. */
let tenants: Map<string, M2MNamedClientOptions>;
/** The names that the function was asked for. */
let asked: string[];
/** What the function does instead of an answer. */
let trouble: (() => unknown) | undefined;
/** While set, answers of the function wait for it. */
let gate: Promise<void> | undefined;
/** While set, answers of the token endpoint wait for it. */
let issuingGate: Promise<void> | undefined;
let m2m: M2MClientService;

/** The secret of a tenant is `secret-of-` and its client id. */
const tenant = (clientId: string, more: Partial<M2MNamedClientOptions> = {}): M2MNamedClientOptions => {
  return { clientId, clientSecret: `secret-of-${clientId}`, ...more };
};
const tokens = () => api.requests.map(({ headers }) => headers.authorization?.replace('Bearer ', ''));
const get = (http: HttpService, url: string) => firstValueFrom(http.get(url));
const tokenOf = (name: string) => m2m.client(name).getToken();

const askAgain = () => askAgainIn(61);
const askAgainIn = async (seconds: number) => {
  await clock.advance(seconds * SECOND);
  return tokenOf('tenant-7');
};
const elsewhere = (url: string) => ({ ...oidc({ issuer: 'https://id.tenant.example' }), tokenEndpoint: url });
/** A tenant whose options are made anew for each answer, functions and all. */
const madeAnew = () =>
  tenant('seven', {
    authorizationServer: { ...oidc({ issuer: 'http://127.0.0.1:2' }), tokenEndpoint: `${issuing.url}/token` },
    clientSecret: () => 'secret-of-seven',
    budget: { perHour: 2 },
  });

async function find(name: string) {
  asked.push(name);
  const failure = trouble;
  const answer = tenants.get(name);
  await gate;
  if (failure) await failure();
  return answer;
}

const start = (client: Partial<M2MClientOptions> = {}) => {
  const targets = {
    shop: { url: `${api.url}/shop`, usableBy: 'any-client' as const },
    ofSeven: { url: `${api.url}/seven`, client: 'tenant-7' },
    own: { url: `${api.url}/own` },
  };
  return callingService({ url: `${issuing.url}/token` }, { targets, clients: find, ...client }, clock);
};

beforeEach(async () => {
  [tenants, asked, trouble, gate, issuingGate, clock] = [
    new Map(),
    [],
    undefined,
    undefined,
    undefined,
    new TestClock(),
  ];
  api = await TestHttpServer.start((_, response) => json(response, 200, {}));
  // A token names the client and a number. The secret has to be the right one.
  issuing = await TestHttpServer.start(async ({ headers }, response) => {
    const count = issuing.requests.length;
    await issuingGate;
    const [id, secret] = basicCredentials(headers).split(':');
    if (secret !== `secret-of-${id}` && id !== 'orders') return json(response, 401, { error: 'invalid_client' });
    json(response, 200, { access_token: `${id}-${count}`, token_type: 'Bearer', expires_in: 3600 });
  });
  tenants.set('tenant-7', tenant('seven'));
  m2m = start();
});

afterEach(() => {
  jest.restoreAllMocks();
  return Promise.all([api.stop(), issuing.stop()]);
});

describe('a client that the function of clients returns', () => {
  it('is asked for when its first token is needed, and used for every way to call', async () => {
    const seven = m2m.client('tenant-7');
    expect(asked).toEqual([]);
    await get(seven.for('shop'), '/');
    await get(seven.http, `${api.url}/shop`);
    await seven.fetch(`${api.url}/shop`);
    await firstValueFrom(m2m.http.get(`${api.url}/shop`, { m2m: { client: 'tenant-7' } }));
    await get(m2m.for('ofSeven'), '/');
    expect(tokens()).toEqual(Array.from({ length: 5 }, () => 'seven-1'));
    expect(await m2m.getToken({ client: 'tenant-7' })).toBe('seven-1');
    expect(await seven.getAccessToken()).toMatchObject({ value: 'seven-1' });
    expect(asked).toEqual(['tenant-7']);
    expect(seven.stats().tokenRequests).toBe(1);
    expect(m2m.client('tenant-7')).toBe(seven);
  });

  it('is asked for once by 1,000 calls at once, and causes one token request (claim 7.15)', async () => {
    const calls = Array.from({ length: 1000 }, (_, index) =>
      index % 2 ? tokenOf('tenant-7') : m2m.getToken({ client: 'tenant-7', target: 'shop' }),
    );
    expect(new Set(await Promise.all(calls))).toEqual(new Set(['seven-1']));
    expect(asked).toEqual(['tenant-7']);
    expect(issuing.requests).toHaveLength(1);
  });

  it('that does not exist is an error of the call, which is not sent without a token (claim 1.18)', async () => {
    const nobody = m2m.client('nobody');
    for (const call of [
      () => nobody.getToken(),
      () => get(nobody.for('shop'), '/'),
      () => get(nobody.http, `${api.url}/shop`),
      () => firstValueFrom(m2m.http.get(`${api.url}/shop`, { m2m: { client: 'nobody' } })),
    ]) {
      const error: unknown = await call().catch((thrown: unknown) => thrown);
      expect(error).toBeInstanceOf(M2MConfigurationError);
      expect(String(error)).toContain(
        "client.clients('nobody') is undefined: the function knows no client of this name",
      );
    }
    expect(api.requests).toEqual([]);
    expect(asked).toEqual(['nobody']);
  });

  it('may exist 30 s after it did not', async () => {
    await expect(tokenOf('late')).rejects.toThrow(M2MConfigurationError);
    tenants.set('late', tenant('late'));
    await clock.advance(29 * SECOND);
    await expect(tokenOf('late')).rejects.toThrow(M2MConfigurationError);
    await clock.advance(SECOND);
    expect(await tokenOf('late')).toBe('late-1');
  });

  it.each([
    ['an empty name', ''],
    ['a name of 129 characters', 'x'.repeat(129)],
  ])('is not asked for by %s', async (_, name) => {
    expect(() => m2m.client(name)).toThrow(/clients is a function, and is not asked for .*1 to 128 characters/);
    await expect(m2m.getToken({ client: name })).rejects.toThrow('1 to 128 characters');
    expect(asked).toEqual([]);
  });

  it('is checked as those of the options: a problem is no "no", and asked for again', async () => {
    tenants.set('wrong', { clientId: 'wrong', scop: 'read' } as M2MNamedClientOptions);
    const error: unknown = await tokenOf('wrong').catch((thrown: unknown) => thrown);
    expect(String(error)).toContain("client.clients('wrong').scop is not an option");
    expect(String(error)).toContain("client.clients('wrong').clientSecret is missing");
    tenants.set('wrong', tenant('wrong'));
    expect(await tokenOf('wrong')).toBe('wrong-1');
  });

  it('is one of { resolve, allowedHosts }, too', async () => {
    m2m = start({ clients: { resolve: find, allowedHosts: [] } });
    expect(await tokenOf('tenant-7')).toBe('seven-1');
    expect(() => start({ clients: { resolve: find, allowedHosts: ['https://x'] } })).toThrow('clients.allowedHosts');
    expect(() => start({ clients: { resolve: find, billing: tenant('b') } as never })).toThrow(
      'clients.billing is not an option',
    );
  });
});

describe('a look-up that fails', () => {
  const failures: [string, () => unknown, string][] = [
    [
      'throws',
      () => {
        throw new RangeError('postgres://user:password@db');
      },
      'failed with RangeError',
    ],
    ['does not answer', () => once(new EventTarget(), 'never'), 'did not answer in 5000 ms'],
  ];
  it.each(failures)(
    'because the function %s is no "no": known clients stay in use (claim 1.18)',
    async (_, fail, how) => {
      jest.spyOn(Logger.prototype, 'warn').mockImplementation(() => {});
      await tokenOf('tenant-7');
      trouble = fail;
      const fresh = tokenOf('new').catch((error: unknown) => error);
      await clock.advance(5 * SECOND);
      const error = await fresh;
      expect(error).toBeInstanceOf(CallbackError);
      expect(String(error)).toBe(`CallbackError: the function client.clients ${how}`);
      // In the background at first, then before the call that needs it.
      for (let time = 10; time < 290; time += 10) {
        await clock.advance(10 * SECOND);
        const call = tokenOf('tenant-7');
        await clock.advance(5 * SECOND);
        time += 5;
        expect(await call).toBe('seven-1');
      }
      await clock.advance(15 * SECOND);
      const late = tokenOf('tenant-7').catch((thrown: unknown) => thrown);
      await clock.advance(5 * SECOND);
      expect(await late).toBeInstanceOf(CallbackError);
      trouble = undefined;
      await clock.advance(SECOND);
      expect(await tokenOf('tenant-7')).toBe('seven-1');
      tenants.set('new', tenant('new'));
      expect(await tokenOf('new')).toBe('new-2');
    },
  );

  it('is logged once a minute, without what was thrown', async () => {
    const warn = jest.spyOn(Logger.prototype, 'warn').mockImplementation(() => {});
    await tokenOf('tenant-7');
    trouble = () => {
      throw new Error('password');
    };
    await clock.advance(50 * SECOND);
    await tokenOf('tenant-7');
    await clock.advance(SECOND);
    const lines = warn.mock.calls.map(([line]) => String(line));
    expect(lines).toEqual([
      expect.stringContaining('M2M-2013 The client "tenant-7" cannot be looked up; it is used as before'),
    ]);
    expect(lines.join()).not.toContain('password');
  });
});

describe('a client that the function returns no longer', () => {
  it('gets no token after a minute (claim 1.19)', async () => {
    await tokenOf('tenant-7');
    tenants.clear();
    await clock.advance(44 * SECOND);
    expect(await tokenOf('tenant-7')).toBe('seven-1');
    await clock.advance(16 * SECOND);
    await expect(tokenOf('tenant-7')).rejects.toThrow(M2MConfigurationError);
    await expect(get(m2m.for('ofSeven'), '/')).rejects.toThrow(M2MConfigurationError);
    expect(api.requests).toEqual([]);
  });

  it('gets none at once after forgetClient (claim 1.19)', async () => {
    const http = m2m.client('tenant-7').for('shop');
    await get(http, '/');
    tenants.clear();
    m2m.forgetClient('tenant-7');
    await expect(get(http, '/')).rejects.toThrow(M2MConfigurationError);
    expect(tokens()).toEqual(['seven-1']);
    expect(m2m.client('tenant-7').stats()).toMatchObject({ tokenRequests: 0 });
  });

  it('is not forgotten by a name that no client can have, nor is a client of the options', () => {
    expect(() => m2m.forgetClient(undefined as never)).toThrow('is not asked for a name that is missing');
    const withList = start({ targets: {}, clients: { billing: tenant('billing') } });
    expect(() => withList.forgetClient('billing')).toThrow('client.clients.billing stands in the options');
    expect(() => withList.forgetClient('biling')).toThrow('client.clients.biling is requested');
  });

  it('leaves no token of a request that was under way, nor one in the store (claim 1.19)', async () => {
    const tokenStore = new MemoryTokenStore(clock);
    tenants.set('tenant-7', tenant('seven', { tokenStore }));
    const { opened, open } = closedGate();
    issuingGate = opened;
    const first = tokenOf('tenant-7').catch(() => undefined);
    await until(() => issuing.requests.length > 0);
    m2m.forgetClient('tenant-7');
    open();
    await first;
    expect(await tokenOf('tenant-7')).toBe('seven-2');
    m2m.forgetClient('tenant-7');
    expect(await tokenOf('tenant-7')).toBe('seven-3');
  });

  it('is not brought back by an answer that was on its way (claim 1.19)', async () => {
    const { opened, open } = closedGate();
    gate = opened;
    const call = tokenOf('tenant-7').catch((error: unknown) => error);
    await until(() => asked.length > 0);
    tenants.clear();
    m2m.forgetClient('tenant-7');
    gate = undefined;
    open();
    expect(await call).toBeInstanceOf(M2MConfigurationError);
    expect(asked).toEqual(['tenant-7', 'tenant-7']);
  });

  it('is asked for as long as its token is kept, which has no value a minute later (claim 1.19)', async () => {
    const kept = await m2m.client('tenant-7').keepToken();
    await clock.advance(120 * SECOND);
    expect(kept.value).toBe('seven-1');
    tenants.clear();
    await clock.advance(60 * SECOND);
    expect(() => kept.value).toThrow('it was closed');
  });

  it('is asked for as long as its token is kept, also if it was changed before (claim 1.19)', async () => {
    const kept = await m2m.client('tenant-7').keepToken();
    tenants.set('tenant-7', tenant('eight'));
    expect(await askAgain()).toBe('eight-2');
    expect(kept.value).toBe('seven-1');
    tenants.clear();
    await clock.advance(60 * SECOND);
    expect(() => kept.value).toThrow('it was closed');
  });

  it('keeps its kept token for five minutes while the function fails, and has it again afterwards', async () => {
    jest.spyOn(Logger.prototype, 'warn').mockImplementation(() => {});
    const kept = await m2m.client('tenant-7').keepToken();
    trouble = () => {
      throw new Error('down');
    };
    await clock.advance(240 * SECOND);
    expect(kept.value).toBe('seven-1');
    await clock.advance(61 * SECOND);
    expect(() => kept.value).toThrow(CallbackError);
    trouble = undefined;
    await clock.advance(10 * SECOND);
    expect(kept.value).toBe('seven-1');
  });

  it('is dropped with its kept tokens', async () => {
    const kept = await m2m.client('tenant-7').keepToken();
    expect(kept.value).toBe('seven-1');
    m2m.forgetClient('tenant-7');
    expect(() => kept.value).toThrow('it was closed');
  });
});

describe('a client that is asked for again', () => {
  it('keeps its tokens, its refusals and its budget if nothing else is answered', async () => {
    m2m = start({ clients: { resolve: madeAnew, allowedHosts: ['127.0.0.1'] } });
    expect(await tokenOf('tenant-7')).toBe('seven-1');
    expect(await askAgain()).toBe('seven-1');
    expect(m2m.client('tenant-7').stats().tokenRequests).toBe(1);
  });

  it('has its new secret, without a new token before that is needed', async () => {
    tenants.set('tenant-7', tenant('seven', { clientSecret: () => 'wrong' }));
    await expect(tokenOf('tenant-7')).rejects.toMatchObject({ error: 'invalid_client' });
    tenants.set('tenant-7', tenant('seven', { clientSecret: () => 'secret-of-seven' }));
    await expect(tokenOf('tenant-7')).rejects.toMatchObject({ error: 'invalid_client' });
    expect(await askAgain()).toMatch(/^seven-/);
    const requests = issuing.requests.length;
    tenants.set('tenant-7', tenant('seven', { clientSecret: () => 'a newer one' }));
    expect(await askAgain()).toMatch(/^seven-/);
    expect(issuing.requests).toHaveLength(requests);
  });

  it('has its new scope', async () => {
    await tokenOf('tenant-7');
    tenants.set('tenant-7', tenant('seven', { scope: 'more' }));
    expect(await askAgain()).toBe('seven-2');
    expect(issuing.requests.at(-1)?.body).toContain('scope=more');
    tenants.set('tenant-7', tenant('seven'));
    expect(await askAgain()).toBe('seven-1');
  });

  it('is asked for once a second while the function fails', async () => {
    await tokenOf('tenant-7');
    trouble = () => {
      throw new Error('down');
    };
    for (let call = 0; call < 5; call++) expect(await askAgainIn(call === 0 ? 61 : 0)).toBe('seven-1');
    expect(asked).toHaveLength(2);
    await askAgainIn(1);
    expect(asked).toHaveLength(3);
  });

  it('is another client if its id changed', async () => {
    await tokenOf('tenant-7');
    tenants.set('tenant-7', tenant('eight'));
    expect(await askAgain()).toBe('eight-2');
  });
});

describe('the authorization server of a client that is found', () => {
  it.each([
    ['loopback', () => `${issuing.url}/token`],
    ['a private address', () => 'https://10.0.0.1/token'],
    ['a link-local address', () => 'https://169.254.169.254/token'],
    ['a name of loopback', () => 'https://localhost:1/token'],
    ['plain HTTP', () => 'http://id.tenant.example/token'],
  ])('is not reached at %s (claim 1.20)', async (_, url) => {
    tenants.set('tenant-7', tenant('seven', { authorizationServer: elsewhere(url()), retry: { attempts: 1 } }));
    await expect(tokenOf('tenant-7')).rejects.toThrow(/client\.clients|not public/);
    expect(issuing.requests).toEqual([]);
  });

  it('is reached at a host of allowedHosts', async () => {
    tenants.set('tenant-7', tenant('seven', { authorizationServer: elsewhere(`${issuing.url}/token`) }));
    m2m = start({ clients: { resolve: find, allowedHosts: ['127.0.0.1'] } });
    expect(await tokenOf('tenant-7')).toBe('seven-1');
  });

  it('gets no further headers (claim 1.20)', async () => {
    const authorizationServer = { ...elsewhere('https://id.tenant.example/token'), requestHeaders: () => ({ a: 'b' }) };
    tenants.set('tenant-7', tenant('seven', { authorizationServer }));
    await expect(tokenOf('tenant-7')).rejects.toThrow("client.clients('tenant-7').authorizationServer.requestHeaders");
  });

  it('is shown the certificate of its client, and is reached at public addresses even so (claim 1.20)', async () => {
    const [certificate, own] = [selfSignedCertificate('seven'), selfSignedCertificate('server')];
    const clients = { seven: { certificate: certificate.cert } };
    await using server = await TestAuthorizationServer.start({ clients, tls: own });
    const seven = (url: string) => ({
      clientId: 'seven',
      clientAuthentication: mutualTls({ ...certificate, ca: own.cert }),
      authorizationServer: elsewhere(url),
      retry: { attempts: 1 },
    });
    tenants.set('tenant-7', seven(server.tokenEndpoint));
    tenants.set('tenant-8', seven(server.tokenEndpoint.replace('127.0.0.1', 'localhost')));
    m2m = start({ clients: { resolve: find, allowedHosts: ['127.0.0.1'] } });
    expect(await tokenOf('tenant-7')).toEqual(expect.any(String));
    await expect(tokenOf('tenant-8')).rejects.toThrow('not public');
    server.expectTokenRequests(1);
  });

  it('is another one if it is not that object any more, although it says the same (claim 1.20)', async () => {
    const own = { name: 'test', issuer: 'http://127.0.0.1:1', tokenEndpoint: `${issuing.url}/token` };
    m2m = start({ authorizationServer: own });
    tenants.set('tenant-7', tenant('seven', { authorizationServer: own }));
    expect(await tokenOf('tenant-7')).toBe('seven-1');
    tenants.set('tenant-7', tenant('seven', { authorizationServer: { ...own } }));
    await expect(askAgain()).rejects.toThrow('client.clients named');
    expect(issuing.requests).toHaveLength(1);
  });

  it('is one of the options if it is that very object', async () => {
    const own = { ...oidc({ issuer: 'http://127.0.0.1:3' }), tokenEndpoint: `${issuing.url}/token` };
    m2m = start({ authorizationServer: own, clients: () => tenant('seven', { authorizationServer: own }) });
    expect(await tokenOf('tenant-7')).toBe('seven-1');
    m2m = start({ authorizationServer: own, clients: () => tenant('seven', { authorizationServer: { ...own } }) });
    await expect(tokenOf('tenant-7')).rejects.toThrow('a server that client.clients named');
  });
});

it('retryNow ends the pauses of the clients that are alive, and asks for none', async () => {
  tenants.set('tenant-7', tenant('seven', { clientSecret: 'wrong' }));
  await expect(tokenOf('tenant-7')).rejects.toMatchObject({ error: 'invalid_client' });
  await expect(tokenOf('tenant-7')).rejects.toMatchObject({ error: 'invalid_client' });
  expect(issuing.requests).toHaveLength(1);
  await m2m.retryNow();
  await m2m.client('unknown').retryNow();
  await expect(tokenOf('tenant-7')).rejects.toMatchObject({ error: 'invalid_client' });
  expect(issuing.requests).toHaveLength(2);
  expect(asked).toEqual(['tenant-7']);
});
