import { afterEach, describe, expect, it } from '@jest/globals';
import { Controller, Get, Inject, Injectable, Module, UseGuards, type INestApplication } from '@nestjs/common';
import { APP_GUARD, type AbstractHttpAdapter } from '@nestjs/core';
import { ExpressAdapter } from '@nestjs/platform-express';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import { Test, type TestingModuleBuilder } from '@nestjs/testing';
import request from 'supertest';
import { M2MClientService } from '../../../lib/client/m2m-client.service.js';
import { M2MModule } from '../../../lib/m2m.module.js';
import { Caller } from '../../../lib/resource-server/authorization/decorators/caller.decorator.js';
import { RequireScopes } from '../../../lib/resource-server/authorization/decorators/require-scopes.decorator.js';
import { M2MGuard } from '../../../lib/resource-server/m2m.guard.js';
import type { M2MCaller } from '../../../lib/caller/m2m-caller.js';
import { asMachine, M2MTestingModule, TestAuthorizationServer, TestClock } from '../../../lib/testing/index.js';

@Controller('products')
@UseGuards(M2MGuard)
class ProductsController {
  @Get()
  @RequireScopes('read:products')
  list(@Caller() caller: M2MCaller): string {
    return caller.clientId;
  }
}

@Injectable()
class OrdersService {
  constructor(@Inject(M2MClientService) readonly m2m: M2MClientService) {}
}

@Module({
  imports: [
    M2MModule.forRoot({
      authorizationServer: { name: 'production', issuer: 'https://id.example.com' },
      client: {
        clientId: 'orders',
        clientSecret: 'of-production',
        resource: 'https://shop.example',
        clients: { billing: { clientId: 'billing', clientSecret: 'of-production', resource: 'https://shop.example' } },
      },
      resourceServer: { audience: 'https://shop.example', allowedClients: ['orders', 'billing'] },
    }),
  ],
  controllers: [ProductsController],
  providers: [OrdersService, { provide: APP_GUARD, useExisting: M2MGuard }],
})
class AppModule {}

let app: INestApplication;
afterEach(() => app.close());

async function start(
  builder: TestingModuleBuilder,
  adapter: AbstractHttpAdapter = new ExpressAdapter(),
): Promise<INestApplication> {
  app = (await builder.compile()).createNestApplication(adapter, { logger: false });
  await app.init();
  return app;
}

const products = async (headers: object = {}): Promise<number> =>
  (
    await request(app.getHttpServer())
      .get('/products')
      .set({ ...headers })
  ).status;

describe('M2MTestingModule.forRoot', () => {
  it('needs no options, and stops its server with the application', async () => {
    await start(Test.createTestingModule({ imports: [M2MTestingModule.forRoot()], controllers: [ProductsController] }));
    expect(await products()).toBe(401);
    expect(await products(await asMachine(app))).toBe(200);
    expect(await products(await asMachine(app, { scopes: [] }))).toBe(403);
    expect(await products(await asMachine(app, { audience: 'https://other.example' }))).toBe(401);
    expect(await products({ authorization: `Bearer ${await app.get(M2MClientService).getToken()}` })).toBe(200);
    const server = app.get(TestAuthorizationServer);
    await app.close();
    await expect(fetch(server.jwksUri)).rejects.toThrow('fetch failed');
  });

  it('works with Fastify', async () => {
    const imports = [M2MTestingModule.forRoot({ resourceServer: { audience: 'https://shop.example' } })];
    const builder = Test.createTestingModule({ imports, controllers: [ProductsController] });
    await start(builder, new FastifyAdapter());
    await app.getHttpAdapter().getInstance().ready();
    expect(await products(await asMachine(app, { clientId: 'billing', scopes: ['read:products'] }))).toBe(200);
    expect(await products(await asMachine(app, { scopes: ['write:products'] }))).toBe(403);
    expect(await products()).toBe(401);
  });

  it('takes a server that runs, leaves it running, and goes by its clock', async () => {
    const clock = new TestClock();
    await using server = await TestAuthorizationServer.start({ clock, clients: { orders: 's' }, dialect: 'auth0' });
    await start(
      Test.createTestingModule({
        imports: [M2MTestingModule.forRoot({ server, resourceServer: { cache: false } })],
        controllers: [ProductsController],
      }),
    );
    const machine = await asMachine(app, { expiresIn: 60_000 });
    expect(await products(machine)).toBe(200);
    await clock.advance(66_000);
    expect(await products(machine)).toBe(401);
    await app.get(M2MClientService).getToken();
    await app.get(M2MClientService).getToken();
    server.expectTokenRequests(1);
    await app.close();
    expect((await fetch(server.jwksUri)).status).toBe(200);
  });

  it('starts a server as it is told', async () => {
    const server = { dialect: 'cognito', scopes: ['read'] } as const;
    const imports = [
      M2MTestingModule.forRoot({
        server,
        client: { clientId: 'orders' },
        resourceServer: { audience: 'shop', allowedClients: ['orders'] },
      }),
    ];
    await start(Test.createTestingModule({ imports }));
    expect(app.get(TestAuthorizationServer)).toMatchObject({ clientIds: ['orders'], resources: ['shop'] });
    await expect(app.get(M2MClientService).getAccessToken()).resolves.toMatchObject({ scope: ['shop/read'] });
  });
});

describe('M2MTestingModule.override', () => {
  it("points a whole application at a server, with the application's own options", async () => {
    await using server = await TestAuthorizationServer.start({ resources: ['https://shop.example'] });
    await start(M2MTestingModule.override(Test.createTestingModule({ imports: [AppModule] }), server));
    expect(await products(await asMachine(app, { clientId: 'orders' }))).toBe(200);
    expect(await products(await asMachine(app, { clientId: 'stranger' }))).toBe(403);
    const { m2m } = app.get(OrdersService);
    for (const client of [m2m, m2m.client('billing')]) {
      expect(await products({ authorization: `Bearer ${await client.getToken()}` })).toBe(200);
    }
    expect(server.clientIds).toEqual(['test-client', 'orders', 'billing']);
    expect(JSON.stringify(server.requests())).not.toContain('of-production');
  });

  it('keeps up with secrets that change', async () => {
    await using server = await TestAuthorizationServer.start({ resources: ['https://shop.example'] });
    await start(M2MTestingModule.override(Test.createTestingModule({ imports: [AppModule] }), server));
    server.expireSecret('orders');
    await expect(app.get(M2MClientService).getToken()).resolves.toEqual(expect.any(String));
  });
});

it('asMachine says what to write where there is no test server', async () => {
  await start(Test.createTestingModule({ imports: [AppModule] }));
  await expect(asMachine(app)).rejects.toThrow('imports: [M2MTestingModule.forRoot()]');
});
