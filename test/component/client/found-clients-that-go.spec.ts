import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { AxiosRequestConfig } from 'axios';
import type { M2MClientService } from '../../../lib/client/m2m-client.service.js';
import type { OAuthClients } from '../../../lib/client/oauth-clients.js';
import { M2MConfigurationError } from '../../../lib/errors/configuration.error.js';
import type { M2MClientOptions, M2MNamedClientOptions } from '../../../lib/options/client-options.js';
import { TestClock } from '../../../lib/testing/test-clock.js';
import { clientService } from '../../support/calling-service.js';
import { closedGate } from '../../support/closed-gate.js';
import { basicCredentials, json, TestHttpServer } from '../../support/http-server.js';
import { until } from '../../support/until.js';

const SECOND = 1000;
const HOUR = 3600 * SECOND;

let api: TestHttpServer;
let issuing: TestHttpServer;
let clock: TestClock;
/** The tenants as a database has them. */
let tenants: Map<string, M2MNamedClientOptions>;
/** While set, answers of the function wait for it. */
let gate: Promise<void> | undefined;
/** While set, answers of the token endpoint wait for it. */
let issuingGate: Promise<void> | undefined;
let clients: OAuthClients;
let m2m: M2MClientService;

const tenant = (clientId: string, secret: string): M2MNamedClientOptions => ({ clientId, clientSecret: () => secret });
/** The credentials and the scopes of the token requests. */
const requested = () =>
  issuing.requests.map(({ headers, body }) => [basicCredentials(headers), new URLSearchParams(body).get('scope')]);

function start(client: Partial<M2MClientOptions> = {}): void {
  ({ m2m, clients } = clientService(
    {
      authorizationServer: { name: 'test', issuer: 'http://127.0.0.1:1', tokenEndpoint: `${issuing.url}/token` },
      client: {
        clientId: 'orders',
        clientSecret: 'secret',
        targets: { shop: { url: `${api.url}/shop`, usableBy: 'any-client' } },
        clients: async (name) => {
          await gate;
          return tenants.get(name);
        },
        ...client,
      },
    },
    clock,
  ));
}

/** Looks up so many clients that those from before are alive no longer. */
async function evictAll(): Promise<void> {
  const names = Array.from({ length: 1000 }, (_, index) => `other-${index}`);
  for (const name of names) tenants.set(name, tenant(name, 'secret'));
  await Promise.all(names.map(async (name) => clients.of(name)));
  for (const name of names) tenants.delete(name);
}

beforeEach(async () => {
  [clock, gate, issuingGate] = [new TestClock(), undefined, undefined];
  tenants = new Map([['acme', tenant('acme-id', 'first')]]);
  api = await TestHttpServer.start((_, response) => json(response, 200, {}));
  issuing = await TestHttpServer.start(async (_, response) => {
    const count = issuing.requests.length;
    await issuingGate;
    json(response, 200, { access_token: `token-${count}`, token_type: 'Bearer', expires_in: 3600 });
  });
  start();
});

afterEach(async () => {
  await clients.onApplicationShutdown();
  await Promise.all([api.stop(), issuing.stop()]);
});

describe('a token that is kept of a client that the function finds', () => {
  it('is closed by the answer that there is no such client, also if the client is alive no longer (claim 1.19)', async () => {
    const kept = await m2m.keepToken({ client: 'acme' });
    await evictAll();
    expect(kept.value).toBe('token-1');
    tenants.clear();
    await expect(m2m.getToken({ client: 'acme' })).rejects.toThrow(M2MConfigurationError);
    expect(() => kept.value).toThrow('it was closed');
  });

  it('is closed by forgetClient, also if the client is alive no longer (claim 1.19)', async () => {
    const kept = await m2m.keepToken({ client: 'acme' });
    await evictAll();
    m2m.forgetClient('acme');
    expect(() => kept.value).toThrow('it was closed');
  });

  it('is closed with its tenant, also if the client was replaced by another before (claim 1.19)', async () => {
    const kept = await m2m.keepToken({ client: 'acme' });
    tenants.set('acme', tenant('another-id', 'first'));
    await clock.advance(61 * SECOND);
    expect(await m2m.getToken({ client: 'acme' })).toBe('token-2');
    expect(kept.value).toBe('token-1');
    tenants.clear();
    await clock.advance(61 * SECOND);
    await expect(m2m.getToken({ client: 'acme' })).rejects.toThrow(M2MConfigurationError);
    expect(() => kept.value).toThrow('it was closed');
  });

  it('is renewed with the newest secret, also if the client was alive no longer in between', async () => {
    const kept = await m2m.keepToken({ client: 'acme' });
    await evictAll();
    tenants.set('acme', tenant('acme-id', 'second'));
    expect(await m2m.getToken({ client: 'acme' })).toBe('token-1');
    await clock.advance(HOUR);
    await until(() => issuing.requests.length >= 2);
    expect(requested().at(-1)).toEqual(['acme-id:second', null]);
    kept.close();
  });

  it('is not had by the call during which the client is forgotten, which says so', async () => {
    const { opened, open } = closedGate();
    issuingGate = opened;
    const keeping = m2m.keepToken({ client: 'acme' }).catch((error: unknown) => error);
    await until(() => issuing.requests.length > 0);
    m2m.forgetClient('acme');
    open();
    expect(await keeping).toMatchObject({ message: expect.stringContaining('this client was forgotten') });
  });

  it('is not waited for when its signal ends the wait, not even for the function', async () => {
    gate = closedGate().opened;
    const reason = new Error('enough');
    await expect(m2m.keepToken({ client: 'acme' }, { signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
  });
});

describe('after the end of the application no token is kept', () => {
  it('of a client that was looked up meanwhile', async () => {
    const { opened, open } = closedGate();
    gate = opened;
    const keeping = m2m.keepToken({ client: 'acme' });
    await clients.onApplicationShutdown();
    open();
    await expect(keeping).rejects.toThrow('the application is shutting down');
  });

  it('of a client of the options that is used for the first time', async () => {
    start({ clients: { billing: tenant('billing-id', 'secret') } });
    await clients.onApplicationShutdown();
    await expect(m2m.keepToken({ client: 'billing' })).rejects.toThrow('the application is shutting down');
  });
});

describe('a request whose client is looked up', () => {
  it('is as it was when it was made, whatever becomes of the object meanwhile (claim 1.14)', async () => {
    const { opened, open } = closedGate();
    gate = opened;
    const scope = ['read'];
    const request = { client: 'acme', scope, parameters: { of: 'acme' } };
    const calls = [m2m.getToken(request)];
    const sharing = (config: AxiosRequestConfig) => ({ ...config, m2m: request });
    m2m.http.axiosRef.interceptors.request.use(sharing as never);
    const sent = m2m.http.axiosRef.get(`${api.url}/shop`);
    await new Promise(setImmediate);
    scope.push('admin');
    Object.assign(request, {
      client: 'beta',
      scope: 'of-beta',
      parameters: { of: 'beta' },
      signal: AbortSignal.abort(),
    });
    open();
    await Promise.all([...calls, sent]);
    expect(requested()).toEqual([['acme-id:first', 'read']]);
    expect(issuing.requests.at(-1)?.body).toContain('of=acme');
  });
});

describe('a request that names no client by client: undefined is refused, and gets no token of another (claim 1.15)', () => {
  const request = { client: undefined as unknown as string };
  const ways: Record<string, () => Promise<unknown>> = {
    getToken: () => m2m.getToken(request),
    keepToken: () => m2m.keepToken(request),
    http: () => m2m.http.axiosRef.get(`${api.url}/shop`, { m2m: request }),
    'for()': () => m2m.for('shop').axiosRef.get('/', { m2m: request }),
    fetch: () => m2m.fetch(`${api.url}/shop`, {}, request),
    'client()': async () => m2m.client(request.client).getToken(),
  };

  it.each(Object.keys(ways))('%s', async (way) => {
    await expect(ways[way]?.()).rejects.toThrow(M2MConfigurationError);
    start({ clients: { billing: tenant('billing-id', 'secret') } });
    await expect(ways[way]?.()).rejects.toThrow(M2MConfigurationError);
    expect([...api.requests, ...issuing.requests]).toEqual([]);
  });
});

it('An answer of the function is read once: the server that was checked is the one that is used (claim 1.20)', async () => {
  let reads = 0;
  const elsewhere = { name: 'x', issuer: 'https://id.example', tokenEndpoint: `${api.url}/token` };
  const answer = {
    ...tenant('acme-id', 'first'),
    get authorizationServer() {
      reads += 1;
      return reads === 1 ? undefined : elsewhere;
    },
  };
  start({ clients: () => answer });
  expect(await m2m.getToken({ client: 'acme' })).toBe('token-1');
  expect(api.requests).toEqual([]);
});
