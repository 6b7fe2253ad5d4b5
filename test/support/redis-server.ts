import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { describe } from '@jest/globals';
import { Redis, type RedisOptions } from 'ioredis';
import { until } from './until.js';

const isInstalled = spawnSync('redis-server', ['--version']).status === 0;
const isRequired = process.env['CI'] === 'true';
if (!isInstalled && !isRequired) {
  process.stderr.write('redis-server is not installed (Debian: apt-get install redis-server): its tests are skipped\n');
}

/** `describe` for tests with a real redis-server; they are skipped where there is none, but not in CI. */
export const describeWithRedis = isInstalled || isRequired ? describe : describe.skip;

/** A real redis-server on a free port of the loopback interface, which keeps nothing on disk. */
export class TestRedisServer implements AsyncDisposable {
  readonly #clients: { disconnect(): void }[] = [];
  #process: ChildProcess | undefined;

  private constructor(
    readonly port: number,
    private readonly directory: string,
    private readonly options: readonly string[],
  ) {}

  /** @param kind `cluster`: one of a single node */
  static async start(kind: 'standalone' | 'cluster' = 'standalone'): Promise<TestRedisServer> {
    const port = await freePort();
    const directory = mkdtempSync(join(tmpdir(), 'nestjs-m2m-redis-'));
    const options = ['--bind', '127.0.0.1', '--port', String(port), '--save', '', '--dir', directory];
    if (kind === 'cluster') {
      const busPort = String(await freePort());
      options.push('--cluster-enabled', 'yes', '--cluster-port', busPort, '--cluster-announce-ip', '127.0.0.1');
    }
    const server = new TestRedisServer(port, directory, options);
    await server.run();
    if (kind === 'cluster') await server.#formCluster();
    return server;
  }

  /** Starts it, or starts it again on the same port, empty. */
  async run(): Promise<void> {
    const child = spawn('redis-server', this.options, { stdio: ['ignore', 'pipe', 'inherit'] });
    this.#process = child;
    for await (const line of createInterface(child.stdout)) {
      if (line.includes('Ready to accept connections')) {
        child.stdout.resume();
        return;
      }
    }
    throw new Error('redis-server did not start');
  }

  /** An ioredis client that goes away with the server. */
  connect(options: RedisOptions = {}): Redis {
    return this.with(new Redis({ host: '127.0.0.1', port: this.port, disconnectTimeout: 10, ...options }));
  }

  /** A client that goes away with the server. */
  with<Client extends { disconnect(): void; on(event: 'error', listener: () => void): unknown }>(
    client: Client,
  ): Client {
    client.on('error', () => undefined);
    this.#clients.push(client);
    return client;
  }

  /** It takes connections and commands, and answers nothing until it is resumed. */
  pause(): void {
    this.#process?.kill('SIGSTOP');
  }

  resume(): void {
    this.#process?.kill('SIGCONT');
  }

  async stop(): Promise<void> {
    const child = this.#process;
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    const exited = once(child, 'exit');
    child.kill('SIGKILL');
    await exited;
  }

  async #formCluster(): Promise<void> {
    const client = this.connect();
    await client.cluster('ADDSLOTSRANGE', 0, 16_383);
    await until(async () => (await client.cluster('INFO')).includes('cluster_state:ok'));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const client of this.#clients) client.disconnect();
    await this.stop();
    rmSync(this.directory, { recursive: true });
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  return port;
}
