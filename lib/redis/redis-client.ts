/** As much of an ioredis client, `Redis` or `Cluster`, 5 or 6, as the store uses. */
export interface RedisTokenStoreClient {
  /** The state of its connection. */
  readonly status: string;
  /** Runs a Lua script. */
  eval(script: string, numberOfKeys: number, ...keysAndArguments: string[]): Promise<unknown>;
}

/** In these states ioredis would queue a command, and run it when nobody waits for it any more. */
const DISCONNECTED = new Set(['reconnecting', 'close', 'end']);

/** Redis cannot be used now. The name says why, because events publish the name of an error that is not ours. */
function redisError(reason: string): Error {
  return Object.assign(new Error('Redis cannot be used now'), { name: `RedisError ${reason}` });
}

/**
 * Runs a script on one key, so that it works in a cluster too.
 *
 * @throws Error without the arguments, which the errors of ioredis show
 */
export async function runScript(
  client: RedisTokenStoreClient,
  script: string,
  key: string,
  ...values: string[]
): Promise<unknown> {
  if (DISCONNECTED.has(client.status)) throw redisError(client.status);
  try {
    return await client.eval(script, 1, key, ...values);
  } catch (error) {
    throw redisError(safeReason(error));
  }
}

/** Redis says its reason in the first word (`NOAUTH`, `OOM`), and may repeat the command after it. */
function safeReason(error: unknown): string {
  if (!(error instanceof Error)) return typeof error;
  return /^[A-Z]{2,}\b/.exec(error.message)?.[0] ?? error.name;
}
