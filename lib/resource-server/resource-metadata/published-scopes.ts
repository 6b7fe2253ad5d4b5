import type { M2MHandler } from '../handler-audit/listed-handlers.js';

// Metadata keys of @nestjs/swagger.
const HIDDEN_CONTROLLER = 'swagger/apiExcludeController';
const HIDDEN_HANDLER = 'swagger/apiExcludeEndpoint';

/** The scopes that handlers of HTTP and GraphQL name, sorted, without those of handlers that are hidden from OpenAPI. */
export function publishedScopes(handlers: readonly M2MHandler[]): readonly string[] {
  const published = handlers.filter((each) => each.transport !== 'message' && !isHidden(each));
  const conditions = published.flatMap((each) => each.conditions);
  return [...new Set(conditions.flatMap((each) => ('scopes' in each ? each.scopes : [])))].toSorted();
}

function isHidden({ class: type, method }: M2MHandler): boolean {
  const handler = (type.prototype as Record<string, object>)[method] as object;
  const ofClass: unknown = Reflect.getMetadata(HIDDEN_CONTROLLER, type);
  const ofMethod: unknown = Reflect.getMetadata(HIDDEN_HANDLER, handler);
  return [ofClass].flat()[0] === true || (ofMethod as { disable?: unknown } | undefined)?.disable === true;
}
