import type { ExecutionContext } from '@nestjs/common';
import type { M2MCaller } from '../../caller/m2m-caller.js';
import { graphqlRequestOf } from '../transports/graphql-request.js';

/** The handler that a request goes to, as its source names it: `ProductsController.list`. */
export function handlerName(context: ExecutionContext): string {
  return `${context.getClass().name}.${context.getHandler().name}`;
}

/** The callers that a guard let in, by the object that stands for their request; `undefined` for a user. */
const callers = new WeakMap<object, M2MCaller | undefined>();

/** Keeps what a guard decided about a request. */
export function keepCaller(request: object, caller: M2MCaller | undefined): void {
  callers.set(request, caller);
}

/** What a guard decided about a request. */
export interface KeptCaller {
  readonly request: object;
  readonly caller: M2MCaller | undefined;
}

/**
 * The caller that a guard let in, with the request; `undefined` if no guard did.
 *
 * It stands by the request of an operation of GraphQL, else by one of the handler's arguments. Those that a sender makes were
 * never given to {@link keepCaller}.
 */
export function keptCaller(context: ExecutionContext): KeptCaller | undefined {
  const objects =
    context.getType<string>() === 'graphql' ? [graphqlRequestOf(context)?.node] : context.getArgs<object[]>();
  const request = objects.find((each) => each && callers.has(each));
  return request && { request, caller: callers.get(request) };
}
