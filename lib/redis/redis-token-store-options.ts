import type { KeyObject } from 'node:crypto';
import type { RedisTokenStoreClient } from './redis-client.js';

/** 32 random bytes: as they are, in base64 (`openssl rand -base64 32`), or as a secret `KeyObject`. */
export type TokenEncryptionKey = string | Uint8Array | KeyObject;

/** How tokens are shared through Redis. */
export interface M2MRedisTokenStoreOptions {
  /** An ioredis client, which stays yours: connect it, listen to its errors and quit it. */
  client: RedisTokenStoreClient;
  /**
   * What tokens are encrypted with (AES-256-GCM). Of several keys the first encrypts and all decrypt, so that keys can be
   * changed. `null` deliberately leaves tokens in clear text.
   */
  encryptionKey: TokenEncryptionKey | readonly TokenEncryptionKey[] | null;
  /** What the names of all keys in Redis begin with. @default 'nestjs-m2m:' */
  prefix?: string | undefined;
}
