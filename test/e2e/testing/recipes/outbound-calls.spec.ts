import { expect, it } from '@jest/globals';
import { Test } from '@nestjs/testing';
import { M2MTestingModule, TestAuthorizationServer, TestClock } from '../../../../lib/testing/index.js';
import { AppModule } from './src/app.module.js';
import { OrdersService } from './src/orders.service.js';

it('asks for one token, and lives through an outage of the authorization server', async () => {
  const clock = new TestClock();
  await using server = await TestAuthorizationServer.start({
    dialect: 'auth0',
    clients: { orders: { secret: 's3cret', tokenLifetime: 600_000 } },
    resources: ['https://shop.example'],
    scopes: ['read:products'],
    clock,
  });
  const builder = Test.createTestingModule({ imports: [AppModule] });
  const app = (await M2MTestingModule.override(builder, server).compile()).createNestApplication();
  await app.listen(47100, '127.0.0.1');
  const orders = app.get(OrdersService);

  await Promise.all([orders.products(), orders.products(), orders.products()]);
  server.expectTokenRequests(1);

  await server.goDown();
  await clock.advance(300_000);
  await expect(orders.products()).resolves.toEqual(['coffee']);

  await server.comeBack();
  server.expireSecret('orders');
  await clock.advance(300_000);
  await expect(orders.products()).resolves.toEqual(['coffee']);
  await app.close();
});
