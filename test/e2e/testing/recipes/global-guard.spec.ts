import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { Controller, Get, Module, type INestApplication } from '@nestjs/common';
import { APP_GUARD } from '@nestjs/core';
import { Test } from '@nestjs/testing';
import request from 'supertest';
import { Caller, M2MGuard, M2MModule, oidc, RequireScopes, type M2MCaller } from '../../../../lib/index.js';
import { M2MTestGuard } from '../../../../lib/testing/index.js';

@Controller('orders')
class OrdersController {
  @RequireScopes('read:orders')
  @Get()
  list(@Caller() caller: M2MCaller) {
    return { listedFor: caller.clientId };
  }
}

@Module({
  imports: [
    M2MModule.forRoot({
      authorizationServer: oidc({ issuer: 'https://id.example.com' }),
      resourceServer: { audience: 'https://orders.example.com' },
    }),
  ],
  controllers: [OrdersController],
  // overrideProvider reaches the guard because of useExisting, and would not with useClass.
  providers: [{ provide: APP_GUARD, useExisting: M2MGuard }],
})
class OrdersModule {}

const guard = new M2MTestGuard({ clientId: 'billing', scopes: ['read:orders'] });
let app: INestApplication;
beforeAll(async () => {
  const builder = Test.createTestingModule({ imports: [OrdersModule] });
  const module = await builder.overrideProvider(M2MGuard).useValue(guard).compile();
  app = await module.createNestApplication().init();
});
afterAll(() => app.close());

const list = async (): Promise<number> => (await request(app.getHttpServer()).get('/orders')).status;

it('lists orders for a machine with the scope, and for no other', async () => {
  expect(await list()).toBe(200);
  guard.callAs({ scopes: [] });
  expect(await list()).toBe(403);
});
