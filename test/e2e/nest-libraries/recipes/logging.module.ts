import {
  Inject,
  Injectable,
  Module,
  type CallHandler,
  type ExecutionContext,
  type NestInterceptor,
} from '@nestjs/common';
import { APP_INTERCEPTOR } from '@nestjs/core';
import { LoggerModule, PinoLogger } from 'nestjs-pino';
import type { M2MRequest } from '../../../../lib/index.js';

/** Puts the client into the lines of its request. */
@Injectable()
export class ClientInLog implements NestInterceptor {
  constructor(@Inject(PinoLogger) private readonly logger: PinoLogger) {}

  intercept(context: ExecutionContext, next: CallHandler) {
    if (context.getType() !== 'http') return next.handle();
    const { m2m } = context.switchToHttp().getRequest<M2MRequest>();
    if (m2m) this.logger.assign({ client: m2m.clientId });
    return next.handle();
  }
}

@Module({
  imports: [
    LoggerModule.forRoot({
      // On Fastify the default of nestjs-pino 5 matches no route.
      forRoutes: ['{*splat}'],
      // The line at the end of a request has the client, too.
      assignResponse: true,
      pinoHttp: { redact: ['req.headers.authorization', 'req.headers.cookie'] },
    }),
  ],
  providers: [{ provide: APP_INTERCEPTOR, useClass: ClientInLog }],
})
export class LoggingModule {}
