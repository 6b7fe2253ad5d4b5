import { AsyncLocalStorage } from 'node:async_hooks';
import { generateKeyPairSync } from 'node:crypto';
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import type { ClientRequest } from 'node:http';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { EndpointResolver } from '../../../lib/authorization-servers/endpoint-resolver.js';
import { currentCallerToken } from '../../../lib/caller/caller-context.js';
import { clientAssertion, privateKeyJwt } from '../../../lib/index.js';
import { AuthorizationServerHttp } from '../../../lib/http/authorization-server-http.js';
import type { M2MModuleOptions } from '../../../lib/options/module-options.js';
import { resolveOptions } from '../../../lib/options/resolve-options.js';
import type { M2MClientOptions } from '../../../lib/options/client-options.js';
import type { M2MClientService } from '../../../lib/client/m2m-client.service.js';
import { M2MTokenVerifier } from '../../../lib/resource-server/m2m-token-verifier.js';
import { systemClock } from '../../../lib/time/clock.js';
import { inRequestOf, tokenOf } from '../../support/caller.js';
import { CLIENT_SECRET, clientService, TestTokenEndpoint } from '../../support/calling-service.js';
import { json, TestHttpServer } from '../../support/http-server.js';
import { TestIssuer, testAudience } from '../../support/issuer.js';
import { MemoryTokenStore } from '../../support/memory-token-store.js';
import { until } from '../../support/until.js';

/** A storage of the application's own. */
const own = new AsyncLocalStorage<string>();

interface Seen {
  readonly name: string;
  readonly caller: 'none' | 'a caller';
  readonly own: string | undefined;
}

let seen: Seen[];
let endpoint: TestTokenEndpoint;
let issuer: TestIssuer;
let introspecting: TestHttpServer;
/** A target that rejects the first token. */
let api: TestHttpServer;

/** Notes for whom requests to an authorization server are sent, by their paths. */
const noteRequest = (message: unknown): void => {
  const { request } = message as { readonly request: ClientRequest };
  if (!api.url.endsWith(String(request.getHeader('host')))) note(request.path);
};

beforeAll(async () => {
  endpoint = await TestTokenEndpoint.start();
  issuer = await TestIssuer.start();
  introspecting = await TestHttpServer.start((_request, response) => json(response, 200, { active: false }));
  api = await TestHttpServer.start((_request, response) =>
    json(response, api.requests.length % 2 === 1 ? 401 : 200, {}),
  );
  subscribe('http.client.request.start', noteRequest);
});

afterAll(async () => {
  unsubscribe('http.client.request.start', noteRequest);
  await Promise.all([endpoint, issuer, introspecting, api].map((each) => each[Symbol.asyncDispose]()));
});

beforeEach(() => {
  seen = [];
});

/** Notes for whom code runs. */
function note(name: string): void {
  seen.push({ name, caller: currentCallerToken() ? 'a caller' : 'none', own: own.getStore() });
}

/** Runs code as a handler of a request would, in the application's own storage too. */
function asHandler<T>(run: () => Promise<T>): Promise<T> {
  return own.run('mine', () =>
    inRequestOf('a-token', async () => {
      const result = await run();
      expect(currentCallerToken()).toBeDefined();
      expect(own.getStore()).toBe('mine');
      return result;
    }),
  );
}

async function outbound(
  client: Partial<M2MClientOptions>,
  server = {},
  run = (m2m: M2MClientService): Promise<unknown> => m2m.getToken(),
): Promise<void> {
  const { m2m, clients } = clientService({
    authorizationServer: { name: 'test', issuer: issuer.issuer, tokenEndpoint: endpoint.url, ...server },
    client: { clientId: 'orders', ...client },
    resourceServer: { audience: testAudience },
  });
  m2m.events$.subscribe(() => note('events$'));
  await asHandler(() => run(m2m));
  await clients.onApplicationShutdown();
}

/** Keeps a token in a handler, has it replaced, and closes it there. */
async function keepsToken(m2m: M2MClientService): Promise<void> {
  const kept = await m2m.keepToken();
  kept.changes$.subscribe({ next: () => note('changes$'), complete: () => note('end of changes$') });
  await m2m.invalidate();
  await until(() => seen.some(({ name }) => name === 'changes$'));
  kept.close();
}

const pem = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey.export({ type: 'pkcs8', format: 'pem' });

const outboundFunctions: Record<string, () => Promise<void>> = {
  clientSecret: () => outbound({ clientSecret: () => (note('clientSecret'), CLIENT_SECRET) }),
  clientAssertion: () => outbound({ clientAuthentication: clientAssertion(() => (note('clientAssertion'), 'a.b.c')) }),
  'key of privateKeyJwt': () =>
    outbound({
      clientAuthentication: privateKeyJwt({ key: () => (note('key of privateKeyJwt'), String(pem)), alg: 'RS256' }),
    }),
  requestHeaders: () =>
    outbound({ clientSecret: CLIENT_SECRET }, { requestHeaders: () => (note('requestHeaders'), { 'x-key': 'a-key' }) }),
  readTokenResponse: () =>
    outbound(
      { clientSecret: CLIENT_SECRET },
      { readTokenResponse: (body: Record<string, unknown>) => (note('readTokenResponse'), body) },
    ),
  clients: () =>
    outbound(
      {
        clientSecret: CLIENT_SECRET,
        clients: () => (note('clients'), { clientId: 'tenant', clientSecret: CLIENT_SECRET }),
      },
      {},
      (m2m) => m2m.getToken({ client: 'tenant' }),
    ),
  tokenStore: () => {
    const store = new MemoryTokenStore();
    const get = store.get.bind(store);
    store.get = (...args) => (note('tokenStore'), get(...args));
    return outbound({ clientSecret: CLIENT_SECRET, tokenStore: store });
  },
  accessTokenProvider: () =>
    outbound({
      clientId: undefined,
      accessTokenProvider: () => (note('accessTokenProvider'), { accessToken: 'provided' }),
    }),
  rejectedWhen: () => {
    const targets = { products: { url: api.url, rejectedWhen: () => (note('rejectedWhen'), false) } };
    return outbound({ clientSecret: CLIENT_SECRET, targets }, {}, (m2m) => m2m.fetchFor('products')('/'));
  },
  changes$: () => outbound({ clientSecret: CLIENT_SECRET }, {}, keepsToken),
  'end of changes$': () => outbound({ clientSecret: CLIENT_SECRET }, {}, keepsToken),
  '/token': () => outbound({ clientSecret: CLIENT_SECRET }),
};

const exchange = (): Promise<void> => {
  const products = { url: api.url, token: 'exchange', audience: 'products', exchange: { actor: 'client' } } as const;
  const onBehalfOf = tokenOf('a-token', { issuer: issuer.issuer });
  return outbound({ clientSecret: CLIENT_SECRET, targets: { products } }, {}, (m2m) =>
    m2m.fetch('/', {}, { target: 'products', onBehalfOf }),
  );
};

async function inbound(options: Partial<NonNullable<M2MModuleOptions['resourceServer']>>, server = {}): Promise<void> {
  const resolved = resolveOptions({
    authorizationServer: { ...issuer.authorizationServer, ...server },
    resourceServer: { audience: testAudience, ...options } as NonNullable<M2MModuleOptions['resourceServer']>,
  });
  const http = new AuthorizationServerHttp(resolved.http, systemClock);
  const endpoints = new EndpointResolver((request) => http.request(request), systemClock);
  const verifier = new M2MTokenVerifier(resolved, http, endpoints, systemClock);
  verifier.events$.subscribe(() => note('events$'));
  await asHandler(async () => {
    await verifier.verify(await issuer.mint());
    await verifier.verify('not.a.token').catch(() => undefined);
    await verifier.verify(await issuer.mint({ iss: 'https://id.tenant.example' })).catch(() => undefined);
    await verifier.verify('opaque-token').catch(() => undefined);
  });
  verifier.onModuleDestroy();
}

const inboundFunctions: Record<string, () => Promise<void>> = {
  events$: () => inbound({}),
  jwks: async () => {
    const { jwk } = await issuer.key();
    await inbound({}, { jwks: () => (note('jwks'), { keys: [jwk] }) });
  },
  'requestHeaders of keys': () =>
    inbound({}, { requestHeaders: () => (note('requestHeaders of keys'), { 'x-key': 'a-key' }) }),
  'trust.resolve': async () => {
    await inbound({ trust: [{ resolve: () => (note('trust.resolve'), undefined), allowedHosts: ['127.0.0.1'] }] });
  },
  '/.well-known/openid-configuration': () => inbound({}),
  '/jwks': () => inbound({}),
  '/introspect': () => {
    const introspection = { clientId: 'products', clientSecret: CLIENT_SECRET };
    return inbound({ introspection }, { introspectionEndpoint: `${introspecting.url}/introspect` });
  },
};

/** A kept token is renewed by a timer, which outlives the request that asked for it, and its trace. */
const OF_TIMERS = 'changes$';

describe('what several requests share', () => {
  it.each(Object.entries({ ...outboundFunctions, ...inboundFunctions }))(
    "runs for no caller, and stays in an application's own storage unless a timer starts it: %s (claim 9.5)",
    async (name, run) => {
      await run();
      const names = seen.map((each) => each.name);
      expect(names).toContain(name);
      expect(names).toContain('events$');
      expect(seen.filter(({ caller }) => caller !== 'none')).toEqual([]);
      expect(seen.find((each) => each.name === name)?.own).toBe(name === OF_TIMERS ? undefined : 'mine');
    },
  );

  it('runs for no caller, though it is for one: exchanges of tokens (claim 9.5)', async () => {
    await exchange();
    expect(endpoint.requests.at(-1)?.body).toContain('subject_token=a-token&');
    const requests = seen.filter(({ name }) => name === '/token');
    expect(requests.length).toBeGreaterThanOrEqual(2);
    expect(seen.filter(({ caller }) => caller !== 'none')).toEqual([]);
  });

  it("runs for no caller, and in no storage of the request's: timers (claim 9.5)", async () => {
    await asHandler(async () => void systemClock.after(1, () => note('timer')));
    await until(() => seen.length === 1);
    expect(seen).toEqual([{ name: 'timer', caller: 'none', own: undefined }]);
  });
});
