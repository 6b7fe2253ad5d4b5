import { createRequire } from 'node:module';
import type { NodeRedisClient } from '../../lib/redis/index.js';

/** A client of the package `redis`, as far as tests use it. */
export interface TestNodeRedisClient extends NodeRedisClient {
  connect(): Promise<unknown>;
  on(event: 'error', listener: () => void): unknown;
  /** Since version 5. */
  destroy?(): void;
  /** Since version 5. */
  legacy?(): unknown;
  /** In version 4. */
  disconnect(): Promise<void>;
}

interface NodeRedis {
  createClient(options: object): TestNodeRedisClient;
  createClientPool(options: object): TestNodeRedisClient;
  createCluster(options: object): TestNodeRedisClient;
  createSentinel(options: object): TestNodeRedisClient;
}

const require = createRequire(import.meta.url);

export const redis6 = require('redis') as NodeRedis;
export const redis5 = require('redis-5') as NodeRedis;
/** It has no pools and no sentinels. */
export const redis4 = require('redis-4') as Pick<NodeRedis, 'createClient' | 'createCluster'>;
