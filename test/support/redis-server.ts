import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Redis, type RedisOptions } from 'ioredis';
import { hasPrinted, kill } from './child-process.js';
import { describeWith } from './describe-with.js';
import { freePort } from './free-port.js';

/** `describe` for tests with a real redis-server; they are skipped if it is missing, but not in CI. */
export const describeWithRedis = describeWith('a real redis-server', 'redis-server', [
  ['redis-server', spawnSync('redis-server', ['--version']).status === 0],
]);

type Kind = 'standalone' | 'cluster' | 'sentinel' | 'tls';

/** A client of ioredis or `redis`. */
interface TestClient {
  readonly isOpen?: boolean;
  connect?(): Promise<unknown>;
  destroy?(): void;
  disconnect(): unknown;
  on(event: 'error', listener: () => void): unknown;
}

/** A real redis-server on a free port of the loopback interface, which keeps nothing on disk. */
export class TestRedisServer implements AsyncDisposable {
  readonly #clients: TestClient[] = [];
  #own: Redis | undefined;
  #process: ChildProcess | undefined;

  private constructor(
    readonly port: number,
    /** For the other nodes of a cluster. */
    readonly busPort: number,
    private readonly directory: string,
    private readonly options: readonly string[],
  ) {}

  /**
   * @param kind `cluster`: a node that has no slots yet
   * @param more options of redis-server, or lines of the file of a sentinel
   */
  static async start(kind: Kind = 'standalone', more: readonly string[] = []): Promise<TestRedisServer> {
    const [port, busPort] = [await freePort(), await freePort()];
    const directory = mkdtempSync(join(tmpdir(), 'nestjs-m2m-redis-'));
    const options = ['--bind', '127.0.0.1', '--port', String(port), '--save', '', '--dir', directory];
    if (kind === 'tls') options.push('--port', '0', '--tls-port', String(port));
    if (kind === 'cluster') {
      options.push('--cluster-enabled', 'yes', '--cluster-port', String(busPort));
      options.push('--cluster-announce-ip', '127.0.0.1');
    }
    if (kind === 'sentinel') {
      const file = join(directory, 'sentinel.conf');
      writeFileSync(file, more.join('\n'));
      options.unshift(file);
      options.push('--sentinel');
    } else options.push(...more);
    const server = new TestRedisServer(port, busPort, directory, options);
    await server.run();
    return server;
  }

  /** Starts it, or starts it again on the same port, empty. */
  async run(): Promise<void> {
    const child = spawn('redis-server', this.options, { stdio: ['ignore', 'pipe', 'inherit'] });
    this.#process = child;
    await hasPrinted(child.stdout, ['Ready to accept connections', '+monitor master']);
  }

  /** An ioredis client that goes away with the server. */
  connect(options: RedisOptions = {}): Redis {
    return this.with(new Redis({ host: '127.0.0.1', port: this.port, disconnectTimeout: 10, ...options }));
  }

  /** One client of the tests' own, to see and do things in Redis. */
  get own(): Redis {
    return (this.#own ??= this.connect());
  }

  /** A client of ioredis that goes away with the server. */
  with<Client extends TestClient>(client: Client): Client {
    client.on('error', () => undefined);
    this.#clients.push(client);
    return client;
  }

  /** A client of ioredis or `redis` that goes away with the server, connected. */
  async open<Client extends TestClient>(client: Client): Promise<Client> {
    this.with(client);
    if (client.isOpen === false) await client.connect?.();
    return client;
  }

  /** It takes connections and commands, and answers nothing until it is resumed. */
  pause(): void {
    this.#process?.kill('SIGSTOP');
  }

  resume(): void {
    this.#process?.kill('SIGCONT');
  }

  stop(): Promise<void> {
    return kill(this.#process);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const client of this.#clients) {
      if (client.isOpen === false) continue;
      if (client.destroy) client.destroy();
      else await client.disconnect();
    }
    await this.stop();
    rmSync(this.directory, { recursive: true });
  }
}
