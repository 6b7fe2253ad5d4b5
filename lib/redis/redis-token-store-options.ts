import type { KeyObject } from 'node:crypto';
import type { RedisTokenStoreClient } from './redis-client.js';

/** 32 random bytes: as they are, in base64 (`openssl rand -base64 32`), or as a secret `KeyObject`. */
export type TokenEncryptionKey = string | Uint8Array | KeyObject;

/** The options of `redisTokenStore`. */
export interface M2MRedisTokenStoreOptions {
  /**
   * A client of ioredis or of `redis`, which stays the application's: connect it, listen to its errors and quit it. One
   * of `redis` is connected before it is given here.
   */
  client: RedisTokenStoreClient;
  /**
   * The key that encrypts tokens (AES-256-GCM). Of several keys the first encrypts and all decrypt, so that keys can be
   * changed. `null` deliberately leaves tokens in clear text.
   */
  encryptionKey: TokenEncryptionKey | readonly TokenEncryptionKey[] | null;
  /** The beginning of the names of all keys in Redis. @default 'nestjs-m2m:' */
  prefix?: string | undefined;
}
