// What stands beside the main entry.
import type { TokenStore } from 'nestjs-m2m';
import { redisTokenStore, type RedisTokenStoreClient } from 'nestjs-m2m/redis';
import { asMachine, M2MTestingModule, TestAuthorizationServer, TestClock } from 'nestjs-m2m/testing';

export function storeOf(client: RedisTokenStoreClient): TokenStore {
  // @ts-expect-error clear text is said, not left out
  redisTokenStore({ client });
  // @ts-expect-error a number is no key
  redisTokenStore({ client, encryptionKey: [7] });
  redisTokenStore({ client, encryptionKey: null });
  return redisTokenStore({ client, encryptionKey: ['new', new Uint8Array(32)], prefix: 'orders:' });
}

export async function test(): Promise<void> {
  const server = await TestAuthorizationServer.start({ dialect: 'cognito', clock: new TestClock() });
  const token: string = await server.mint({ clientId: 'orders', scope: 'read:products' });
  M2MTestingModule.forRoot({ server });
  server.expectTokenRequests(0);
  await server.stop();
  // @ts-expect-error no such product
  await TestAuthorizationServer.start({ dialect: 'auth1' });
  void [token, asMachine];
}
