import { getOrInsert } from '../collections/get-or-insert.js';
import type { M2MHandler } from '../resource-server/handler-audit/listed-handlers.js';

/** Method and path of an operation. */
export interface DocumentedRoute {
  readonly method: string;
  readonly path: string;
}

/** Handlers of HTTP requests, by the methods and paths of an OpenAPI document. */
export class DocumentedRoutes {
  private readonly handlers = new Map<string, M2MHandler[]>();
  private readonly withoutPrefix = new Map<string, M2MHandler[]>();
  /** Whether the document leaves the prefix out (`ignoreGlobalPrefix`): it has a path that no handler has otherwise. */
  private readonly isPrefixLeftOut: boolean;

  /** @param documented the operations of the document */
  constructor(handlers: readonly M2MHandler[], globalPrefix: string, documented: readonly DocumentedRoute[]) {
    const prefix = shapeOf(`/${globalPrefix}`);
    for (const handler of handlers) {
      for (const path of handler.paths ?? []) {
        const shape = shapeOf(path);
        getOrInsert(this.handlers, shape, () => []).push(handler);
        if (!`${shape}/`.startsWith(`${prefix}/`)) continue;
        getOrInsert(this.withoutPrefix, shape.slice(prefix.length), () => []).push(handler);
      }
    }
    this.isPrefixLeftOut = documented.some(
      (route) => this.in(this.handlers, route).length === 0 && this.in(this.withoutPrefix, route).length > 0,
    );
  }

  /** The handlers of an operation. There are several if requests state a version that is not in the path. */
  find(route: DocumentedRoute): readonly M2MHandler[] {
    // A path of the one kind may read like another of the other kind.
    const short = this.isPrefixLeftOut ? this.in(this.withoutPrefix, route) : [];
    return short.length > 0 ? short : this.in(this.handlers, route);
  }

  private in(
    handlers: ReadonlyMap<string, readonly M2MHandler[]>,
    { method, path }: DocumentedRoute,
  ): readonly M2MHandler[] {
    const isOf = ({ httpMethod }: M2MHandler): boolean => httpMethod === 'ALL' || httpMethod === method.toUpperCase();
    return handlers.get(shapeOf(path))?.filter(isOf) ?? [];
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
