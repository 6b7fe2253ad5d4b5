import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { createReadStream, openAsBlob } from 'node:fs';
import { appendFile, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough, Readable, Stream } from 'node:stream';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { create, type AxiosInstance } from 'axios';
import type { M2MClientService } from '../../../lib/client/m2m-client.service.js';
import { callingService, TestTokenEndpoint } from '../../support/calling-service.js';
import { until } from '../../support/until.js';

let endpoint: TestTokenEndpoint;
let api: Server;
let url: string;
/** The requests that reached the target, and those among them that are still under way. */
let reached: { begun: number; open: number };
/** The requests whose bodies arrived whole. */
let received: string[];
let status: number;
let client: M2MClientService;
let http: AxiosInstance;
let open: () => void;

beforeEach(async () => {
  [reached, received, status] = [{ begun: 0, open: 0 }, [], 200];
  const mine = reached;
  endpoint = await TestTokenEndpoint.start();
  const listen = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    mine.begun += 1;
    mine.open += 1;
    response.on('close', () => (mine.open -= 1));
    const chunks: Buffer[] = [];
    try {
      for await (const chunk of request) chunks.push(chunk as Buffer);
    } catch {
      return;
    }
    received.push(Buffer.concat(chunks).toString());
    response.writeHead(status, { 'www-authenticate': 'Bearer error="invalid_token"' }).end('{}');
  };
  api = createServer((request, response) => void listen(request, response));
  await new Promise<void>((resolve) => api.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(api.address() as AddressInfo).port}`;
  client = callingService(endpoint, { targets: { shop: { url } } });
  http = create({ baseURL: url });
  client.attach(http);
  endpoint.gate = new Promise((resolve) => (open = resolve));
});

afterEach(async () => {
  open();
  api.closeAllConnections();
  await Promise.all([endpoint[Symbol.asyncDispose](), new Promise((resolve) => api.close(resolve))]);
});

type Body = NonNullable<RequestInit['body']>;

/** A body, and what makes it unfit to be sent. */
type Failing = () => { readonly body: Body; readonly fail: () => void };

const FAILING: Record<string, Failing> = {
  'a stream that fails': () => {
    const body = new PassThrough();
    body.write('a');
    return { body, fail: () => body.destroy(new Error('broken')) };
  },
  'a stream that is destroyed': () => {
    const body = new PassThrough();
    body.write('a');
    return { body, fail: () => body.destroy() };
  },
};
const STREAM_OF_THE_WEB: Failing = () => {
  let controller: ReadableStreamDefaultController | undefined;
  const body = new ReadableStream({
    start(its) {
      controller = its;
      its.enqueue(new TextEncoder().encode('a'));
    },
  });
  return { body, fail: () => controller?.error(new Error('broken')) };
};
const GENERATOR: Failing = () => {
  let fail: (() => void) | undefined;
  const failed = new Promise<void>((resolve) => (fail = resolve));
  const body = (async function* () {
    yield Buffer.from('a');
    await failed;
    throw new Error('broken');
  })();
  return { body, fail: () => fail?.() };
};

/** What its caller sees of an error. Errors of Jest's own realm are wrapped by Node's fetch, so causes are read alone. */
function seen(error: unknown): string[] {
  const { constructor, name, code, message, cause } = error as Error & { code?: string };
  const reason = String((cause as Error | undefined)?.message);
  return [constructor.name, name, String(code), message, reason.replace(/^\w*Error: /, '')];
}

const outcome = (request: Promise<unknown>) =>
  request.then(
    () => 'succeeds',
    (error: unknown) => error,
  );

/** The error of a request whose body fails while it is sent. */
async function failingBare(make: Failing, send: (body: Body) => Promise<unknown>): Promise<unknown> {
  const { body, fail } = make();
  const error = outcome(send(body));
  await until(() => reached.begun === 1);
  fail();
  return error;
}

/** The error of a request whose body fails while it waits for its token. */
async function failingWhileWaiting(make: Failing, send: (body: Body) => Promise<unknown>): Promise<unknown> {
  const { body, fail } = make();
  const error = outcome(send(body));
  await until(() => endpoint.requests.length === 1);
  fail();
  if (body instanceof Stream) {
    // The token does not come, and the request fails all the same.
    const failed = await error;
    if (reached.begun > 1) throw new Error('the request was sent');
    return failed;
  }
  open();
  return error;
}

describe.each(Object.entries(FAILING))('%s while the token is awaited', (_, make) => {
  it.each(['http', 'fetch'] as const)('rejects the request as the %s adapter does', async (adapter) => {
    const bare = await failingBare(make, (body) => create({ baseURL: url }).post('/up', body, { adapter }));
    const ours = await failingWhileWaiting(make, (body) => http.post('/up', body, { adapter }));
    expect(seen(ours)).toEqual(seen(bare));
    expect(received).toEqual([]);
  });

  it('rejects fetch as fetch does', async () => {
    const bare = await failingBare(make, (body) => fetch(url, { method: 'POST', body, duplex: 'half' }));
    const ours = await failingWhileWaiting(make, (body) => client.fetch(url, { method: 'POST', body }));
    expect(seen(ours).slice(0, 4)).toEqual(seen(bare).slice(0, 4));
    expect((ours as Error).cause).toMatchObject({ isAxiosError: true });
    expect(received).toEqual([]);
  });
});

describe.each([
  ['a stream of the web that fails', STREAM_OF_THE_WEB],
  ['a generator that fails', GENERATOR],
] as const)('%s while the token is awaited', (_, make) => {
  it('rejects fetch as fetch does', async () => {
    const bare = await failingBare(make, (body) => fetch(url, { method: 'POST', body, duplex: 'half' }));
    const ours = await failingWhileWaiting(make, (body) => client.fetch(url, { method: 'POST', body }));
    expect(seen(ours).slice(0, 4)).toEqual(seen(bare).slice(0, 4));
    expect((ours as { cause: Error }).cause.message).toBe('broken');
    await until(() => reached.open === 0);
    expect(received).toEqual([]);
  });
});

it('a stream of the web that fails while the token is awaited rejects the request as the fetch adapter does', async () => {
  const adapter = 'fetch';
  const bare = await failingBare(STREAM_OF_THE_WEB, (body) => create({ baseURL: url }).post('/', body, { adapter }));
  const ours = await failingWhileWaiting(STREAM_OF_THE_WEB, (body) => http.post('/', body, { adapter }));
  expect(seen(ours)).toEqual(seen(bare));
});

const file = () => createReadStream('/missing/file');

const form = async () => {
  const { default: FormDataOfNode } = await import('form-data');
  const data = new FormDataOfNode();
  data.append('file', file());
  return data;
};

describe('a file that does not exist', () => {
  it.each(['http', 'fetch'] as const)('rejects the request as the %s adapter does', async (adapter) => {
    const bare = await outcome(create({ baseURL: url }).post('/up', file(), { adapter }));
    const ours = await outcome(http.post('/up', file(), { adapter }));
    expect(seen(ours)).toEqual(seen(bare));
    expect(reached).toEqual({ begun: 0, open: 0 });
  });

  it('rejects fetch', async () => {
    await expect(client.fetch(url, { method: 'POST', body: file() })).rejects.toMatchObject({
      message: 'fetch failed',
      cause: { code: 'ENOENT' },
    });
  });

  it('in a multipart form rejects the request as the http adapter does', async () => {
    const bare = await outcome(create({ baseURL: url }).post('/up', await form()));
    const ours = outcome(http.post('/up', await form()));
    await until(() => endpoint.requests.length === 1);
    open();
    expect(seen(await ours)).toEqual(seen(bare));
  });
});

describe('a body that was destroyed before its request', () => {
  it.each(['http', 'fetch'] as const)('rejects the request, with the token in memory: %s', async (adapter) => {
    open();
    await client.getToken({ target: 'shop' });
    const body = new PassThrough();
    body.write('a');
    body.destroy();
    await nextTurn();
    await expect(http.post('/up', body, { adapter })).rejects.toMatchObject({ isAxiosError: true });
    expect(reached).toEqual({ begun: 0, open: 0 });
  });

  it('is sent empty if it was read to its end', async () => {
    open();
    const body = Readable.from(['a']);
    await body.toArray();
    await http.post('/up', body);
    expect(received).toEqual(['']);
  });
});

describe('a body that is fine', () => {
  const events = ['error', 'close', 'end', 'data'];
  const listeners = (body: Stream) => events.map((event) => body.listenerCount(event));

  it.each<[string, (body: Readable) => Promise<unknown>]>([
    ['http', (body) => http.post('/up', body, { adapter: 'http' })],
    ['fetch adapter', (body) => http.post('/up', body, { adapter: 'fetch' })],
    ['fetch', (body) => client.fetch(url, { method: 'POST', body })],
  ])('is sent after the wait, and keeps no listener of ours: %s', async (name, send) => {
    const bare = Readable.from(['text']);
    await create({ baseURL: url }).post('/', bare, { adapter: name === 'fetch adapter' ? 'fetch' : 'http' });
    const body = Readable.from(['text']);
    const sent = send(body);
    await until(() => endpoint.requests.length === 1);
    open();
    await sent;
    expect(received).toEqual(['text', 'text']);
    expect(listeners(body)).toEqual(listeners(bare));
  });

  it.each<[string, () => Body]>([
    ['a Blob', () => new Blob(['text'])],
    ['bytes', () => Buffer.from('text')],
    ['a text', () => 'text'],
  ])('is sent after the wait: %s', async (_, make) => {
    for (const send of [() => http.post('/up', make()), () => client.fetch(url, { method: 'POST', body: make() })]) {
      const sent = send();
      await until(() => endpoint.requests.length === 1);
      open();
      await sent;
    }
    expect(received).toEqual(['text', 'text']);
  });
});

describe('a request that is cancelled while it waits', () => {
  it.each<[string, (body: Readable, signal: AbortSignal) => Promise<unknown>]>([
    ['http', (body, signal) => http.post('/up', body, { signal, adapter: 'http' })],
    ['fetch adapter', (body, signal) => http.post('/up', body, { signal, adapter: 'fetch' })],
    ['fetch', (body, signal) => client.fetch(url, { method: 'POST', body, signal })],
  ])('survives an error that its body has later: %s', async (_, send) => {
    const controller = new AbortController();
    const body = new PassThrough();
    const sent = outcome(send(body, controller.signal));
    await until(() => endpoint.requests.length === 1);
    controller.abort();
    expect(['CanceledError', 'AbortError']).toContain(((await sent) as Error).name);
    body.destroy(new Error('later'));
    await nextTurn();
    expect(reached).toEqual({ begun: 0, open: 0 });
  });

  it('closes a stream of the web and ends a generator, as fetch does', async () => {
    let closed = 0;
    const web = new ReadableStream({ cancel: () => void (closed += 1) });
    const controller = new AbortController();
    const { signal } = controller;
    const both = [
      outcome(http.post('/up', web, { signal, adapter: 'fetch' })),
      outcome(
        client.fetch(url, {
          method: 'POST',
          body: new ReadableStream({ cancel: () => void (closed += 1) }),
          signal,
        }),
      ),
    ];
    await until(() => endpoint.requests.length === 1);
    controller.abort();
    await Promise.all(both);
    await until(() => closed === 2);
    expect(reached.begun).toBe(0);
  });

  it('ends although the body of its Request hangs', async () => {
    const controller = new AbortController();
    const request = new Request(url, { method: 'POST', body: new ReadableStream(), duplex: 'half' });
    const sent = outcome(client.fetch(request, { signal: controller.signal }));
    controller.abort(new Error('enough'));
    expect(await sent).toMatchObject({ message: 'enough' });
  });
});

it('a Request whose body fails rejects fetch as fetch does', async () => {
  const { body, fail } = STREAM_OF_THE_WEB();
  const request = new Request(url, { method: 'POST', body, duplex: 'half' });
  const sent = outcome(client.fetch(request));
  fail();
  expect(await sent).toMatchObject({ name: 'TypeError', message: 'fetch failed', cause: { message: 'broken' } });
});

it('a body that fails after the target rejected its token leaves the 401 standing', async () => {
  open();
  await client.getToken({ target: 'shop' });
  endpoint.gate = new Promise((resolve) => (open = resolve));
  status = 401;
  const body = Readable.from(['text']);
  const sent = outcome(http.post('/up', body));
  await until(() => received.length === 1);
  body.destroy(new Error('late'));
  await nextTurn();
  open();
  expect(await sent).toMatchObject({ response: { status: 401 } });
});

it.each(['http', 'fetch'] as const)(
  'a file that changes between the 401 and the second request rejects it as the %s adapter does',
  async (adapter) => {
    open();
    await client.getToken({ target: 'shop' });
    endpoint.gate = new Promise((resolve) => (open = resolve));
    status = 401;
    const folder = await mkdtemp(join(tmpdir(), 'body-'));
    const path = join(folder, 'file');
    await writeFile(path, 'text');
    const body = await openAsBlob(path);
    const sent = outcome(http.post('/up', body, { adapter }));
    await until(() => endpoint.requests.length === 2);
    await appendFile(path, 'more');
    open();
    const ours = await sent;
    const bare = await outcome(create({ baseURL: url }).post('/up', body, { adapter }));
    expect(seen(ours)).toEqual(seen(bare));
    expect(received).toEqual(['text']);
    await until(() => reached.open === 0);
    await rm(folder, { recursive: true });
  },
);
