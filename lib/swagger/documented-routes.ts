import { getOrInsert } from '../collections/get-or-insert.js';
import type { M2MHandler } from '../resource-server/handler-audit/listed-handlers.js';

/** Handlers of HTTP requests, by the methods and paths of an OpenAPI document. */
export class DocumentedRoutes {
  private readonly handlers = new Map<string, M2MHandler[]>();
  private readonly withoutPrefix = new Map<string, M2MHandler[]>();

  /** @param globalPrefix a document may leave it out: `ignoreGlobalPrefix` */
  constructor(handlers: readonly M2MHandler[], globalPrefix: string) {
    const prefix = shapeOf(`/${globalPrefix}`);
    for (const handler of handlers) {
      for (const path of handler.paths ?? []) {
        const shape = shapeOf(path);
        getOrInsert(this.handlers, shape, () => []).push(handler);
        if (!`${shape}/`.startsWith(`${prefix}/`)) continue;
        getOrInsert(this.withoutPrefix, shape.slice(prefix.length), () => []).push(handler);
      }
    }
  }

  /** The handlers of an operation. There are several if requests state a version that is not in the path. */
  find(method: string, path: string): readonly M2MHandler[] {
    const shape = shapeOf(path);
    const isOf = ({ httpMethod }: M2MHandler): boolean => httpMethod === 'ALL' || httpMethod === method.toUpperCase();
    const found = this.handlers.get(shape)?.filter(isOf) ?? [];
    return found.length > 0 ? found : (this.withoutPrefix.get(shape)?.filter(isOf) ?? []);
  }
}

/**
 * A path with all parameters alike, and without slashes at its ends: the routers and OpenAPI write parameters, wildcards
 * and optional parts in different ways.
 */
function shapeOf(path: string): string {
  const shape = path
    // A colon that begins no parameter.
    .replaceAll(/\\(?=[:*])|:(?=:)/g, '')
    // What a parameter of Fastify must match.
    .replaceAll(/\(\^[^)]*\)/g, '')
    // A parameter or a wildcard of OpenAPI, but no optional part of Express.
    .replaceAll(/\{[\w$]+\}/g, ':p')
    .replaceAll(/\(\.\*\)/g, '*')
    .replaceAll(/[{}]/g, '')
    .replaceAll(/[:*][\w$]+|\*/g, '{}');
  return `/${shape}`.replaceAll(/\/+/g, '/').replace(/\/$/, '');
}
