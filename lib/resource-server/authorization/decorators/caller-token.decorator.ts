import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import { endedCallerToken, type CallerToken as CallerTokenHandle } from '../../../caller/caller-token.js';
import { M2MConfigurationError } from '../../../errors/configuration.error.js';
import { callerContextOf } from '../../caller-contexts/caller-contexts.js';
import { isUpgraded } from '../../transports/request-socket.js';
import { handlerName, keptCaller } from '../request-callers.js';

/**
 * A handle of the access token that an inbound request came with, for `m2m: { onBehalfOf }`. It is of use as long as that
 * request is open, and shows the token to nobody: it prints as `[token]`.
 */
export type CallerToken = CallerTokenHandle;

const fromContext = createParamDecorator((_data: undefined, context: ExecutionContext): CallerToken | undefined => {
  const kept = keptCaller(context) ?? withoutGuard(context);
  if (!kept.caller) return undefined;
  const ofRequest = callerContextOf(kept.request) ?? withoutContext(kept.request, context);
  // The caller may have disconnected before the handler began.
  return ofRequest.token ?? endedCallerToken();
});

/**
 * The handle of the token that a request came with, for `m2m: { onBehalfOf }`: the one that M2MGuard accepted.
 *
 * It is `undefined` if `M2MGuard.or` let a user in, whose token only the strategy has seen, and if a request came without a
 * token to a handler with `@OptionalToken()`. The handle is of use until the response is closed and the handler has settled.
 *
 * @example list(@CallerToken() token: CallerToken) {}
 * @throws M2MConfigurationError with a request, if no M2MGuard let anybody in, as on a public handler; if no target has
 * `token: 'relay'` or `'exchange'`; and for an operation that came by a WebSocket
 */
export function CallerToken(): ParameterDecorator {
  return fromContext();
}

function withoutGuard(context: ExecutionContext): never {
  throw new M2MConfigurationError({
    option: handlerName(context),
    problem: 'has a @CallerToken(), but no M2MGuard has let anybody in',
    remedy: '@UseGuards(M2MGuard) on the method or its class, and no @Public()',
  });
}

function withoutContext(request: object, context: ExecutionContext): never {
  if (isUpgraded(request)) {
    const problem = 'has a @CallerToken(), and its operation came by a WebSocket, which outlives every request';
    const remedy = 'a query or a mutation over HTTP';
    throw new M2MConfigurationError({ option: handlerName(context), problem, remedy });
  }
  throw new M2MConfigurationError({
    option: 'client.targets',
    problem: `have no token of a caller to carry, and ${handlerName(context)} has a @CallerToken()`,
    remedy: "products: { url: 'https://products.example.com', token: 'relay' }",
  });
}
