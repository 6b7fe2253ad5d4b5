import { createServer, type IncomingMessage, type RequestListener, type Server, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { TLSSocket } from 'node:tls';
import type { Answer, ReceivedRequest } from './received-request.js';

const HOST = '127.0.0.1';

/** A listening socket on the loopback interface that can close and come back at the same port. */
export class LoopbackListener {
  private constructor(
    private readonly server: Server,
    readonly origin: string,
    private readonly port: number,
  ) {}

  /** Listens; port 0 is a free one. */
  static async start(
    port: number,
    tls: { readonly cert: string; readonly key: string } | undefined,
  ): Promise<LoopbackListener> {
    const server = tls ? createTlsServer({ ...tls, requestCert: true, rejectUnauthorized: false }) : createServer();
    await listen(server, port);
    const bound = (server.address() as AddressInfo).port;
    return new LoopbackListener(server, `${tls ? 'https' : 'http'}://${HOST}:${bound}`, bound);
  }

  /** Sets what answers requests. */
  answer(listener: RequestListener): void {
    this.server.on('request', listener);
  }

  async close(): Promise<void> {
    if (!this.server.listening) return;
    const closed = new Promise((resolve) => this.server.close(resolve));
    this.server.closeAllConnections();
    await closed;
  }

  async reopen(): Promise<void> {
    if (!this.server.listening) await listen(this.server, this.port);
  }
}

function listen(server: Server, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, HOST, () => {
      server.off('error', reject);
      resolve();
    });
  });
}

export async function receive(message: IncomingMessage): Promise<ReceivedRequest> {
  const chunks: Buffer[] = [];
  for await (const chunk of message) chunks.push(chunk as Buffer);
  const { socket } = message;
  return {
    method: message.method ?? '',
    path: new URL(message.url ?? '', 'http://localhost').pathname,
    headers: Object.fromEntries(Object.entries(message.headers).map(([name, value]) => [name, String(value)])),
    body: Buffer.concat(chunks).toString(),
    certificate: socket instanceof TLSSocket ? socket.getPeerX509Certificate() : undefined,
  };
}

export function send(response: ServerResponse, { status, headers, body }: Answer): void {
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  const type = typeof body === 'string' ? 'text/plain' : 'application/json';
  response.writeHead(status, { ...(text && { 'content-type': `${type}; charset=utf-8` }), ...headers }).end(text);
}
