import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { Logger } from '@nestjs/common';
import { create } from 'axios';
import { firstValueFrom } from 'rxjs';
import type { M2MClientEvent } from '../../../lib/client/events/m2m-client-event.js';
import type { M2MAccessTokenProvider } from '../../../lib/options/access-token-provider.js';
import type { M2MClientOptions } from '../../../lib/options/client-options.js';
import { TestClock } from '../../../lib/testing/test-clock.js';
import { clientService } from '../../support/calling-service.js';
import { json, TestHttpServer } from '../../support/http-server.js';

/** A metadata server, which has one token at a time. */
let metadata: TestHttpServer;
/** A target that accepts the tokens of `accepted`. */
let api: TestHttpServer;
let clock: TestClock;
let current: string;
let accepted: Set<string>;
let isDown: boolean;
let lines: string[];

beforeEach(async () => {
  [current, accepted, isDown, lines, clock] = ['eyJ-1', new Set(['Bearer eyJ-1']), false, [], new TestClock()];
  for (const level of ['log', 'warn', 'error'] as const) {
    jest.spyOn(Logger.prototype, level).mockImplementation((line: unknown) => void lines.push(String(line)));
  }
  metadata = await TestHttpServer.start((_request, response) =>
    isDown ? response.destroy() : json(response, 200, { access_token: current, expires_in: '3600' }),
  );
  api = await TestHttpServer.start(({ headers }, response) => {
    if (accepted.has(headers.authorization ?? '')) return json(response, 200, { ok: true });
    return json(response, 401, {}, { 'www-authenticate': 'Bearer error="invalid_token"' });
  });
});

afterEach(async () => {
  jest.restoreAllMocks();
  await Promise.all([metadata.stop(), api.stop()]);
});

const accessTokenProvider: M2MAccessTokenProvider = async ({ audience = '', signal }) => {
  const response = await fetch(`${metadata.url}/token?audience=${audience}`, { signal, redirect: 'error' });
  const { access_token: accessToken, expires_in: expiresIn } = (await response.json()) as Record<string, string>;
  return { accessToken: accessToken ?? '', expiresIn };
};

function service(client: M2MClientOptions) {
  const { m2m, clients } = clientService({ client }, clock);
  const events: M2MClientEvent[] = [];
  m2m.events$.subscribe((event) => events.push(event));
  return { m2m, clients, events, types: () => events.map(({ type }) => type) };
}

const shop = () => ({ shop: { url: api.url, audience: 'shop' } });

/** Axios with the tokens of such a client. */
function calling() {
  const made = service({ accessTokenProvider, targets: shop() });
  const http = create({ baseURL: api.url, validateStatus: null });
  made.m2m.attach(http);
  return { ...made, http };
}

describe('a client with accessTokenProvider', () => {
  it('attaches its tokens to requests to its targets', async () => {
    const { m2m } = service({ accessTokenProvider, targets: shop() });
    await expect(firstValueFrom(m2m.for('shop').get('/a'))).resolves.toMatchObject({ status: 200 });
    await expect(m2m.fetch(`${api.url}/b`)).resolves.toMatchObject({ status: 200 });
    expect(metadata.requests.map(({ url }) => url)).toEqual(['/token?audience=shop']);
  });

  it('may be a named client, beside one of an authorization server and one with another function', async () => {
    const options: M2MClientOptions = {
      clientId: 'orders',
      clientSecret: 's',
      authorizationServer: { issuer: 'https://id.example.com', tokenEndpoint: `${metadata.url}/oauth` },
      targets: { shop: { url: api.url, audience: 'shop', client: 'cloud' } },
      clients: {
        cloud: { accessTokenProvider },
        other: { accessTokenProvider: () => ({ accessToken: 'of-the-other' }), audience: 'shop' },
      },
    };
    const { m2m, events } = service(options);
    await firstValueFrom(m2m.for('shop').get('/'));
    await expect(m2m.client('other').getToken()).resolves.toBe('of-the-other');
    await m2m.getToken();
    expect(metadata.requests.map(({ url }) => url)).toEqual(['/token?audience=shop', '/oauth']);
    expect(events.map(({ client }) => client)).toEqual(['cloud', 'other', undefined]);
  });

  it('does not fail with one of another function that fails', async () => {
    const failing = { accessTokenProvider: () => Promise.reject(new Error('down')), retry: { attempts: 1 } };
    const { m2m } = service({ accessTokenProvider, retry: { attempts: 1 }, clients: { failing } });
    const error = 'the function client.clients.failing.accessTokenProvider failed with Error';
    for (let round = 0; round < 3; round++) await expect(m2m.client('failing').getToken()).rejects.toThrow(error);
    await expect(m2m.getToken()).resolves.toBe('eyJ-1');
    isDown = true;
    await m2m.invalidate();
    await expect(m2m.getToken()).rejects.toThrow('client.accessTokenProvider failed with TypeError');
    isDown = false;
    await m2m.retryNow();
    await expect(m2m.getToken()).resolves.toBe('eyJ-1');
  });

  it('logs what changes, without a client_id and without a token (claim 2.5)', async () => {
    isDown = true;
    const cloud = { accessTokenProvider, audience: 'shop', retry: { attempts: 1 } };
    const { m2m } = service({ ...cloud, clients: { cloud } });
    for (const client of [m2m, m2m.client('cloud')])
      await expect(client.getToken()).rejects.toThrow('failed with TypeError');
    isDown = false;
    await m2m.retryNow();
    for (const client of [m2m, m2m.client('cloud')]) await client.getToken();
    const subject = 'Token requests of the client with accessTokenProvider';
    expect(lines).toEqual([
      `M2M-2003 ${subject} for "audience shop" fail; calls that need a token fail: "the function client.accessTokenProvider failed with TypeError"`,
      `M2M-2003 ${subject} ("cloud") for "audience shop" fail; calls that need a token fail: "the function client.clients.cloud.accessTokenProvider failed with TypeError"`,
      `M2M-2004 ${subject} for "audience shop" succeed again after 0 s`,
      `M2M-2004 ${subject} ("cloud") for "audience shop" succeed again after 0 s`,
    ]);
  });

  it('is warmed up', async () => {
    const { clients, m2m } = service({ accessTokenProvider, warmup: 'required', targets: shop() });
    await clients.onApplicationBootstrap();
    expect(metadata.requests).toHaveLength(1);
    expect(m2m.stats()).toMatchObject({ tokenRequests: 1 });
    isDown = true;
    const { clients: other } = service({ accessTokenProvider, warmup: 'required', retry: { attempts: 1 } });
    await expect(other.onApplicationBootstrap()).rejects.toThrow('client.accessTokenProvider failed with TypeError');
  });
});

describe('a 401 for a token of accessTokenProvider', () => {
  it('has the request sent once more if the function has another token', async () => {
    const { http, types } = calling();
    await http.get('/');
    [current, accepted] = ['eyJ-2', new Set(['Bearer eyJ-2'])];
    await expect(http.get('/')).resolves.toMatchObject({ status: 200 });
    expect([metadata.requests.length, api.requests.length]).toEqual([2, 3]);
    expect(types()).toEqual(['issued', 'renewed', 'rejected']);
  });

  it('stands if the function has the same token, and asks it no more than every 10 s, growing to 1 h', async () => {
    accepted.clear();
    const { http, events } = calling();
    for (let second = 0; second < 100; second++) {
      await expect(http.get('/')).resolves.toMatchObject({ status: 401 });
      await clock.advance(1000);
    }
    expect(api.requests).toHaveLength(100);
    // One for the first token; then at 0 s, 10 s, 30 s and 70 s.
    expect(metadata.requests).toHaveLength(5);
    const rejections = events.filter(({ type }) => type === 'rejected');
    expect(rejections).toHaveLength(100);
    expect(rejections.every((event) => event.type === 'rejected' && !event.renewed)).toBe(true);
  });

  it('is listened to again when the function has another token', async () => {
    accepted.clear();
    const { http } = calling();
    await http.get('/');
    [current, accepted] = ['eyJ-2', new Set(['Bearer eyJ-2'])];
    await clock.advance(10_000);
    await expect(http.get('/')).resolves.toMatchObject({ status: 200 });
    await expect(http.get('/')).resolves.toMatchObject({ status: 200 });
    expect(metadata.requests).toHaveLength(3);
  });
});
