import type { ExecutionContext } from '@nestjs/common';

/** The handler that a request goes to, as its source names it: `ProductsController.list`. */
export function handlerName(context: ExecutionContext): string {
  return `${context.getClass().name}.${context.getHandler().name}`;
}
