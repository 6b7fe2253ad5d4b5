import type { M2MHandler } from './listed-handlers.js';

const NAMED_AT_MOST = 20;

/** `ProductsController.list` */
export function nameOf({ class: type, method }: M2MHandler): string {
  return `${type.name}.${method}`;
}

/** The names of handlers for a log line; those beyond 20 as a number. */
export function namesOf(handlers: readonly M2MHandler[]): string {
  const names = handlers.map(nameOf);
  const more = names.length > NAMED_AT_MOST ? `, and ${names.length - NAMED_AT_MOST} more in M2MHandlers.list()` : '';
  return names.slice(0, NAMED_AT_MOST).join(', ') + more;
}
