import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { Test } from '@nestjs/testing';
import { M2MTestingModule, TestAuthorizationServer, TestClock } from '../../../../lib/testing/index.js';
import { AppModule } from './src/app.module.js';
import { OrdersService } from './src/orders.service.js';

const shop = createServer((_request, response) => response.end('[{ "name": "Tea" }]'));
beforeAll(async () => {
  await once(shop.listen(0, '127.0.0.1'), 'listening');
  process.env['SHOP_URL'] = `http://127.0.0.1:${(shop.address() as AddressInfo).port}`;
});
afterAll(() => void shop.close());

it('asks for one token, and lives through an outage of the authorization server', async () => {
  const clock = new TestClock();
  const orders = { secret: 's3cret', tokenLifetime: 600_000 };
  const resources = ['https://shop.example'];
  await using server = await TestAuthorizationServer.start({ dialect: 'auth0', clients: { orders }, resources, clock });
  const builder = Test.createTestingModule({ imports: [AppModule] });
  const module = await M2MTestingModule.override(builder, server).compile();
  const service = module.get(OrdersService);

  await Promise.all([service.listProducts(), service.listProducts(), service.listProducts()]);
  server.expectTokenRequests(1);

  await server.goDown();
  await clock.advance(300_000);
  await expect(service.listProducts()).resolves.toEqual([{ name: 'Tea' }]);

  await server.comeBack();
  server.expireSecret('orders');
  await clock.advance(300_000);
  await expect(service.listProducts()).resolves.toEqual([{ name: 'Tea' }]);
  expect(server.requests('token').length).toBeGreaterThan(1);
  await module.close();
});
