export { redisTokenStore } from './create-redis-token-store.js';
export type { RedisTokenStoreClient } from './redis-client.js';
export type { M2MRedisTokenStoreOptions, TokenEncryptionKey } from './redis-token-store-options.js';
