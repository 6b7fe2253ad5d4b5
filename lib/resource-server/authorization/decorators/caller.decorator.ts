import { createParamDecorator, type ExecutionContext, type PipeTransform, type Type } from '@nestjs/common';
import type { M2MCallerField } from '../../../caller/m2m-caller.js';
import { M2MConfigurationError } from '../../../errors/configuration.error.js';
import { handlerName, keptCaller } from '../request-callers.js';
import { checkCallerField } from './check-arguments.js';

type Pipe = PipeTransform | Type<PipeTransform>;

const fromContext = createParamDecorator((field: M2MCallerField | undefined, context: ExecutionContext): unknown => {
  const kept = keptCaller(context);
  if (kept) return field === undefined ? kept.caller : kept.caller?.[field];
  throw new M2MConfigurationError({
    option: handlerName(context),
    problem: 'has a @Caller(), but no M2MGuard has let anybody in',
    remedy: '@UseGuards(M2MGuard) on the method or its class, and no @Public()',
  });
});

/**
 * The `M2MCaller` of a request, or one of its fields. It is `undefined` if `M2MGuard.or` let a user in, and if a
 * request came without a token to a handler with `@OptionalToken()`.
 *
 * The guard decided it. Other code that writes on the request does not change it.
 *
 * @example list(@Caller() caller: M2MCaller, @Caller('clientId') clientId: string) {}
 * @param field the field's name; default: the caller. Pipes may follow, or stand in its place
 * @throws M2MConfigurationError for a name that is no field; with a request, if no M2MGuard ran, as on a public handler
 */
export function Caller(field?: M2MCallerField | Pipe, ...pipes: readonly Pipe[]): ParameterDecorator {
  checkCallerField(field);
  return fromContext(field as M2MCallerField, ...pipes);
}
