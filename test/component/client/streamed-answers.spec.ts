import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Readable } from 'node:stream';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { create, type AxiosInstance } from 'axios';
import type { M2MClientService } from '../../../lib/client/m2m-client.service.js';
import { callingService, TestTokenEndpoint } from '../../support/calling-service.js';
import { until } from '../../support/until.js';

let endpoint: TestTokenEndpoint;
let api: Server;
let url: string;
let client: M2MClientService;
let http: AxiosInstance;
/** The responses of the target that are under way. */
let open: number;
/** Cuts the connections of the target. */
let cut: () => void;
let openGate: () => void;

/** A target whose responses begin, and never end. */
beforeEach(async () => {
  open = 0;
  endpoint = await TestTokenEndpoint.start();
  api = createServer((request, response) => {
    open += 1;
    response.on('close', () => (open -= 1));
    const status = Number(/\d{3}$/.exec(request.url ?? '')?.[0] ?? 200);
    const headers = { 'www-authenticate': 'Bearer error="invalid_token"', location: '/200', 'content-length': '9' };
    response.writeHead(status, headers).write('text');
  });
  await new Promise<void>((resolve) => api.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(api.address() as AddressInfo).port}`;
  cut = () => api.closeAllConnections();
  client = callingService(endpoint, { targets: { shop: { url } } });
  http = create({ baseURL: url });
  client.attach(http);
});

afterEach(async () => {
  openGate?.();
  cut();
  await Promise.all([endpoint[Symbol.asyncDispose](), new Promise((resolve) => api.close(resolve))]);
});

const failure = (promise: Promise<unknown>) =>
  promise.then(
    () => 'no failure',
    (error: unknown) => error,
  );

describe('a streamed response that is cut', () => {
  it('does not end the process before anybody reads it, and fails whoever reads it later', async () => {
    const uncaught: unknown[] = [];
    const note = (error: unknown): void => void uncaught.push(error);
    process.on('uncaughtException', note);
    try {
      const { data } = await http.get<Readable>('/200', { responseType: 'stream' });
      cut();
      await until(() => data.destroyed);
      await nextTurn();
      expect(uncaught).toEqual([]);
      expect(await failure(data.toArray())).toMatchObject({ code: 'ECONNRESET' });
    } finally {
      process.off('uncaughtException', note);
    }
  });

  it('fails the body of m2m.fetch with a TypeError, as fetch does', async () => {
    const response = await client.fetch(`${url}/200`);
    const text = failure(response.text());
    cut();
    const error = await text;
    expect(error).toBeInstanceOf(TypeError);
    expect(error).toMatchObject({ message: 'terminated', cause: { code: 'ECONNRESET' } });
  });
});

describe('a streamed 401', () => {
  it.each(['axios', 'fetch'])(
    'is closed if its request (%s) is cancelled while it waits for another token',
    async (by) => {
      await client.getToken({ target: 'shop' });
      endpoint.gate = new Promise((resolve) => (openGate = resolve));
      const controller = new AbortController();
      const { signal } = controller;
      const request =
        by === 'axios' ? http.get('/401', { responseType: 'stream', signal }) : client.fetch(`${url}/401`, { signal });
      const failed = failure(request);
      await until(() => endpoint.requests.length === 2);
      controller.abort();
      expect(await failed).toMatchObject({ name: by === 'axios' ? 'CanceledError' : 'AbortError' });
      await until(() => open === 0);
    },
  );
});

describe('the body of m2m.fetch', () => {
  it("fails with the signal's reason, as fetch does", async () => {
    const controller = new AbortController();
    const response = await client.fetch(`${url}/200`, { signal: controller.signal });
    const text = failure(response.text());
    const reason = new Error('enough');
    controller.abort(reason);
    expect(await text).toBe(reason);
    await until(() => open === 0);
  });

  it('closes its connection if it is cancelled before it is read', async () => {
    const response = await client.fetch(`${url}/200`);
    expect(open).toBe(1);
    await response.body?.cancel();
    await until(() => open === 0);
  });

  it("closes the connection of a redirect with redirect: 'error'", async () => {
    expect(await failure(client.fetch(`${url}/302`, { redirect: 'error' }))).toBeInstanceOf(TypeError);
    await until(() => open === 0);
  });
});
