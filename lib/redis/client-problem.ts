import { describeValue } from '../validation/problems.js';

/** What is wrong with a client, and the line to write instead. */
export interface ClientProblem {
  readonly problem: string;
  readonly remedy: string;
}

const IOREDIS = 'client: new Redis(redisUrl), // from ioredis';
const NODE_REDIS = 'client: await createClient({ url: redisUrl }).connect(), // from redis';

/** Tells clients of ioredis and of `redis` from anything else, by their members. `undefined` if it can be used. */
export function clientProblem(client: unknown): ClientProblem | undefined {
  const members = Object(client) as Record<string, unknown>;
  const { isOpen, status, options } = members;
  if (typeof members['then'] === 'function') return { problem: 'is a promise', remedy: NODE_REDIS };
  if (typeof members['eval'] !== 'function') return unknownClient(client);
  if (typeof status === 'string') return undefined;
  if (isLegacy(options) || (isOpen === undefined && typeof members['sendCommand'] === 'function')) {
    return { problem: 'is a client of redis in legacy mode, which gives no promises', remedy: NODE_REDIS };
  }
  if (typeof isOpen !== 'boolean') return unknownClient(client);
  return isOpen ? undefined : { problem: 'is a client of redis that is not connected', remedy: NODE_REDIS };
}

function unknownClient(client: unknown): ClientProblem {
  const problem = `${describeValue(client)}, and not a client of ioredis or redis`;
  return { problem, remedy: `${IOREDIS}\n${NODE_REDIS}` };
}

function isLegacy(options: unknown): boolean {
  return (Object(options) as { legacyMode?: unknown }).legacyMode === true;
}
