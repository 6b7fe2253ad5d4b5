/** As much of an ioredis client, `Redis` or `Cluster`, 5 or 6, as the store uses. */
export interface RedisTokenStoreClient {
  /** The state of its connection. */
  readonly status: string;
  /** Runs a Lua script. */
  eval(script: string, numberOfKeys: number, ...keysAndArguments: string[]): Promise<unknown>;
}

/** In these states ioredis would queue a command, and run it when nobody waits for it any more. */
export const DISCONNECTED: ReadonlySet<string> = new Set(['reconnecting', 'close', 'end']);

/** Redis cannot be used now. The name says why, because events publish the name of an error that is not ours. */
export function redisError(reason: string): Error {
  return Object.assign(new Error('Redis cannot be used now'), { name: `RedisError ${reason}` });
}

/** A reason that is safe to show. Redis says it in the first word (`NOAUTH`, `OOM`), and may repeat the command after it. */
export function safeReason(error: unknown): string {
  if (!(error instanceof Error)) return typeof error;
  return /^[A-Z]{2,}\b/.exec(error.message)?.[0] ?? error.name;
}
