import { once } from 'node:events';
import { createServer, IncomingMessage, ServerResponse, type Server } from 'node:http';
import {
  connect as connectHttp2,
  constants,
  createServer as createHttp2Server,
  type Http2ServerRequest,
  type Http2ServerResponse,
} from 'node:http2';
import { connect, Socket, type AddressInfo } from 'node:net';
import { Writable } from 'node:stream';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { onceEnded } from '../../../../lib/resource-server/caller-contexts/response-end.js';
import { closedGate } from '../../../support/closed-gate.js';
import { until } from '../../../support/until.js';

let server: Server;
let ended: Set<string>;
/** Listeners of the connection after each request. */
let listeners: number[];

/** `/now` is answered at once, `/late` when the next request comes, and `/never` is not. */
let answerLate: () => void;

beforeEach(async () => {
  const here = new Set<string>();
  ended = here;
  listeners = [];
  server = createServer((request, response) => {
    const { url = '', socket } = request;
    answerLate?.();
    onceEnded(request, response, () => here.add(url));
    listeners.push(socket.listenerCount('close'));
    if (url.startsWith('/now')) response.end();
    if (url.startsWith('/late')) answerLate = () => response.end();
  });
  answerLate = () => undefined;
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
});

afterEach(() => {
  server.closeAllConnections();
  server.close();
});

/** A connection on which requests are sent at once, none waiting for the response before it. */
function pipeline(...paths: readonly string[]): Socket {
  const { port } = server.address() as AddressInfo;
  const socket = connect(port, '127.0.0.1');
  socket.write(paths.map((path) => `GET ${path} HTTP/1.1\r\nHost: localhost\r\n\r\n`).join(''));
  return socket.resume();
}

/** A server of HTTP/2, whose responses are watched once the client has given up, or before. */
async function overHttp2(whenWatched: 'before' | 'after'): Promise<void> {
  const here = ended;
  const begun = closedGate();
  const watch = (request: Http2ServerRequest, response: Http2ServerResponse): void => {
    const like = [request, response] as unknown as [IncomingMessage, ServerResponse];
    onceEnded(...like, () => here.add(whenWatched));
  };
  const http2 = createHttp2Server((request, response) => {
    if (whenWatched === 'before') watch(request, response);
    response.once('close', () => {
      if (whenWatched === 'after') setImmediate(watch, request, response);
    });
    begun.open();
  });
  http2.listen(0, '127.0.0.1');
  await once(http2, 'listening');
  const session = connectHttp2(`http://127.0.0.1:${(http2.address() as AddressInfo).port}`);
  const stream = session.request({ ':path': '/' }).on('error', () => undefined);
  await begun.opened;
  expect([...ended]).toEqual([]);
  stream.close(constants.NGHTTP2_CANCEL);
  await until(() => ended.has(whenWatched));
  session.destroy();
  http2.close();
}

describe('a response has ended', () => {
  it('when it has been sent', async () => {
    pipeline('/now', '/never');
    await until(() => ended.has('/now'));
    expect([...ended]).toEqual(['/now']);
  });

  it('when the client has disconnected, also if it waits for responses before it (claim 9.3)', async () => {
    const socket = pipeline('/never', '/now-2', '/never-3');
    await until(() => listeners.length === 3);
    expect([...ended]).toEqual([]);
    socket.destroy();
    await until(() => ended.size === 3);
  });

  it('only once for those that waited and were sent since', async () => {
    const socket = pipeline('/late', '/now-2', '/never-3');
    await until(() => ended.has('/late') && ended.has('/now-2'));
    ended.clear();
    socket.destroy();
    await until(() => ended.size > 0);
    expect([...ended]).toEqual(['/never-3']);
  });

  it('with one listener for all requests of a connection', async () => {
    pipeline('/never', ...Array.from({ length: 50 }, (_, index) => `/never-${index}`));
    await until(() => listeners.length === 51);
    expect(new Set(listeners.slice(1)).size).toBe(1);
  });

  it('before anybody asked, if the client disconnected after its request had come (claim 9.3)', async () => {
    server.removeAllListeners('request').on('request', (request: IncomingMessage, response: ServerResponse) => {
      response.once('close', () => setImmediate(() => onceEnded(request, response, () => ended.add('it'))));
      socket.destroy();
    });
    const socket = pipeline('/never');
    await until(() => ended.size > 0);
    expect([...ended]).toEqual(['it']);
  });

  it('before anybody asked, if the client had disconnected by then', async () => {
    const request = new IncomingMessage(new Socket());
    request.socket.destroy();
    onceEnded(request, new ServerResponse(request), () => ended.add('it'));
    expect([...ended]).toEqual(['it']);
  });

  it.each(['before', 'after'] as const)(
    'when the client has given up a stream of HTTP/2, if somebody asked %s that (claim 9.3)',
    overHttp2,
  );

  it('when it is complete, as functions of a cloud imitate a server that never closes (claim 9.3)', async () => {
    const request = new IncomingMessage(new Socket());
    const response = new ServerResponse(request);
    response.assignSocket(new Writable({ write: (_chunk, _encoding, done) => done() }) as Socket);
    onceEnded(request, response, () => ended.add('it'));
    expect([...ended]).toEqual([]);
    response.end('text');
    await until(() => ended.has('it'));
  });
});
