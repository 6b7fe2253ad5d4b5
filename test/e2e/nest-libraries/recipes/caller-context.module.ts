import {
  Inject,
  Injectable,
  Module,
  type CallHandler,
  type ExecutionContext,
  type NestInterceptor,
} from '@nestjs/common';
import { APP_INTERCEPTOR } from '@nestjs/core';
import { ClsModule, ClsService, type ClsStore } from 'nestjs-cls';
import type { M2MCaller, M2MRequest } from '../../../../lib/index.js';

export interface CallerStore extends ClsStore {
  caller?: M2MCaller;
}

/** Keeps the caller for every service that the handler calls. */
@Injectable()
export class CallerContext implements NestInterceptor {
  constructor(@Inject(ClsService) private readonly cls: ClsService<CallerStore>) {}

  intercept(context: ExecutionContext, next: CallHandler) {
    if (context.getType() !== 'http') return next.handle();
    this.cls.set('caller', context.switchToHttp().getRequest<M2MRequest>().m2m);
    return next.handle();
  }
}

@Module({
  imports: [ClsModule.forRoot({ global: true, middleware: { mount: true } })],
  providers: [{ provide: APP_INTERCEPTOR, useClass: CallerContext }],
})
export class CallerContextModule {}
