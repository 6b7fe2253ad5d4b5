import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { HttpService } from '@nestjs/axios';
import { Controller, Get, Module, UseGuards, type INestApplication } from '@nestjs/common';
import { Test } from '@nestjs/testing';
import { afterAll, beforeAll, beforeEach, expect, it, jest } from '@jest/globals';
import request from 'supertest';
import { firstValueFrom, of } from 'rxjs';
import { CallerToken, getM2MHttpToken, InjectM2MHttp, M2MGuard, M2MModule, oidc } from '../../../../lib/index.js';
import { M2MTestGuard, M2MTestingModule, TestAuthorizationServer } from '../../../../lib/testing/index.js';

@UseGuards(M2MGuard)
@Controller('orders')
class OrdersController {
  constructor(@InjectM2MHttp('shop') private readonly shop: HttpService) {}

  @Get()
  async list(@CallerToken() onBehalfOf: CallerToken): Promise<unknown> {
    return (await firstValueFrom(this.shop.get<unknown>('/products', { m2m: { onBehalfOf } }))).data;
  }
}

@Module({
  imports: [
    M2MModule.forRootAsync({
      useFactory: () => ({
        authorizationServer: oidc({ issuer: 'https://id.example.com' }),
        resourceServer: { audience: 'https://orders.example', callers: 'any', allowedClients: ['website'] },
        client: {
          clientId: 'orders',
          clientSecret: () => process.env['M2M_CLIENT_SECRET'] ?? '',
          targets: {
            shop: {
              url: process.env['SHOP_URL'] ?? 'https://shop.example.com',
              audience: 'https://shop.example',
              token: 'exchange',
            },
          },
        },
      }),
    }),
    M2MModule.forFeature(['shop']),
  ],
  controllers: [OrdersController],
})
class OrdersModule {}

/** The claims of the tokens that the shop got. */
let seen: Record<string, unknown>[];
const shop = createServer(({ headers }, response) => {
  const [, claims = ''] = headers.authorization?.split('.') ?? [];
  seen.push(JSON.parse(Buffer.from(claims, 'base64url').toString()) as Record<string, unknown>);
  response.end('[{ "name": "Tea" }]');
});
let server: TestAuthorizationServer;
let app: INestApplication;
beforeAll(async () => {
  await once(shop.listen(0, '127.0.0.1'), 'listening');
  process.env['SHOP_URL'] = `http://127.0.0.1:${(shop.address() as AddressInfo).port}`;
  server = await TestAuthorizationServer.start({
    clients: { orders: 's3cret', website: 'secret' },
    resources: ['https://orders.example', 'https://shop.example'],
  });
  const builder = Test.createTestingModule({ imports: [OrdersModule] });
  const module = await M2MTestingModule.override(builder, server).compile();
  app = await module.createNestApplication({ logger: false }).init();
});
afterAll(async () => {
  await app.close();
  await server.stop();
  shop.close();
});
beforeEach(() => {
  seen = [];
  server.clearRequests();
});

/** Calls orders with a token that a user gave the website. */
async function listFor(user: string): Promise<number> {
  const token = await server.mint({ clientId: 'website', user, audience: 'https://orders.example' });
  return (await request(app.getHttpServer()).get('/orders').auth(token, { type: 'bearer' })).status;
}

it('calls the shop for each user with a token of that user, which names orders as the client', async () => {
  expect([await listFor('alice'), await listFor('bob')]).toEqual([200, 200]);
  const common = { aud: 'https://shop.example', client_id: 'orders' };
  expect(seen).toMatchObject([
    { sub: 'alice', ...common },
    { sub: 'bob', ...common },
  ]);
  server.expectTokenRequests(2);
});

it('does not call the shop if the token is not exchanged, and calls it for the next user', async () => {
  server.fail({ status: 400, body: { error: 'invalid_target' }, endpoint: 'token' });
  expect([await listFor('alice'), await listFor('bob')]).toEqual([500, 200]);
  expect(seen).toMatchObject([{ sub: 'bob' }]);
});

it('asks the shop on behalf of its caller, in a unit test without tokens', async () => {
  const get = jest.fn((_url: string, _config: object) => of({ data: [{ name: 'Tea' }] }));
  const module = await Test.createTestingModule({
    controllers: [OrdersController],
    providers: [{ provide: getM2MHttpToken('shop'), useValue: { get } }],
  })
    .overrideGuard(M2MGuard)
    .useValue(new M2MTestGuard({ kind: 'user' }))
    .compile();
  const unit = await module.createNestApplication().init();
  expect((await request(unit.getHttpServer()).get('/orders')).body).toEqual([{ name: 'Tea' }]);
  expect(JSON.stringify(get.mock.calls)).toBe('[["/products",{"m2m":{"onBehalfOf":"[token]"}}]]');
  await unit.close();
});
