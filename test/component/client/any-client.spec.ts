import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { HttpService } from '@nestjs/axios';
import { create, type AxiosRequestConfig } from 'axios';
import { firstValueFrom } from 'rxjs';
import type { M2MClientEvent } from '../../../lib/client/events/m2m-client-event.js';
import type { M2MClientService } from '../../../lib/client/m2m-client.service.js';
import { M2MConfigurationError } from '../../../lib/errors/configuration.error.js';
import { UntrustedTargetError } from '../../../lib/errors/untrusted-target.error.js';
import { TestClock } from '../../../lib/testing/test-clock.js';
import { callingService, CLIENT_SECRET } from '../../support/calling-service.js';
import { basicCredentials, json, TestHttpServer } from '../../support/http-server.js';

let api: TestHttpServer;
let issuing: TestHttpServer;
let m2m: M2MClientService;
let events: M2MClientEvent[];
/** Tokens that the API rejects. */
let rejected: Set<string | undefined>;
let clock: TestClock;

/** The tokens that the API got. They name the client, the audience and a number: `billing:shop:1`. */
const tokens = () => api.requests.map(({ headers }) => headers.authorization?.replace('Bearer ', ''));
const tokenRequests = () => issuing.requests.length;
const always = (http: HttpService) => get(http, '/', { validateStatus: null });
const get = (http: HttpService, url: string, config: AxiosRequestConfig = {}) => firstValueFrom(http.get(url, config));

beforeEach(async () => {
  rejected = new Set();
  events = [];
  clock = new TestClock();
  api = await TestHttpServer.start(({ url, headers }, response) => {
    if (rejected.has(headers.authorization?.replace('Bearer ', ''))) {
      return response.writeHead(401, { 'www-authenticate': 'Bearer error="invalid_token"' }).end();
    }
    if (url.endsWith('/moved')) return response.writeHead(307, { location: `${api.url}/own/there` }).end();
    return json(response, 200, {});
  });
  issuing = await TestHttpServer.start(({ headers, body }, response) => {
    const [id] = basicCredentials(headers).split(':');
    const audience = new URLSearchParams(body).get('scope');
    const token = `${id}:${audience}:${issuing.requests.length}`;
    json(response, 200, { access_token: token, token_type: 'Bearer', expires_in: 3600 });
  });
  const options = {
    scope: 'default',
    targets: {
      open: { url: `${api.url}/open`, usableBy: 'any-client' as const, scope: 'open' },
      plain: { url: `${api.url}/plain`, usableBy: 'any-client' as const },
      own: { url: `${api.url}/own` },
      bills: { url: `${api.url}/bills`, client: 'billing' },
    },
    clients: {
      billing: { clientId: 'billing-id', clientSecret: CLIENT_SECRET, scope: 'of-billing' },
      audit: { clientId: 'audit-id', clientSecret: CLIENT_SECRET },
    },
  };
  m2m = callingService({ url: `${issuing.url}/token` }, options, clock);
  m2m.events$.subscribe((event) => events.push(event));
});

afterEach(() => Promise.all([api.stop(), issuing.stop()]));

describe("a target that is usableBy: 'any-client' gets the token of the client that calls it", () => {
  const ways: Record<string, (path: string) => Promise<unknown>> = {
    "client('billing').for(target)": (path) => get(m2m.client('billing').for('open'), path),
    "client('billing').http": (path) => get(m2m.client('billing').http, `${api.url}/open${path}`),
    "client('billing').fetch": (path) => m2m.client('billing').fetch(`${api.url}/open${path}`),
    "client('billing').fetch with a target": (path) => m2m.client('billing').fetch(path, {}, { target: 'open' }),
    "client('billing').fetchFor(target)": (path) => m2m.client('billing').fetchFor('open')(path),
    "client('billing').attach": (path) => {
      const instance = create();
      m2m.client('billing').attach(instance);
      return instance.get(`${api.url}/open${path}`);
    },
    "client('billing').attach to one target": (path) => {
      const instance = create();
      m2m.client('billing').attach(instance, 'open');
      return instance.get(`${api.url}/open${path}`);
    },
    'm2m: { client } on http': (path) => get(m2m.http, `${api.url}/open${path}`, { m2m: { client: 'billing' } }),
    'm2m: { client } on for(target)': (path) => get(m2m.for('open'), path, { m2m: { client: 'billing' } }),
    'm2m: { client } on an attached instance': (path) => {
      const instance = create();
      m2m.attach(instance);
      return instance.get(`${api.url}/open${path}`, { m2m: { client: 'billing' } });
    },
    'the request of fetch': (path) => m2m.fetch(path, {}, { target: 'open', client: 'billing' }),
    'm2m: { client } with the same client on its own service': (path) =>
      get(m2m.client('billing').for('open'), path, { m2m: { client: 'billing' } }),
  };

  it.each(Object.entries(ways))('by %s (claim 1.15)', async (_, call) => {
    await call('/1');
    await call('/2');
    expect(tokens()).toEqual(['billing-id:open:1', 'billing-id:open:1']);
  });

  it('by getToken, with the defaults of that client under what the target says', async () => {
    const billing = m2m.client('billing');
    expect(await billing.getToken({ target: 'open' })).toBe('billing-id:open:1');
    expect(await billing.getToken({ target: 'plain' })).toBe('billing-id:of-billing:2');
    expect(await m2m.getToken({ target: 'plain', client: 'billing' })).toBe('billing-id:of-billing:2');
    expect(await m2m.getToken({ client: 'billing' })).toBe('billing-id:of-billing:2');
    expect(await m2m.getToken({ target: 'plain' })).toBe('orders:default:3');
    expect(await m2m.client('audit').getToken({ target: 'plain', scope: 'more' })).toBe('audit-id:more:4');
    expect(billing.stats().tokenRequests).toBe(2);
  });
});

describe('a target of one client', () => {
  it('is refused to the http of another one, instead of being called without a token (claim 1.15)', async () => {
    const { http } = m2m.client('audit');
    for (const path of ['own', 'bills']) {
      await expect(get(http, `${api.url}/${path}`)).rejects.toThrow(UntrustedTargetError);
      await expect(m2m.client('audit').fetch(`${api.url}/${path}`)).rejects.toThrow(UntrustedTargetError);
    }
    await expect(get(http, `${api.url}/bills`)).rejects.toThrow(
      "lies under the target bills, which uses the credentials of the client billing alone; write usableBy: 'any-client' in client.targets.bills",
    );
    expect(api.requests).toEqual([]);
    await get(http, `${api.url}/elsewhere`);
    await get(http, `${api.url}/own`, { m2m: false });
    expect(tokens()).toEqual([undefined, undefined]);
    expect(tokenRequests()).toBe(0);
  });

  it('is refused to a request that names another one: the error has the line to write (claim 1.15)', async () => {
    const m2mOptions = { m2m: { client: 'audit' } };
    const calls = [
      () => get(m2m.http, `${api.url}/own`, m2mOptions),
      () => get(m2m.for('own'), '/', m2mOptions),
      () => m2m.fetch('/', {}, { target: 'own', client: 'audit' }),
      () => m2m.getToken({ target: 'own', client: 'audit' }),
    ];
    for (const call of calls) {
      const error: unknown = await call().catch((thrown: unknown) => thrown);
      expect(error).toBeInstanceOf(M2MConfigurationError);
      expect(String(error)).toContain(
        "client.targets.own uses the credentials of the module's own client, but is requested of the client audit",
      );
      expect(String(error)).toContain(`write: "own": { usableBy: 'any-client' }`);
    }
    expect(api.requests).toEqual([]);
  });

  it('is used by a request that names that one', async () => {
    await get(m2m.http, `${api.url}/bills`, { m2m: { client: 'billing' } });
    expect(tokens()).toEqual(['billing-id:of-billing:1']);
  });
});

describe('a client of a request', () => {
  it.each(['bilings', 'toString', '__proto__', '', 7])('that the options do not have is an error: %j', async (name) => {
    const client = name as string;
    const error = { code: 'ERR_M2M_CONFIGURATION' };
    await expect(get(m2m.http, `${api.url}/open`, { m2m: { client } })).rejects.toMatchObject(error);
    await expect(get(m2m.for('own'), '/', { m2m: { client } })).rejects.toMatchObject(error);
    await expect(m2m.getToken({ client })).rejects.toMatchObject(error);
    expect(api.requests).toEqual([]);
  });

  it('cannot be another one than that of the service', async () => {
    const billing = m2m.client('billing');
    await expect(get(billing.for('open'), '/', { m2m: { client: 'audit' } })).rejects.toThrow(
      /names the client audit, but .* m2m\.client\("billing"\)\n *write: m2m\.client\("audit"\)/,
    );
    await expect(billing.getToken({ client: 'audit' })).rejects.toThrow('m2m.client names the client audit');
  });

  it('gets no token for a URL under no target', async () => {
    await expect(get(m2m.http, `${api.url}/elsewhere`, { m2m: { client: 'billing' } })).rejects.toThrow(
      UntrustedTargetError,
    );
  });
});

describe('what happens to the token of another client than the own one of a target', () => {
  it('is replaced and reported as that of its client, and costs the others nothing', async () => {
    rejected.add('billing-id:open:1');
    await get(m2m.client('billing').for('open'), '/');
    await get(m2m.client('audit').for('open'), '/');
    await get(m2m.for('open'), '/');
    expect(tokens()).toEqual(['billing-id:open:1', 'billing-id:open:2', 'audit-id:open:3', 'orders:open:4']);
    expect(events.map(({ type, client }) => [type, client])).toEqual([
      ['issued', 'billing'],
      ['renewed', 'billing'],
      ['rejected', 'billing'],
      ['issued', 'audit'],
      ['issued', undefined],
    ]);
    expect(m2m.client('billing').stats()).toMatchObject({ tokenRequests: 2 });
    expect(m2m.stats()).toMatchObject({ tokenRequests: 1 });
  });

  it('has a pause of its own before the next forced renewal', async () => {
    rejected = new Set(['billing-id:open:1', 'billing-id:open:2', 'audit-id:open:3']);
    await always(m2m.client('billing').for('open'));
    await always(m2m.client('billing').for('open'));
    expect(tokenRequests()).toBe(2);
    await always(m2m.client('audit').for('open'));
    expect(tokens().at(-1)).toBe('audit-id:open:4');
  });

  it('does not follow a redirect out of the target', async () => {
    await get(m2m.client('billing').for('open'), '/moved');
    expect(tokens()).toEqual(['billing-id:open:1', undefined]);
  });
});
