import 'reflect-metadata';
import { setTimeout as pause } from 'node:timers/promises';
import { NestFactory } from '@nestjs/core';
import { Redis } from 'ioredis';
import { isM2MError, M2MClientService, M2MModule } from '../../../lib/index.js';
import { redisTokenStore } from '../../../lib/redis/index.js';
import type { MemberAnswer, MemberOrder, MemberSettings } from './messages.js';

const { redisPort, tokenEndpoint, encryptionKey, timeout } = JSON.parse(process.argv[2] ?? '') as MemberSettings;

const redis = new Redis({ host: '127.0.0.1', port: redisPort });
const credentials = {
  clientId: 'orders',
  clientSecret: 'orders-secret',
  tokenStore: redisTokenStore({ client: redis, encryptionKey }),
  timeout,
};
const module = M2MModule.forRoot({
  authorizationServer: { name: 'test', issuer: 'http://127.0.0.1:1', tokenEndpoint },
  client: credentials,
});
const application = await NestFactory.createApplicationContext(module, { logger: ['error', 'warn'] });
const m2m = application.get(M2MClientService);

async function carryOut({ calls, otherThan }: MemberOrder): Promise<MemberAnswer> {
  for (;;) {
    const results = await Promise.allSettled(Array.from({ length: calls }, () => m2m.getToken()));
    const tokens = new Set(results.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : [])));
    const errors = new Set(results.flatMap((result) => (result.status === 'rejected' ? [nameOf(result.reason)] : [])));
    if (otherThan === undefined || !tokens.has(otherThan)) return { tokens: [...tokens], errors: [...errors] };
    await pause(10);
  }
}

function nameOf(error: unknown): string {
  return isM2MError(error) ? error.code : String(error);
}

process.on('message', (order: MemberOrder) => void carryOut(order).then((answer) => process.send?.(answer)));
// Whoever gave orders is gone.
process.on('disconnect', () => process.exit());
await redis.ping();
process.send?.('ready');
