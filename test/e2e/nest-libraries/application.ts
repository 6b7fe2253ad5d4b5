import 'reflect-metadata';
import {
  Controller,
  Get,
  Inject,
  Injectable,
  Logger,
  Module,
  Optional,
  Scope,
  UseGuards,
  type INestApplication,
  type MiddlewareConsumer,
  type NestModule,
} from '@nestjs/common';
import { ContextIdFactory, NestFactory, REQUEST } from '@nestjs/core';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import { ClsService } from 'nestjs-cls';
import { Logger as PinoLogger } from 'nestjs-pino';
import { M2MGuard, M2MModule, oidc } from '../../../lib/index.js';
import { CallerContextModule, type CallerStore } from './recipes/caller-context.module.js';
import { ClientContext, ClientMiddleware } from './recipes/client-context.js';
import { CurrentCaller } from './recipes/current-caller.js';
import { LoggingModule } from './recipes/logging.module.js';
import { ThrottlingModule } from './recipes/throttling.module.js';

const { ISSUER: issuer = '', AUDIENCE: audience = '', PLATFORM, LIBRARY = '' } = process.env;

@Controller()
class OrdersController {
  private readonly logger = new Logger('Orders');

  constructor(@Optional() @Inject(ClsService) private readonly cls?: ClsService<CallerStore>) {}

  @UseGuards(M2MGuard)
  @Get('guarded')
  async guarded(): Promise<string> {
    this.logger.log('in the handler');
    await new Promise(setImmediate);
    return this.open();
  }

  @Get('open')
  open(): string {
    return this.cls?.get('caller')?.clientId ?? 'nobody';
  }
}

@Controller()
class ScopedController {
  constructor(@Inject(CurrentCaller) private readonly caller: CurrentCaller) {}

  @UseGuards(M2MGuard)
  @Get('scoped')
  scoped(): string {
    return this.caller.clientId ?? 'nobody';
  }
}

let made = 0;

@Injectable({ scope: Scope.REQUEST, durable: true })
class ClientSettings {
  readonly number = (made += 1);

  constructor(@Inject(REQUEST) private readonly payload: { readonly clientId?: string }) {}

  get text(): string {
    return `${this.payload.clientId} has number ${this.number}`;
  }
}

@Controller()
class DurableController {
  constructor(@Inject(ClientSettings) private readonly settings: ClientSettings) {}

  @UseGuards(M2MGuard)
  @Get('durable')
  durable(): string {
    return this.settings.text;
  }
}

@Module({ controllers: [DurableController], providers: [ClientSettings] })
class DurableModule implements NestModule {
  configure(consumer: MiddlewareConsumer): void {
    ContextIdFactory.apply(new ClientContext());
    consumer.apply(ClientMiddleware).forRoutes('durable');
  }
}

const RECIPES = { pino: LoggingModule, cls: CallerContextModule, throttler: ThrottlingModule, durable: DurableModule };

@Module({
  imports: [
    M2MModule.forRoot({ authorizationServer: oidc({ issuer }), resourceServer: { audience, unguarded: 'allow' } }),
    ...(LIBRARY in RECIPES ? [RECIPES[LIBRARY as keyof typeof RECIPES]] : []),
  ],
  controllers: [OrdersController, ScopedController],
  providers: [CurrentCaller],
})
class OrdersModule {}

const options = { bufferLogs: true };
const app: INestApplication =
  PLATFORM === 'fastify'
    ? await NestFactory.create(OrdersModule, new FastifyAdapter(), options)
    : await NestFactory.create(OrdersModule, options);
if (LIBRARY === 'pino') app.useLogger(app.get(PinoLogger));
await app.listen(0, '127.0.0.1');
process.send?.(await app.getUrl());
process.once('disconnect', () => void app.close());
