import { expect, it } from '@jest/globals';
import { TypeCheck } from '../support/type-check.js';

const code = `
import { Cluster, Redis } from 'ioredis';
import { Redis as Redis5 } from 'ioredis-5';
import * as v6 from 'redis';
import * as v5 from 'redis-5';
import * as v4 from 'redis-4';
import { redisTokenStore } from 'nestjs-m2m/redis';

const encryptionKey = '';
const rootNodes = [{ url: 'redis://127.0.0.1' }];
redisTokenStore({ client: new Redis(), encryptionKey });
redisTokenStore({ client: new Redis5(), encryptionKey });
redisTokenStore({ client: new Cluster([]), encryptionKey });
redisTokenStore({ client: v6.createClient(), encryptionKey });
redisTokenStore({ client: v6.createClient({ RESP: 3 }), encryptionKey });
redisTokenStore({ client: await v6.createClient().connect(), encryptionKey });
redisTokenStore({ client: v6.createClientPool(), encryptionKey });
redisTokenStore({ client: v6.createCluster({ rootNodes }), encryptionKey });
redisTokenStore({ client: v6.createSentinel({ name: 'm2m', sentinelRootNodes: [] }), encryptionKey });
redisTokenStore({ client: v5.createClient(), encryptionKey });
redisTokenStore({ client: v5.createClient({ RESP: 3 }), encryptionKey });
redisTokenStore({ client: await v5.createClient().connect(), encryptionKey });
redisTokenStore({ client: v5.createClientPool(), encryptionKey });
redisTokenStore({ client: v5.createCluster({ rootNodes }), encryptionKey });
redisTokenStore({ client: v5.createSentinel({ name: 'm2m', sentinelRootNodes: [] }), encryptionKey });
redisTokenStore({ client: v4.createClient(), encryptionKey });
redisTokenStore({ client: v4.createCluster({ rootNodes }), encryptionKey });
// @ts-expect-error a promise is no client
redisTokenStore({ client: v5.createClient().connect(), encryptionKey });
`;

it('redisTokenStore takes the types of all clients of ioredis and redis', () => {
  expect(new TypeCheck({ 'test/types/redis-clients.ts': code }).problems()).toEqual([]);
}, 60_000);
