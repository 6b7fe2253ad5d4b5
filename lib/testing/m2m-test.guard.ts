import type { CanActivate, ExecutionContext } from '@nestjs/common';
import { M2MConfigurationError } from '../errors/configuration.error.js';
import { InvalidTokenError } from '../errors/invalid-token.error.js';
import { authorizeCaller } from '../resource-server/authorization/authorize-caller.js';
import { keepCaller } from '../resource-server/authorization/request-callers.js';
import { callerContextOf, openCallerContext } from '../resource-server/caller-contexts/caller-contexts.js';
import { GraphqlRefusalException } from '../resource-server/transports/graphql-refusal.exception.js';
import { graphqlRequestOf, type GraphqlRequest } from '../resource-server/transports/graphql-request.js';
import { httpExceptionOf } from '../resource-server/transports/http-exception.js';
import { httpRequestOf } from '../resource-server/transports/http.transport.js';
import { attachCaller } from '../resource-server/transports/m2m-request.js';
import { refusalOf } from '../resource-server/transports/refusal.js';
import { HandlerConditionsReader } from '../resource-server/authorization/handler-conditions.reader.js';
import type { M2MCaller } from '../caller/m2m-caller.js';
import { refuseProduction } from './options/refuse-production.js';
import { TEST_ISSUER, testCaller, type TestCallerOptions } from './test-caller.js';

/**
 * `M2MGuard` without tokens, for unit tests: it takes every request for one of a given caller, and holds
 * that caller to `@RequireScopes`, `@RequireAnyScope`, `@AllowClients`, `@RequireAudience`, `@OptionalToken` and `@Public`
 * as the real one does; the token of `@CallerToken()` is `test-token`. It throws the same exceptions, but writes no `WWW-Authenticate` header. It stands before resolvers of
 * GraphQL, too.
 *
 * @example
 * const guard = new M2MTestGuard({ scopes: ['read:products'] });
 * Test.createTestingModule({ controllers: [ProductsController] }).overrideGuard(M2MGuard).useValue(guard)
 */
export class M2MTestGuard implements CanActivate {
  private readonly handlers = new HandlerConditionsReader();
  private caller: M2MCaller | undefined;

  /**
   * @param caller who calls; default: a machine without any scope
   * @param options.allowProduction whether it may be used with `NODE_ENV=production`; default: false
   * @throws M2MConfigurationError for names that are no options, and in production
   */
  constructor(caller: TestCallerOptions = {}, options: { readonly allowProduction?: boolean | undefined } = {}) {
    refuseProduction('M2MTestGuard', options.allowProduction, 'new M2MTestGuard(caller, { allowProduction: true })');
    this.caller = testCaller(caller);
  }

  /** Makes another caller of all requests to come; `undefined`: requests without a token. */
  callAs(caller: TestCallerOptions | undefined): void {
    this.caller = caller && testCaller(caller);
  }

  /** Lets its caller in if the conditions of the handler allow it; else it refuses as `M2MGuard` does. */
  canActivate(context: ExecutionContext): boolean {
    const conditions = this.handlers.read(context.getClass(), context.getHandler());
    if (conditions.isPublic) return true;
    try {
      const { caller } = this;
      if (caller) authorizeCaller(caller, conditions, TEST_ISSUER);
      else if (!conditions.isTokenOptional) throw withoutToken();
      const { node, carrier } = requestOf(context);
      keepCaller(node, caller);
      const accepted = caller && { value: 'test-token', admit: () => Promise.resolve(caller) };
      (callerContextOf(node) ?? openCallerContext(node)).fill(accepted);
      attachCaller(carrier, caller);
      return true;
    } catch (error) {
      const refusal = refusalOf(error, { realm: 'test', resourceMetadata: undefined }, conditions.scope);
      if (!refusal) throw error;
      throw isGraphql(context) ? new GraphqlRefusalException(refusal) : httpExceptionOf(refusal);
    }
  }
}

function isGraphql(context: ExecutionContext): boolean {
  return context.getType<string>() === 'graphql';
}

/** What the caller is kept by, and where other code of the application finds it. */
function requestOf(context: ExecutionContext): Pick<GraphqlRequest, 'node' | 'carrier'> {
  if (!isGraphql(context)) return { node: httpRequestOf(context), carrier: httpRequestOf(context) };
  const found = graphqlRequestOf(context);
  if (found) return found;
  throw new M2MConfigurationError({
    option: 'M2MTestGuard',
    problem: 'was given a context of GraphQL without a request',
    remedy: 'no context function in GraphQLModule.forRoot, or one that returns no req of its own',
  });
}

function withoutToken(): InvalidTokenError {
  return new InvalidTokenError('absent', 'the request has no Authorization header');
}
