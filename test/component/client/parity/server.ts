import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { deflateSync, brotliCompressSync, gzipSync } from 'node:zlib';

/** A request as it arrived. Header names and values are as they were written. */
export interface Arrived {
  readonly method: string | undefined;
  readonly url: string | undefined;
  readonly headers: readonly string[];
  readonly body: string;
}

const TEXT = JSON.stringify({ text: 'ä'.repeat(50) });

/** By the last part of the path. */
const ANSWERS: Record<string, (response: ServerResponse, query: URLSearchParams) => unknown> = {
  json: (response) => response.writeHead(200, { 'content-type': 'application/json', 'x-mine': 'yes' }).end(TEXT),
  text: (response) => response.writeHead(200, { 'content-type': 'text/plain' }).end('plain'),
  bytes: (response) => response.writeHead(200).end(Buffer.from([0, 1, 254, 255])),
  bom: (response) => response.writeHead(200).end('\uFEFF{"bom":true}'),
  latin1: (response) => response.writeHead(200).end(Buffer.from('\u00e4\u00f6', 'latin1')),
  numbers: (response) => response.writeHead(200).end('{"big":12345678901234567890}'),
  broken: (response) => response.writeHead(200, { 'content-type': 'application/json' }).end('{"broken'),
  gzip: (response) => response.writeHead(200, { 'content-encoding': 'gzip' }).end(gzipSync(TEXT)),
  brotli: (response) => response.writeHead(200, { 'content-encoding': 'br' }).end(brotliCompressSync(TEXT)),
  deflate: (response) => response.writeHead(200, { 'content-encoding': 'deflate' }).end(deflateSync(TEXT)),
  nogzip: (response) => response.writeHead(200, { 'content-encoding': 'gzip' }).end('this is no gzip'),
  cookies: (response) => response.writeHead(200, { 'set-cookie': ['a=1', 'b=2'] }).end('{}'),
  status: (response, query) => response.writeHead(Number(query.get('code'))).end(query.get('body') ?? undefined),
  redirect: (response, query) =>
    response.writeHead(Number(query.get('code') ?? 302), { location: query.get('to') ?? '' }).end('moved'),
  never: () => undefined,
  drip: (response) => response.writeHead(200).write('{"half":'),
  reset: (response) => response.destroy(),
  cut: (response) => response.writeHead(200, { 'content-length': '99' }).write('{"half":', () => response.destroy()),
};

/** A server with an answer for every kind of call. */
export class ParityServer implements AsyncDisposable {
  readonly #server = createServer((request, response) => void this.#answer(request, response));
  #arrived: Arrived[] = [];
  url = '';
  #seen: (() => void) | undefined;

  static async start(): Promise<ParityServer> {
    const server = new ParityServer();
    await new Promise<void>((resolve) => server.#server.listen(0, '127.0.0.1', resolve));
    server.url = `http://127.0.0.1:${(server.#server.address() as AddressInfo).port}`;
    return server;
  }

  /** Resolves when the next request has arrived. */
  arrival(): Promise<void> {
    return new Promise((resolve) => (this.#seen = resolve));
  }

  /** What arrived since the last call. */
  take(): readonly Arrived[] {
    const arrived = this.#arrived;
    this.#arrived = [];
    return arrived;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { method, url = '', rawHeaders } = request;
    const chunks: Buffer[] = [];
    try {
      for await (const chunk of request) chunks.push(chunk as Buffer);
    } catch {
      return;
    }
    const headers = rawHeaders.flatMap((name, index) => (index % 2 ? [] : [`${name}: ${rawHeaders[index + 1]}`]));
    this.#arrived.push({ method, url, headers, body: Buffer.concat(chunks).toString('latin1') });
    this.#seen?.();
    const { pathname, searchParams } = new URL(url, 'http://x');
    const answer = ANSWERS[pathname.split('/').at(-1) ?? ''] ?? ANSWERS['json'];
    answer?.(response, searchParams);
  }
}
