import type { CanActivate, ExecutionContext } from '@nestjs/common';
import { InvalidTokenError } from '../errors/invalid-token.error.js';
import { authorizeCaller } from '../resource-server/authorization/authorize-caller.js';
import type { M2MRequest } from '../resource-server/transports/m2m-request.js';
import { toHttpException } from '../resource-server/transports/refusal.exception.js';
import { refusalOf } from '../resource-server/transports/refusal.js';
import { putCaller } from '../resource-server/transports/request-fields.js';
import { HandlerConditionsReader } from '../resource-server/authorization/handler-conditions.reader.js';
import type { M2MCaller } from '../caller/m2m-caller.js';
import { TEST_ISSUER, testCaller, type TestCallerOptions } from './test-caller.js';

/**
 * `M2MGuard` without tokens, for unit tests: it takes every request for one of the caller that it is told, and holds
 * that caller to `@RequireScopes`, `@RequireAnyScope`, `@AllowClients` and `@Public` as the real one does. It throws the
 * same exceptions, but writes no `WWW-Authenticate` header.
 *
 * @example
 * const guard = new M2MTestGuard({ scopes: ['read:products'] });
 * Test.createTestingModule({ controllers: [ProductsController] }).overrideGuard(M2MGuard).useValue(guard)
 */
export class M2MTestGuard implements CanActivate {
  private readonly routes = new HandlerConditionsReader([]);
  private caller: M2MCaller | undefined;

  /**
   * @param caller who calls; default: a machine without any scope
   * @throws M2MConfigurationError for names that are no options
   */
  constructor(caller: TestCallerOptions = {}) {
    this.caller = testCaller(caller);
  }

  /** Makes another caller of all requests to come; `undefined`: requests without a token. */
  callAs(caller: TestCallerOptions | undefined): void {
    this.caller = caller && testCaller(caller);
  }

  canActivate(context: ExecutionContext): boolean {
    const route = this.routes.read(context.getClass(), context.getHandler());
    if (route.isPublic) return true;
    try {
      const caller = this.caller ?? withoutToken();
      authorizeCaller(caller, route, TEST_ISSUER);
      const request = context.switchToHttp().getRequest<M2MRequest>();
      putCaller(request, caller);
      return true;
    } catch (error) {
      const refusal = refusalOf(error, 'test', route.scope);
      throw refusal ? toHttpException(refusal, error) : error;
    }
  }
}

function withoutToken(): never {
  throw new InvalidTokenError('absent', 'the request has no Authorization header');
}
