import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { Logger } from '@nestjs/common';
import { X509Certificate } from 'node:crypto';
import { Agent, createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { Readable } from 'node:stream';
import type { TLSSocket } from 'node:tls';
import { create, type AxiosInstance, type AxiosRequestConfig, type InternalAxiosRequestConfig } from 'axios';
import type { M2MClientEvent } from '../../../lib/client/events/m2m-client-event.js';
import type { M2MClientService } from '../../../lib/client/m2m-client.service.js';
import type { M2MTarget, M2MTargetAnswer } from '../../../lib/options/client-options.js';
import { TestClock } from '../../../lib/testing/test-clock.js';
import { callingService, TestTokenEndpoint } from '../../support/calling-service.js';
import { selfSignedCertificate } from '../../support/certificates.js';
import { json, TestHttpServer } from '../../support/http-server.js';
import { until } from '../../support/until.js';

const HOUR = 60 * 60 * 1000;

let endpoint: TestTokenEndpoint;
let api: TestHttpServer;
let clock: TestClock;
let warnings: string[];
let events: M2MClientEvent[];
/** Tokens that the target accepts. */
let accepted: Set<string | undefined>;
/** How it refuses the others. */
let refusal: { status: number; headers?: Record<string, string>; body?: string };

beforeEach(async () => {
  [accepted, refusal, events, warnings] = [new Set(['Bearer token-2']), { status: 401 }, [], []];
  clock = new TestClock();
  jest.spyOn(Logger.prototype, 'warn').mockImplementation((line: unknown) => void warnings.push(String(line)));
  endpoint = await TestTokenEndpoint.start();
  api = await TestHttpServer.start(({ headers }, response) => {
    if (accepted.has(headers.authorization)) return json(response, 200, { ok: true });
    return response.writeHead(refusal.status, refusal.headers).end(refusal.body);
  });
});

afterEach(async () => {
  jest.restoreAllMocks();
  await Promise.all([endpoint[Symbol.asyncDispose](), api.stop()]);
});

function calling(target: Partial<M2MTarget> = {}): { client: M2MClientService; http: AxiosInstance } {
  const client = callingService(endpoint, { targets: { shop: { url: api.url, ...target } } }, clock);
  const http = create({ baseURL: api.url, validateStatus: null });
  client.attach(http);
  client.events$.subscribe((event) => events.push(event));
  return { client, http };
}

const challenge = (text: string) => ({ status: 401, headers: { 'www-authenticate': text } });
const authorizations = () => api.requests.map(({ headers }) => headers.authorization);
const typesOf = () => events.map(({ type }) => type).filter((type) => !['issued', 'renewed'].includes(type));
const upload = (): AxiosRequestConfig => ({ method: 'post', data: Readable.from(['a']) });

describe('a 401 as gateways write it', () => {
  it.each([
    ['AWS HTTP APIs', 'Bearer scope="" error="invalid_token" error_description="the token has expired"'],
    ['Kong', 'Bearer realm="service" error="invalid_token"'],
    ['WSO2', 'OAuth2 realm="WSO2 API Manager" error="invalid_token" error_description="Invalid Credentials"'],
    ['a server that quotes nothing', 'Bearer error=invalid_token'],
    ['a server that gives no reason', 'Bearer realm="api"'],
  ])('replaces the token: %s', async (_, text) => {
    refusal = challenge(text);
    const { http } = calling();
    await expect(http.get('/')).resolves.toMatchObject({ status: 200 });
    await expect(http.get('/', { adapter: 'fetch' })).resolves.toMatchObject({ status: 200 });
    expect(endpoint.requests).toHaveLength(2);
  });

  it.each(['www-authenticate', 'WWW-Authenticate'])('is found in the plain headers of a mock: %s', async (name) => {
    const adapter = (config: InternalAxiosRequestConfig) => {
      const isAccepted = accepted.has(String(config.headers.get('authorization')));
      const headers = isAccepted ? {} : { [name]: 'Bearer error="invalid_token"' };
      return Promise.resolve({ status: isAccepted ? 200 : 401, statusText: '', headers, data: '', config });
    };
    await expect(calling().http.get('/', { adapter })).resolves.toMatchObject({ status: 200 });
  });
});

describe('a 401 without a challenge, as of AuthGuard', () => {
  it('buys one replacement, with which the request is sent again', async () => {
    await expect(calling().http.get('/')).resolves.toMatchObject({ status: 200 });
    expect(authorizations()).toEqual(['Bearer token-1', 'Bearer token-2']);
    expect(warnings).toEqual([]);
  });

  it('is ignored for an hour if the replacement is refused as well, with one warning', async () => {
    accepted.clear();
    const { http } = calling();
    await Promise.all([http.get('/'), http.get('/'), http.get('/')]);
    for (let time = 0; time < HOUR; time += HOUR / 4) {
      await expect(http.get('/')).resolves.toMatchObject({ status: 401 });
      await clock.advance(HOUR / 4 - 1);
    }
    expect(endpoint.requests.length).toBeLessThanOrEqual(3);
    expect(typesOf().filter((type) => type === 'rejections-ignored')).toHaveLength(1);
    expect(warnings).toEqual([expect.stringMatching(/^M2M-2101 .*rejectedWhen: 'invalid_token'/)]);
  });

  it('is listened to again after the hour', async () => {
    accepted.clear();
    const { http } = calling({ http: { timeout: 3 * HOUR } });
    await http.get('/');
    expect(warnings).toHaveLength(1);
    const before = endpoint.requests.length;
    await clock.advance(HOUR);
    await http.get('/');
    expect(endpoint.requests.length).toBeGreaterThan(before);
  });

  it('is ignored, too, if only streams are sent', async () => {
    accepted.clear();
    const { http } = calling();
    await http.request(upload());
    for (let time = 0; time < 40; time += 1) {
      await http.request(upload());
      await clock.advance(60_000);
    }
    expect(endpoint.requests).toHaveLength(2);
    expect(warnings).toHaveLength(1);
  });

  it('does not keep an invalid_token from being heard', async () => {
    accepted.clear();
    const { http } = calling();
    await http.get('/');
    await clock.advance(10_000);
    refusal = challenge('Bearer error="invalid_token"');
    accepted.add('Bearer token-3');
    await expect(http.get('/')).resolves.toMatchObject({ status: 200 });
  });
});

const EXPIRED = { status: 403, headers: { 'x-reason': 'a' }, body: '{"code":"TOKEN_EXPIRED"}' };
const isExpired = ({ status, text }: M2MTargetAnswer) => status === 403 && text()?.includes('TOKEN_EXPIRED') === true;

describe('a function as rejectedWhen', () => {
  it.each<[string, M2MTarget['rejectedWhen']]>([
    ['a value', isExpired],
    ['a promise', (answer) => Promise.resolve(isExpired(answer))],
    ['by a header', ({ headers }) => headers['x-reason'] === 'a'],
  ])('decides about any status: %s', async (_, rejectedWhen) => {
    refusal = EXPIRED;
    for (const config of [{}, { adapter: 'fetch' }, { responseType: 'arraybuffer' }] as const) {
      accepted = new Set();
      const { http } = calling({ rejectedWhen });
      const sent = http.post('/', {}, config);
      accepted.add(`Bearer token-${endpoint.requests.length + 2}`);
      await expect(sent).resolves.toMatchObject({ status: 200 });
    }
  });

  it('keeps a 401 that it does not call a rejection', async () => {
    refusal = challenge('Bearer error="invalid_token"');
    await expect(calling({ rejectedWhen: () => false }).http.get('/')).resolves.toMatchObject({ status: 401 });
    expect(endpoint.requests).toHaveLength(1);
  });

  it.each([
    ['post', 498, 498],
    ['patch', 498, 498],
    ['put', 498, 200],
    ['get', 498, 200],
    ['post', 403, 200],
    ['post', 401, 200],
  ])('replaces the token of a %s after %d, and the caller gets %d', async (method, status, expected) => {
    refusal = { status };
    const { http } = calling({ rejectedWhen: (answer) => answer.status === status });
    await expect(http.request({ method, data: {} })).resolves.toMatchObject({ status: expected });
    await expect(http.request({ method, data: {} })).resolves.toMatchObject({ status: 200 });
    expect(endpoint.requests).toHaveLength(2);
    expect(api.requests).toHaveLength(expected === 200 ? 3 : 2);
  });

  it('sees 64 KiB of a body, and nothing of a stream', async () => {
    refusal = { status: 403, body: 'é'.repeat(64 * 1024) };
    const seen: unknown[] = [];
    const { http, client } = calling({ rejectedWhen: ({ text }) => (seen.push(text()?.length), false) });
    await http.get('/');
    await http.get('/', { responseType: 'arraybuffer' });
    await http.get('/', { responseType: 'stream' });
    await client.fetch(api.url);
    expect(seen).toEqual([32 * 1024, 32 * 1024, undefined, undefined]);
  });

  it.each<[string, M2MTarget['rejectedWhen'], string]>([
    ['throws', () => JSON.parse('the-secret') as boolean, 'failed with SyntaxError'],
    ['rejects', () => Promise.reject(new RangeError('the-secret')), 'failed with RangeError'],
    [
      'rejects with a secret as the name',
      () => Promise.reject(Object.assign(new RangeError(), { name: 'the-secret' })),
      'failed with RangeError',
    ],
    ['returns a text', (() => 'yes') as never, 'returned a string'],
    ['returns nothing', (() => undefined) as never, 'gave no answer within 1000 ms'],
  ])('that %s leaves the answer standing, and says so once without what it threw', async (_, rejectedWhen, how) => {
    const { http } = calling({ rejectedWhen });
    await expect(http.get('/')).resolves.toMatchObject({ status: 401 });
    await expect(http.get('/')).resolves.toMatchObject({ status: 401 });
    expect(endpoint.requests).toHaveLength(1);
    expect(typesOf()).toEqual(['rejected-when-failed', 'rejected-when-failed']);
    expect(warnings).toEqual([
      `M2M-2104 client.targets.shop.rejectedWhen is a function that ${how}; write: rejectedWhen: ({ status }) => status === 401`,
    ]);
    expect(JSON.stringify([events, warnings])).not.toContain('the-secret');
  });

  it('that does not answer leaves the answer standing after 1 s', async () => {
    const { http } = calling({ rejectedWhen: () => new Promise(() => undefined) });
    const status = http.get('/');
    await until(() => api.requests.length === 1);
    while (typesOf().length === 0) {
      await clock.advance(100);
      await new Promise((resolve) => setImmediate(resolve));
    }
    await expect(status).resolves.toMatchObject({ status: 401 });
    expect(endpoint.requests).toHaveLength(1);
  });
});

describe('a 403 for too few scopes', () => {
  beforeEach(() => {
    refusal = { status: 403, headers: { 'www-authenticate': 'Bearer error="insufficient_scope", scope="write:shop"' } };
  });

  it.each(['http', 'fetch'] as const)('says in the error which scope the target asks for: %s', async (adapter) => {
    const { http } = calling({ scope: ['read:shop'] });
    const error = (await http
      .get('/', { adapter, validateStatus: (status) => status < 400 })
      .catch((thrown: unknown) => thrown)) as Error;
    const message =
      'Request failed with status code 403: the target shop asks for the scope "write:shop" (insufficient_scope)';
    expect(error).toMatchObject({ message, isAxiosError: true, status: 403 });
    expect(error.stack).toContain(message);
    expect(endpoint.requests).toHaveLength(1);
    expect(warnings).toEqual([expect.stringMatching(/^M2M-2103 .*"write:shop".*requested for scope read:shop/)]);
  });

  it('is reported for fetch, which throws nothing: an event each, and one line', async () => {
    const { client } = calling();
    await client.fetch(api.url);
    await client.fetch(api.url);
    expect(events).toContainEqual(expect.objectContaining({ type: 'scope-refused', missing: ['write:shop'] }));
    expect(typesOf()).toEqual(['scope-refused', 'scope-refused']);
    expect(warnings).toHaveLength(1);
  });

  it('says so without the scope if the target does not name it', async () => {
    refusal = { status: 403, headers: { 'www-authenticate': 'Bearer error="insufficient_scope"' } };
    const { http } = calling();
    await expect(http.get('/', { validateStatus: (status) => status < 400 })).rejects.toThrow(
      'the target shop asks for more scope than the token has',
    );
  });

  it('keeps the message of another 403 as it is', async () => {
    refusal = { status: 403 };
    const { http } = calling();
    await expect(http.get('/', { validateStatus: (status) => status < 400 })).rejects.toThrow(
      /^Request failed with status code 403$/,
    );
    expect(warnings).toEqual([]);
  });
});

describe('a token that is bound to a client certificate', () => {
  const mine = selfSignedCertificate('orders');
  const other = selfSignedCertificate('other');
  const server = selfSignedCertificate('shop');
  const thumbprint = Buffer.from(new X509Certificate(mine.cert).fingerprint256.replaceAll(':', ''), 'hex');
  const bound = [{ alg: 'none' }, { cnf: { 'x5t#S256': thumbprint.toString('base64url') } }].map((part) =>
    Buffer.from(JSON.stringify(part)).toString('base64url'),
  );

  /** Calls a target over TLS that accepts connections with the certificate only. */
  async function call(agent: ConstructorParameters<typeof Agent>[0], config: AxiosRequestConfig): Promise<unknown> {
    const shop = createServer({ ...server, requestCert: true, rejectUnauthorized: false }, (request, response) => {
      const { socket } = request as unknown as { socket: TLSSocket };
      const isMine = socket.getPeerX509Certificate()?.fingerprint256 === new X509Certificate(mine.cert).fingerprint256;
      response.writeHead(isMine ? 200 : 401, { 'www-authenticate': 'Bearer error="invalid_token"' }).end('{}');
    });
    await new Promise<void>((resolve) => shop.listen(0, '127.0.0.1', resolve));
    const url = `https://127.0.0.1:${(shop.address() as AddressInfo).port}`;
    const httpsAgent = new Agent({ ca: server.cert, ...agent });
    const tokens = await TestHttpServer.start((_, response) =>
      json(response, 200, { access_token: `${bound.join('.')}.x${tokens.requests.length}`, token_type: 'Bearer' }),
    );
    try {
      const client = callingService(
        { url: `${tokens.url}/token` },
        { targets: { shop: { url, http: { httpsAgent } } } },
        clock,
      );
      client.events$.subscribe((event) => events.push(event));
      const http = create();
      client.attach(http);
      const results = [];
      for (let time = 0; time < 2; time += 1) {
        results.push(await http.get(url, config).catch((error: unknown) => error));
      }
      return { results, tokenRequests: tokens.requests.length };
    } finally {
      httpsAgent.destroy();
      shop.closeAllConnections();
      await Promise.all([tokens.stop(), new Promise((resolve) => shop.close(resolve))]);
    }
  }

  it.each([
    ['none', {}],
    ['another', other],
  ])('is not bought anew if the target gets %s: the error and one line say what is missing', async (_, agent) => {
    const message = expect.stringMatching(
      /status code 401: .*client certificate.*client\.targets\.shop\.http\.httpsAgent/,
    );
    await expect(call(agent, {})).resolves.toMatchObject({ results: [{ message }, { message }], tokenRequests: 1 });
    expect(warnings).toEqual([expect.stringMatching(/^M2M-2102 .*client\.targets\.shop\.http\.httpsAgent/)]);
    expect(typesOf()).toEqual(['rejected', 'certificate-missing', 'rejected', 'certificate-missing']);
  });

  it('is accepted with its certificate', async () => {
    await expect(call(mine, {})).resolves.toMatchObject({ results: [{ status: 200 }, { status: 200 }] });
    expect(warnings).toEqual([]);
  });
});
