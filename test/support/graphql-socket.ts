import { WebSocket } from 'ws';
import type { GraphqlAnswer } from './graphql-app.js';

/** What a server sent over a WebSocket of graphql-ws, or that it has closed the socket. */
export type SocketMessage =
  | { readonly type: 'next' | 'error' | 'complete'; readonly id: string; readonly payload?: unknown }
  | { readonly type: 'closed'; readonly code: number };

export interface SocketOptions {
  /** The `payload` of `connection_init`. */
  readonly params?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  /** Of the URL. */
  readonly search?: string;
}

/** A client that speaks `graphql-transport-ws` message by message. */
export class GraphqlSocket implements AsyncDisposable {
  readonly #messages: SocketMessage[] = [];
  readonly #waiting: ((message: SocketMessage) => void)[] = [];
  readonly #socket: WebSocket;

  private constructor(socket: WebSocket) {
    this.#socket = socket;
    socket.on('close', (code) => this.#take({ type: 'closed', code }));
  }

  /** Resolves once the server has acknowledged the connection. */
  static async open(url: string, { params, headers = {}, search = '' }: SocketOptions = {}): Promise<GraphqlSocket> {
    const at = `${url.replace('http', 'ws')}/graphql${search}`;
    const socket = new WebSocket(at, 'graphql-transport-ws', { headers });
    const self = new GraphqlSocket(socket);
    socket.on('open', () => self.send({ type: 'connection_init', payload: params }));
    await new Promise<void>((resolve, reject) => {
      socket.on('error', reject);
      socket.on('message', (data: Buffer) => {
        const message = JSON.parse(String(data)) as { type: string };
        if (message.type === 'connection_ack') resolve();
        else if (message.type === 'ping') self.send({ type: 'pong' });
        else self.#take(message as SocketMessage);
      });
    });
    return self;
  }

  send(message: object): void {
    this.#socket.send(JSON.stringify(message));
  }

  subscribe(id: string, query: string): void {
    this.send({ type: 'subscribe', id, payload: { query } });
  }

  /** The next message that was not read yet. */
  next(): Promise<SocketMessage> {
    const message = this.#messages.shift();
    return message ? Promise.resolve(message) : new Promise((resolve) => this.#waiting.push(resolve));
  }

  /** What one operation is answered first. */
  async ask(query: string, id = 'q'): Promise<GraphqlAnswer> {
    this.subscribe(id, query);
    const message = await this.next();
    if (message.type === 'closed') throw new Error(`closed with ${message.code}`);
    // Mercurius has the errors of a refused subscription in a list.
    return Array.isArray(message.payload) ? { errors: message.payload as never } : (message.payload as GraphqlAnswer);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#socket.readyState === WebSocket.CLOSED) return;
    await new Promise((resolve) => {
      this.#socket.once('close', resolve);
      this.#socket.terminate();
    });
  }

  #take(message: SocketMessage): void {
    const waiting = this.#waiting.shift();
    if (waiting) waiting(message);
    else this.#messages.push(message);
  }
}
