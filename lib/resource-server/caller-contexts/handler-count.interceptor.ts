import type { CallHandler, ExecutionContext, NestInterceptor } from '@nestjs/common';
import { defer, finalize, type Observable } from 'rxjs';
import { graphqlRequestOf } from '../transports/graphql-request.js';
import { callerContextOf } from './caller-contexts.js';

/** Counts the handlers of a request that run: a client may disconnect before they have settled. */
export class HandlerCountInterceptor implements NestInterceptor {
  intercept(execution: ExecutionContext, next: CallHandler): Observable<unknown> {
    const context = callerContextOf(requestOf(execution));
    if (!context) return next.handle();
    return defer(() => {
      context.handlerBegins();
      return next.handle().pipe(finalize(() => context.handlerSettles()));
    });
  }
}

function requestOf(execution: ExecutionContext): unknown {
  const isGraphql = execution.getType<string>() === 'graphql';
  return isGraphql ? graphqlRequestOf(execution)?.node : execution.getArgByIndex<unknown>(0);
}
