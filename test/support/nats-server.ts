import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { hasPrinted, kill } from './child-process.js';
import { describeWith } from './describe-with.js';
import { freePort } from './free-port.js';

/** `describe` for tests with a real nats-server; they are skipped if it is missing, but not in CI. */
export const describeWithNats = describeWith('a real nats-server', 'nats-server', [
  ['nats-server', spawnSync('nats-server', ['--version']).status === 0],
]);

/** A real nats-server on a free port of the loopback interface, which lets in whoever has its token. */
export class TestNatsServer implements AsyncDisposable {
  #process: ChildProcess | undefined;

  private constructor(private readonly port: number) {}

  static async start(token: string): Promise<TestNatsServer> {
    const server = new TestNatsServer(await freePort());
    await server.restart(token);
    return server;
  }

  get address(): string {
    return `127.0.0.1:${this.port}`;
  }

  /** Ends it, and starts it again on the same port. */
  async restart(token: string): Promise<void> {
    await this.stop();
    const options = ['--addr', '127.0.0.1', '--port', String(this.port), '--auth', token];
    const child = spawn('nats-server', options, { stdio: ['ignore', 'ignore', 'pipe'] });
    this.#process = child;
    await hasPrinted(child.stderr, ['Server is ready']);
  }

  stop(): Promise<void> {
    return kill(this.#process);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.stop();
  }
}
