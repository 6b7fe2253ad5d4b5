import type { CanActivate, ExecutionContext } from '@nestjs/common';
import { ContextIdFactory } from '@nestjs/core';
import type { M2MRequest } from '../transports/m2m-request.js';
import { replaceable } from '../authorization/handler-conditions.reader.js';
import type { ControllerWrapper, DeclaredClass, DeclaredMethod } from './declared-classes.js';
import type { ReplacedHandlers } from './replaced-handlers.js';

/**
 * Lets nobody reach a handler that has lost its M2MGuard to the constructor of a request-scoped controller.
 *
 * There is no such instance at the start. It is made for each request, and Nest reads the guards of the method from it
 * then. The global guards it reads then, too, and so this one of an application that has started; routes that are made
 * at the start do without it. Messages to a hybrid application have global guards of their own, and are not looked at.
 */
export class RequestScopedHandlersGuard implements CanActivate {
  // By the prototype, which a class shares with a proxy that a decorator has put in its place. Private to the language, as
  // both lead to the options of the application.
  readonly #classes: ReadonlyMap<object, DeclaredClass>;
  readonly #replaced: ReplacedHandlers;

  constructor(classes: readonly DeclaredClass[], replaced: ReplacedHandlers) {
    this.#replaced = replaced;
    this.#classes = new Map(classes.map((each) => [each.type.prototype as object, each]));
  }

  /** @throws M2MConfigurationError for such a handler */
  canActivate(context: ExecutionContext): true {
    if (context.getType() !== 'http') return true;
    const declared = this.#classes.get(context.getClass().prototype as object);
    if (!declared) return true;
    for (const method of reached(declared, context)) this.#replaced.check(declared, method, context.getHandler());
    return true;
  }
}

/**
 * The methods that a request may be for: a function has no sure name of its own.
 *
 * Tracing calls handlers through functions with all their metadata, which are in no instance.
 */
function reached({ methods, controllers }: DeclaredClass, context: ExecutionContext): readonly DeclaredMethod[] {
  const request = context.switchToHttp().getRequest<M2MRequest>();
  const instances = controllers.map((controller) => instanceOf(controller, request));
  const named = methods.filter(({ key }) => instances.some((each) => each?.[key] === context.getHandler()));
  if (named.length > 0) return named;
  const handlers = replaceable(
    methods.map(({ handler }) => handler),
    context.getHandler(),
  );
  const alike = methods.filter(({ handler }) => handlers.includes(handler));
  return alike.length > 0 ? alike : methods;
}

/** The controller of a request, as Nest has made it by now. */
function instanceOf(controller: ControllerWrapper, request: M2MRequest): Record<string, unknown> | undefined {
  const id = ContextIdFactory.getByRequest(request);
  const isTreeDurable = controller.isDependencyTreeDurable();
  const own = id.getParent?.({ token: controller.token, isTreeDurable }) ?? id;
  return controller.getInstanceByContextId(own, controller.id).instance as Record<string, unknown> | undefined;
}
