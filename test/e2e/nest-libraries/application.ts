import 'reflect-metadata';
import { Controller, Get, Inject, Logger, Module, Optional, UseGuards, type INestApplication } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import { ClsService } from 'nestjs-cls';
import { Logger as PinoLogger } from 'nestjs-pino';
import { M2MGuard, M2MModule, oidc } from '../../../lib/index.js';
import { CallerContextModule, type CallerStore } from './recipes/caller-context.module.js';
import { CurrentCaller } from './recipes/current-caller.js';
import { LoggingModule } from './recipes/logging.module.js';
import { ThrottlingModule } from './recipes/throttling.module.js';

const { ISSUER: issuer = '', AUDIENCE: audience = '', PLATFORM, LIBRARY = '' } = process.env;
const RECIPES = { pino: LoggingModule, cls: CallerContextModule, throttler: ThrottlingModule };

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
