import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import { M2MConfigurationError } from '../../../errors/configuration.error.js';
import type { M2MCaller } from '../../../caller/m2m-caller.js';
import type { M2MRequest } from '../../transports/m2m-request.js';
import { wasJudged } from '../../transports/request-fields.js';
import { handlerName } from '../handler-name.js';

/**
 * Who is calling: an {@link M2MCaller}, or `undefined` where `M2MGuard.or` let a user in.
 *
 * @example list(@Caller() caller: M2MCaller) {}
 * @throws M2MConfigurationError where no M2MGuard ran, as on a public route
 */
export const Caller = createParamDecorator((_data: unknown, context: ExecutionContext): M2MCaller | undefined => {
  const request = context.switchToHttp().getRequest<M2MRequest>();
  if (wasJudged(request)) return request.m2m;
  throw new M2MConfigurationError([
    {
      option: handlerName(context),
      problem: 'has a @Caller(), but no M2MGuard has let anybody in',
      remedy: '@UseGuards(M2MGuard) on the method or its class, and no @Public()',
    },
  ]);
});
