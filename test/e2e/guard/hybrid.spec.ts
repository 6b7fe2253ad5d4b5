import { createServer, type AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { Controller, Get, Module, UseGuards, type INestApplication, type Type } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import {
  ClientProxyFactory,
  MessagePattern,
  Transport,
  type ClientProxy,
  type CustomTransportStrategy,
  type TcpOptions,
} from '@nestjs/microservices';
import { Test } from '@nestjs/testing';
import { firstValueFrom } from 'rxjs';
import { M2MConfigurationError } from '../../../lib/errors/configuration.error.js';
import { M2MModule } from '../../../lib/m2m.module.js';
import { Public } from '../../../lib/resource-server/authorization/decorators/public.decorator.js';
import { RequireScopes } from '../../../lib/resource-server/authorization/decorators/require-scopes.decorator.js';
import { M2MHandlers } from '../../../lib/resource-server/handler-audit/m2m-handlers.js';
import { M2MGuard } from '../../../lib/resource-server/m2m.guard.js';

const HOST = '127.0.0.1';
const handled: unknown[] = [];

class Messages {
  @MessagePattern('wipe')
  wipe(data: unknown): string {
    handled.push(data);
    return 'wiped';
  }
}

/** A condition of a message that nothing enforces. */
@Controller()
class OpenMessages extends Messages {
  @RequireScopes('admin')
  @MessagePattern('other')
  other(): void {}
}

/** Nothing is wrong with its messages. */
@Controller('products')
class OpenRoutes extends Messages {
  @RequireScopes('admin')
  @Get()
  list(): void {}
}

@Controller('products')
class HonestController extends Messages {
  @UseGuards(M2MGuard)
  @RequireScopes('admin')
  @Get()
  list(): void {}

  @Public()
  @UseGuards(M2MGuard)
  @MessagePattern('open')
  open(): string {
    return 'open';
  }
}

const imports = [
  M2MModule.forRoot({
    authorizationServer: { name: 'down', issuer: 'http://127.0.0.1:9' },
    resourceServer: { audience: 'https://api.test' },
  }),
];

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, HOST, resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

let options: { readonly transport: Transport.TCP; readonly options: { readonly host: string; readonly port: number } };
let client: ClientProxy;
beforeEach(async () => {
  handled.length = 0;
  options = { transport: Transport.TCP, options: { host: HOST, port: await freePort() } };
  client = ClientProxyFactory.create(options);
});
afterEach(() => void client.close());

const send = (pattern: string): Promise<unknown> => firstValueFrom(client.send(pattern, {}));

async function hybrid(controller: Type, strategy?: CustomTransportStrategy): Promise<INestApplication> {
  const module = await Test.createTestingModule({ imports, controllers: [controller] }).compile();
  const app = module.createNestApplication();
  app.connectMicroservice<object>(strategy ? { strategy } : options);
  return app;
}

describe('a hybrid application', () => {
  it.each([
    ['a message', OpenMessages, 'OpenMessages.other'],
    ['a route', OpenRoutes, 'OpenRoutes.list'],
  ])('handles no message if nothing enforces a condition of %s (claim 5.6)', async (_name, controller, option) => {
    const app = await hybrid(controller);
    const stopped = { code: 'ERR_M2M_CONFIGURATION', problems: [{ option }] };
    await expect(app.startAllMicroservices()).rejects.toMatchObject(stopped);
    await expect(send('wipe')).rejects.toMatchObject({ code: 'ECONNREFUSED' });
    await expect(app.listen(0, HOST)).rejects.toMatchObject(stopped);
    await expect(app.startAllMicroservices()).rejects.toMatchObject(stopped);
    await expect(send('wipe')).rejects.toMatchObject({ code: 'ECONNREFUSED' });
    expect(handled).toEqual([]);
    await app.close();
  });

  it.each<[string, (app: INestApplication) => Promise<unknown>]>([
    ['before it is initialized', async (app) => (await app.startAllMicroservices()).listen(0, HOST)],
    ['afterwards', async (app) => (await app.listen(0, HOST)) && app.startAllMicroservices()],
  ])('handles messages if nothing is wrong and its microservices are started %s', async (_name, start) => {
    const app = await hybrid(HonestController);
    await start(app);
    expect([await send('wipe'), await send('open')]).toEqual(['wiped', 'open']);
    expect((await fetch(`${await app.getUrl()}/products`)).status).toBe(401);
    const handlers = app.get(M2MHandlers).list();
    expect(handlers.map(({ transport, method, pattern }) => [transport, method, pattern])).toEqual([
      ['http', 'list', undefined],
      ['message', 'open', 'open'],
      ['message', 'wipe', 'wipe'],
    ]);
    await app.close();
  });

  it('has no list of its handlers before it is initialized, though it handles messages', async () => {
    const app = await hybrid(HonestController);
    await app.startAllMicroservices();
    expect(await send('wipe')).toBe('wiped');
    expect(() => app.get(M2MHandlers).list()).toThrow(M2MConfigurationError);
    await app.close();
  });

  it('counts guards that are added after its microservices have been connected', async () => {
    @Controller('products')
    class ProductsController extends Messages {
      @RequireScopes('admin')
      @Get()
      list(): void {}
    }
    const app = await hybrid(ProductsController);
    app.useGlobalGuards(app.get(M2MGuard));
    await app.startAllMicroservices();
    expect(await send('wipe')).toBe('wiped');
    await app.close();
  });

  it('lets a transport strategy of its own listen only if nothing is wrong, whatever the one before found', async () => {
    const listened: unknown[] = [];
    const strategy = {
      addHandler: () => undefined,
      on: () => undefined,
      unwrap: () => undefined,
      listen(callback: () => void) {
        listened.push(this);
        callback();
      },
      close: () => undefined,
    } as unknown as CustomTransportStrategy;
    const open = await hybrid(OpenMessages, strategy);
    await expect(open.startAllMicroservices()).rejects.toThrow(M2MConfigurationError);
    expect(listened).toEqual([]);
    await open.close();
    const honest = await hybrid(HonestController, strategy);
    await honest.startAllMicroservices();
    expect(listened).toEqual([strategy]);
    await honest.close();
  });
});

const microservice = (controller: Type) => {
  @Module({ imports, controllers: [controller] })
  class AppModule {}
  return NestFactory.createMicroservice<TcpOptions>(AppModule, {
    ...options,
    logger: false,
    abortOnError: false,
  });
};

describe('a microservice', () => {
  it('handles no message if nothing enforces a condition', async () => {
    const app = await microservice(OpenMessages);
    await expect(app.listen()).rejects.toThrow(M2MConfigurationError);
    await expect(send('wipe')).rejects.toMatchObject({ code: 'ECONNREFUSED' });
    expect(handled).toEqual([]);
  });

  it('handles messages if nothing is wrong', async () => {
    const app = await microservice(HonestController);
    await app.listen();
    expect([await send('wipe'), await send('open')]).toEqual(['wiped', 'open']);
    await app.close();
  });
});
