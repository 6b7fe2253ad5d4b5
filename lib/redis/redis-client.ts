/** As much of an ioredis client as the store uses: `Redis`, also with sentinels, or `Cluster`. */
export interface IoredisClient {
  /** The state of its connection. */
  readonly status: string;
  /** Runs a Lua script. */
  eval(script: string, numberOfKeys: number, ...keysAndArguments: string[]): Promise<unknown>;
}

/** As much of a client of the package `redis` as the store uses: from `createClient`, `createClientPool` or `createSentinel`. */
export interface NodeRedisClient {
  /** Whether `connect()` was called. */
  readonly isOpen: boolean;
  /** Whether commands can be sent. Pools do not tell. */
  readonly isReady?: boolean | undefined;
  /** Runs a Lua script. */
  eval(script: string, options: { keys: string[]; arguments: string[] }): Promise<unknown>;
}

/** As much of a cluster of the package `redis` as the store uses: from `createCluster`. */
export interface NodeRedisCluster {
  /** Whether `connect()` was called. */
  readonly isOpen: boolean;
  /** Its nodes. */
  readonly masters: readonly unknown[];
  /** Sends a command to the node that keeps a key. */
  sendCommand(firstKey: string, isReadonly: boolean, command: string[]): Promise<unknown>;
}

/** A client of ioredis 5 or 6, or of `redis` 4, 5 or 6. */
export type RedisTokenStoreClient = IoredisClient | NodeRedisClient | NodeRedisCluster;

/** In these states ioredis would queue a command, and run it when nobody waits for it any more. */
const DISCONNECTED: ReadonlySet<string> = new Set(['reconnecting', 'close', 'end']);

/**
 * Runs a script on one key, so that it works in a cluster too. It is sent whole: a server that took over from another
 * one knows no script of that.
 *
 * @throws an error that shows no arguments; those of the clients do
 */
export async function runScript(
  client: RedisTokenStoreClient,
  script: string,
  key: string,
  values: string[],
): Promise<unknown> {
  const state = unusableState(client);
  if (state !== undefined) throw redisError(state);
  try {
    if ('status' in client) return await client.eval(script, 1, key, ...values);
    // The eval of a cluster of redis 4 asks any node.
    if ('masters' in client) return await client.sendCommand(key, false, ['EVAL', script, '1', key, ...values]);
    return await client.eval(script, { keys: [key], arguments: values });
  } catch (error) {
    throw redisError(safeReason(error));
  }
}

function unusableState(client: RedisTokenStoreClient): string | undefined {
  if ('status' in client) return DISCONNECTED.has(client.status) ? client.status : undefined;
  if (!client.isOpen) return 'closed';
  return 'isReady' in client && client.isReady === false ? 'not ready' : undefined;
}

/** Redis cannot be used now. The name says why, because events publish the name of an error that is not ours. */
function redisError(reason: string): Error {
  return Object.assign(new Error('Redis cannot be used now'), { name: `RedisError ${reason}` });
}

/** A reason that is safe to show. Redis says it in the first word (`NOAUTH`, `OOM`), and may repeat the command after it. */
function safeReason(error: unknown): string {
  if (!(error instanceof Error)) return typeof error;
  return /^[A-Z]{2,}\b/.exec(error.message)?.[0] ?? (error.name === 'Error' ? error.constructor.name : error.name);
}
