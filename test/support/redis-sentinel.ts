import { TestRedisServer } from './redis-server.js';
import { until } from './until.js';

/** A master and a replica, and a sentinel that promotes the replica soon after the master is gone. */
export class TestRedisSentinel implements AsyncDisposable {
  /** The name that the sentinel has for the master. */
  static readonly group = 'm2m';

  private constructor(
    readonly master: TestRedisServer,
    readonly replica: TestRedisServer,
    readonly sentinel: TestRedisServer,
  ) {}

  static async start(): Promise<TestRedisSentinel> {
    const master = await TestRedisServer.start('standalone', ['--repl-diskless-sync-delay', '0']);
    const replica = await TestRedisServer.start('standalone', ['--replicaof', '127.0.0.1', String(master.port)]);
    const { group } = TestRedisSentinel;
    const sentinel = await TestRedisServer.start('sentinel', [
      `sentinel monitor ${group} 127.0.0.1 ${master.port} 1`,
      `sentinel down-after-milliseconds ${group} 300`,
      `sentinel failover-timeout ${group} 5000`,
    ]);
    const started = new TestRedisSentinel(master, replica, sentinel);
    await until(async () => (await replica.own.info('replication')).includes('master_link_status:up'));
    await until(async () => (await started.#group()).includes('num-slaves,1'));
    return started;
  }

  /** Kills the master, and waits until the replica has taken over. */
  async failOver(): Promise<void> {
    await this.master.stop();
    await until(async () => (await this.replica.own.info('replication')).includes('role:master'));
    await until(async () => (await this.#group()).includes(`port,${this.replica.port}`));
  }

  async #group(): Promise<string> {
    return String(await this.sentinel.own.call('SENTINEL', 'MASTER', TestRedisSentinel.group));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const servers = [this.sentinel, this.replica, this.master];
    await Promise.all(servers.map((server) => server[Symbol.asyncDispose]()));
  }
}
