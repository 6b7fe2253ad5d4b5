export { redisTokenStore } from './create-redis-token-store.js';
export type { IoredisClient, NodeRedisClient, NodeRedisCluster, RedisTokenStoreClient } from './redis-client.js';
export type { M2MRedisTokenStoreOptions, TokenEncryptionKey } from './redis-token-store-options.js';
