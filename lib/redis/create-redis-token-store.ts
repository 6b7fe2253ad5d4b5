import { identifiedLogger } from '../events/identified-logger.js';
import { LOG_IDS } from '../events/log-ids.js';
import { describeValue, Problems } from '../validation/problems.js';
import type { TokenStore } from '../options/token-store.js';
import { clientProblem } from './client-problem.js';
import { encryptedEnvelope } from './encrypted-envelope.js';
import { readEncryptionKeys } from './encryption-keys.js';
import { clearEnvelope } from './envelope.js';
import type { M2MRedisTokenStoreOptions } from './redis-token-store-options.js';
import { RedisTokenStore } from './redis-token-store.js';

const DEFAULT_PREFIX = 'nestjs-m2m:';

/**
 * Keeps tokens in Redis, so that all processes of a service share one. The `tokenStore` of a client.
 *
 * @throws M2MConfigurationError
 * @see {@link https://github.com/redis/ioredis ioredis}
 * @see {@link https://github.com/redis/node-redis redis}
 */
export function redisTokenStore(options: M2MRedisTokenStoreOptions): TokenStore {
  const { client, encryptionKey, prefix = DEFAULT_PREFIX } = options;
  const problems = new Problems();
  const wrong = clientProblem(client);
  if (wrong) problems.add('redisTokenStore.client', wrong.problem, wrong.remedy);
  if (typeof prefix !== 'string') {
    problems.add('redisTokenStore.prefix', describeValue(prefix), `prefix: '${DEFAULT_PREFIX}',`);
  }
  const [newest, ...older] = encryptionKey === null ? [] : readEncryptionKeys(encryptionKey, problems);
  problems.throwIfAny();
  if (newest) return new RedisTokenStore(client, encryptedEnvelope(newest, older, prefix), prefix);
  const line = 'encryptionKey is null: access tokens stand in Redis in clear text';
  identifiedLogger('RedisTokenStore').warn(LOG_IDS.CLEAR_TEXT_STORE, line);
  return new RedisTokenStore(client, clearEnvelope, prefix);
}
