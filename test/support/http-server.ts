import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A request as a test server saw it. */
export interface SeenRequest {
  readonly method: string;
  readonly url: string;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}

/** A real HTTP server on a free port of the loopback interface, which remembers what it was asked. */
export class TestHttpServer implements AsyncDisposable {
  private constructor(
    private readonly server: Server,
    readonly url: string,
    /** What it was asked so far. */
    readonly requests: readonly SeenRequest[],
  ) {}

  static async start(answer: (request: SeenRequest, response: ServerResponse) => unknown): Promise<TestHttpServer> {
    const requests: SeenRequest[] = [];
    const listen = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
      const chunks: Buffer[] = [];
      try {
        for await (const chunk of request) chunks.push(chunk as Buffer);
      } catch {
        // Its sender is gone.
        return;
      }
      const { method = '', url = '', headers } = request;
      const seen = { method, url, headers, body: Buffer.concat(chunks).toString() };
      requests.push(seen);
      await answer(seen, response);
    };
    const server = createServer((request, response) => void listen(request, response));
    // A test that keeps a slow machine busy for seconds would otherwise meet connections that were just closed as idle.
    server.keepAliveTimeout = 0;
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return new TestHttpServer(server, `http://127.0.0.1:${(server.address() as AddressInfo).port}`, requests);
  }

  async stop(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }

  /** Listens again after it was stopped, on the same port. */
  run(): Promise<void> {
    return new Promise((resolve) => this.server.listen(Number(new URL(this.url).port), '127.0.0.1', resolve));
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.stop();
  }
}

/** Answers as another URL does, so that one endpoint of a server can go away alone. */
export function answersOf(url: string): (request: SeenRequest, response: ServerResponse) => Promise<void> {
  return async ({ method, headers, body }, response) => {
    const { authorization = '', 'content-type': type = '' } = headers;
    const sent = { authorization, ...(type && { 'content-type': type }) };
    const answer = await fetch(url, { method, headers: sent, ...(method === 'POST' && { body }) });
    response.writeHead(answer.status, { 'content-type': answer.headers.get('content-type') ?? '' });
    response.end(await answer.text());
  };
}

/** Answers with JSON. */
export function json(
  response: ServerResponse,
  status: number,
  body: unknown,
  headers: Record<string, string> = {},
): void {
  response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(body));
}

/** The client id and the secret of a Basic header, as they are sent: `id:secret`. */
export function basicCredentials({ authorization = '' }: IncomingMessage['headers']): string {
  return Buffer.from(authorization.slice('Basic '.length), 'base64').toString();
}
