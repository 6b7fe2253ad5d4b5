import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';

/** What a proxy does to an answer. Cutting and corrupting begin with so many bytes of it. */
export type Disturbance =
  | { readonly kind: 'none' }
  | { readonly kind: 'refuse' }
  | { readonly kind: 'cut'; readonly after: number }
  | { readonly kind: 'corrupt'; readonly after: number }
  | { readonly kind: 'delay'; readonly milliseconds: number }
  | { readonly kind: 'swallow' };

/** A TCP proxy on loopback that disturbs one connection after the other, as it is told. */
export class TcpProxy implements AsyncDisposable {
  readonly #sockets = new Set<Socket>();
  /** How many connections came. */
  connections = 0;

  private constructor(
    private readonly server: Server,
    readonly url: string,
  ) {}

  /** @param disturbance of the so-manieth connection */
  static async start(target: URL, disturbance: (connection: number) => Disturbance): Promise<TcpProxy> {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const proxy = new TcpProxy(server, `http://127.0.0.1:${(server.address() as AddressInfo).port}`);
    server.on('connection', (socket) => proxy.#serve(socket, target, disturbance((proxy.connections += 1))));
    return proxy;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    await new Promise((resolve) => this.server.close(resolve));
  }

  #serve(client: Socket, target: URL, disturbance: Disturbance): void {
    const upstream = connect(Number(target.port), target.hostname);
    for (const socket of [client, upstream]) {
      this.#sockets.add(socket);
      socket.on('error', () => undefined).on('close', () => [client, upstream].forEach((other) => other.destroy()));
    }
    if (disturbance.kind === 'refuse') client.destroy();
    client.pipe(upstream);
    let seen = 0;
    upstream.on('data', (chunk: Buffer) => {
      const start = seen;
      seen += chunk.length;
      this.#answer(client, chunk, start, disturbance);
    });
  }

  #answer(client: Socket, chunk: Buffer, start: number, disturbance: Disturbance): void {
    switch (disturbance.kind) {
      case 'cut': {
        const left = disturbance.after - start;
        if (left >= chunk.length) client.write(chunk);
        else client.end(chunk.subarray(0, Math.max(0, left)));
        return;
      }
      case 'corrupt':
        for (let index = Math.max(0, disturbance.after - start); index < chunk.length; index++) chunk[index] = 0x3f;
        client.write(chunk);
        return;
      case 'delay':
        setTimeout(() => client.write(chunk), disturbance.milliseconds);
        return;
      case 'swallow':
        return;
      case 'none':
      case 'refuse':
      default:
        client.write(chunk);
    }
  }
}
