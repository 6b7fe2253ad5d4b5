import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { getEventListeners } from 'node:events';
import axios, { create, type AxiosInstance, type AxiosRequestConfig, type InternalAxiosRequestConfig } from 'axios';
import type { M2MClientService } from '../../../lib/client/m2m-client.service.js';
import { TestClock } from '../../../lib/testing/test-clock.js';
import { callingService, TestTokenEndpoint } from '../../support/calling-service.js';
import { json, TestHttpServer } from '../../support/http-server.js';
import { until } from '../../support/until.js';

let endpoint: TestTokenEndpoint;
let api: TestHttpServer;
let clock: TestClock;
let client: M2MClientService;
let http: AxiosInstance;
/** Tokens that the target rejects. */
let rejected: Set<string | undefined>;
let open: () => void;

beforeEach(async () => {
  rejected = new Set();
  clock = new TestClock();
  await clock.advance(1000);
  endpoint = await TestTokenEndpoint.start();
  api = await TestHttpServer.start(({ headers, url }, response) => {
    if (url === '/never') return;
    const isRejected = rejected.has(headers.authorization);
    if (isRejected) response.setHeader('www-authenticate', 'Bearer error="invalid_token"');
    json(response, isRejected ? 401 : 200, {});
  });
  client = callingService(endpoint, { targets: { shop: { url: api.url, http: { timeout: 5000 } } } }, clock);
  http = create({ baseURL: api.url, validateStatus: null });
  client.attach(http);
  close();
});

afterEach(async () => {
  open();
  await Promise.all([endpoint[Symbol.asyncDispose](), api.stop()]);
});

/** Token requests wait from now on. */
function close(): void {
  endpoint.gate = new Promise((resolve) => (open = resolve));
}

const asked = (times = 1) => until(() => endpoint.requests.length >= times);

/** What became of a request after so many milliseconds without a token. */
async function after(milliseconds: number, request: Promise<unknown>): Promise<unknown> {
  let outcome: unknown = 'waits';
  request.then(
    () => (outcome = 'done'),
    (error: unknown) => (outcome = error),
  );
  await asked();
  await clock.advance(milliseconds);
  return outcome;
}

/** Sends a request whose token is on its way for 100 ms, and tells what reached its adapter. */
async function sentAfterWaiting(config: AxiosRequestConfig): Promise<InternalAxiosRequestConfig[]> {
  const sent: InternalAxiosRequestConfig[] = [];
  const real = axios.getAdapter('http');
  const adapter = (its: InternalAxiosRequestConfig) => (sent.push(its), real(its));
  const request = http.get('/products', { ...config, adapter });
  await asked();
  await clock.advance(100);
  open();
  await request;
  return sent;
}

describe('a request whose token does not come in time', () => {
  it.each<[string, AxiosRequestConfig, number, object]>([
    ['its own', { timeout: 300 }, 300, { code: 'ECONNABORTED', message: 'timeout of 300ms exceeded' }],
    ["the target's", {}, 5000, { code: 'ECONNABORTED', message: 'timeout of 5000ms exceeded' }],
    ['its own, clarified', { timeout: 300, transitional: { clarifyTimeoutError: true } }, 300, { code: 'ETIMEDOUT' }],
    ['its own, in its own words', { timeout: 300, timeoutErrorMessage: 'late' }, 300, { message: 'late' }],
  ])('fails as Axios does, after %s timeout', async (_, config, timeout, error) => {
    const request = http.request({ url: '/products', params: { a: 1 }, ...config });
    await expect(after(timeout - 1, request)).resolves.toBe('waits');
    await expect(after(1, request)).resolves.toMatchObject({
      ...error,
      isAxiosError: true,
      config: { url: '/products', params: { a: 1 } },
    });
    expect(api.requests).toEqual([]);
  });

  it('leaves the token request to others', async () => {
    await after(300, http.get('/products', { timeout: 300 }));
    const other = http.get('/products');
    open();
    await expect(other).resolves.toMatchObject({ status: 200 });
    expect(endpoint.requests).toHaveLength(1);
  });

  it('fails as fetch does', async () => {
    const error = await after(5000, client.fetch(`${api.url}/products`));
    expect(error).toBeInstanceOf(TypeError);
    expect(error).toMatchObject({ message: 'fetch failed', cause: { code: 'ECONNABORTED' } });
  });

  it.each([0, undefined])('waits on without a timeout: %s', async (timeout) => {
    const unlimited = create({ baseURL: api.url });
    callingService(endpoint, { targets: { shop: { url: api.url } } }, clock).attach(unlimited);
    const request = unlimited.get('/products', { timeout });
    await expect(after(9999, request)).resolves.toBe('waits');
    open();
    await expect(request).resolves.toMatchObject({ status: 200 });
  });
});

describe('a request whose token comes in time', () => {
  it.each<[string, AxiosRequestConfig, object]>([
    ['its own', { timeout: 300 }, { timeout: 200, timeoutErrorMessage: 'timeout of 300ms exceeded' }],
    ['its own as a text', { timeout: '300' as never }, { timeout: 200 }],
    ["the target's", { timeoutErrorMessage: 'late' }, { timeout: 4900, timeoutErrorMessage: 'late' }],
  ])('has the rest of %s timeout', async (_, config, left) => {
    await expect(sentAfterWaiting(config)).resolves.toMatchObject([left]);
  });

  it('has all of its timeout where it did not wait', async () => {
    open();
    await client.getToken({ target: 'shop' });
    const [sent] = await sentAfterWaiting({ timeout: 300 });
    expect(sent).toMatchObject({ timeout: 300 });
    expect(sent?.timeoutErrorMessage).toBeUndefined();
  });

  it.each(['http', 'fetch'])('names its whole timeout if no answer comes, over %s', async (adapter) => {
    const request = http.get('/never', { timeout: 300, adapter });
    await expect(after(100, request)).resolves.toBe('waits');
    open();
    await expect(request).rejects.toMatchObject({ message: 'timeout of 300ms exceeded' });
  });

  it('leaves no timer and no listener behind', async () => {
    const { signal } = new AbortController();
    const { token } = axios.CancelToken.source();
    await sentAfterWaiting({ signal, cancelToken: token, timeout: 300, baseURL: api.url });
    expect(clock['timers'].size).toBe(0);
    expect(getEventListeners(signal, 'abort')).toEqual([]);
    expect(token).toMatchObject({ _listeners: [] });
  });
});

describe('a request whose rejected token is replaced', () => {
  beforeEach(async () => {
    rejected.add('Bearer token-1');
    open();
    await client.getToken({ target: 'shop' });
    close();
  });

  it('keeps its answer where the new token does not come in time', async () => {
    const request = http.get('/products', { timeout: 300 });
    await asked(2);
    await clock.advance(300);
    await expect(request).resolves.toMatchObject({ status: 401 });
    expect(api.requests).toHaveLength(1);
  });

  it('is sent once more with the rest of its timeout', async () => {
    const timeouts: unknown[] = [];
    const real = axios.getAdapter('http');
    const request = http.get('/products', {
      timeout: 300,
      adapter: async (sent) => {
        timeouts.push(sent.timeout);
        const response = await real(sent);
        if (timeouts.length === 1) await clock.advance(50);
        return response;
      },
    });
    await asked(2);
    await clock.advance(100);
    open();
    await expect(request).resolves.toMatchObject({ status: 200 });
    expect(timeouts).toEqual([300, 150]);
  });
});

describe('a request that is cancelled while its token is on its way', () => {
  it.each<[string, () => [AxiosRequestConfig, () => void]]>([
    [
      'a cancel token',
      () => {
        const { token, cancel } = axios.CancelToken.source();
        return [{ cancelToken: token }, cancel];
      },
    ],
    [
      'a signal',
      () => {
        const controller = new AbortController();
        return [{ signal: controller.signal }, () => controller.abort()];
      },
    ],
    [
      'a signal that is none of the platform',
      () => {
        const signal = Object.assign(new EventTarget(), { aborted: false });
        const abort = () => (Object.assign(signal, { aborted: true }), signal.dispatchEvent(new Event('abort')));
        return [{ signal }, abort];
      },
    ],
  ])(
    'ends at once: by %s',
    async (_, make) => {
      const [config, cancel] = make();
      const request = http.get('/products', { ...config, timeout: 0 });
      await asked();
      cancel();
      await expect(request).rejects.toMatchObject({ code: 'ERR_CANCELED' });
      expect(api.requests).toEqual([]);
    },
    5000,
  );
});
