import { TestRedisServer } from './redis-server.js';
import { until } from './until.js';

const SLOTS = 16_384;

/** A Redis cluster of masters, each with a share of the slots. */
export class TestRedisCluster implements AsyncDisposable {
  private constructor(readonly servers: readonly TestRedisServer[]) {}

  static async start(size: number): Promise<TestRedisCluster> {
    const servers = await Promise.all(Array.from({ length: size }, () => TestRedisServer.start('cluster')));
    const clients = servers.map((server) => server.own);
    for (const [index, client] of clients.entries()) {
      await client.call('CLUSTER', 'SET-CONFIG-EPOCH', String(index + 1));
      const first = Math.round((index * SLOTS) / size);
      await client.cluster('ADDSLOTSRANGE', first, Math.round(((index + 1) * SLOTS) / size) - 1);
    }
    for (const { port, busPort } of servers.slice(1)) {
      await clients[0]?.call('CLUSTER', 'MEET', '127.0.0.1', String(port), String(busPort));
    }
    await until(async () => {
      const infos = await Promise.all(clients.map((client) => client.cluster('INFO')));
      return infos.every((info) => info.includes('cluster_state:ok') && info.includes(`cluster_known_nodes:${size}`));
    });
    return new TestRedisCluster(servers);
  }

  get ports(): readonly number[] {
    return this.servers.map(({ port }) => port);
  }

  /** Names of the keys that are kept by each master. */
  keys(): Promise<string[][]> {
    return Promise.all(this.servers.map((server) => server.own.keys('*')));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.servers.map((server) => server[Symbol.asyncDispose]()));
  }
}
