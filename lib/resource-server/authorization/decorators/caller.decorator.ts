import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import type { M2MCaller } from '../../../caller/m2m-caller.js';
import { M2MConfigurationError } from '../../../errors/configuration.error.js';
import { handlerName, keptCaller } from '../request-callers.js';

/**
 * The {@link M2MCaller} of a request, or `undefined` if `M2MGuard.or` let a user in.
 *
 * The guard decided it. Other code that writes on the request does not change it.
 *
 * @example list(@Caller() caller: M2MCaller) {}
 * @throws M2MConfigurationError if no M2MGuard ran, as on a public handler
 */
export const Caller = createParamDecorator((_data: unknown, context: ExecutionContext): M2MCaller | undefined => {
  const kept = keptCaller(context);
  if (kept) return kept.caller;
  throw new M2MConfigurationError({
    option: handlerName(context),
    problem: 'has a @Caller(), but no M2MGuard has let anybody in',
    remedy: '@UseGuards(M2MGuard) on the method or its class, and no @Public()',
  });
});
