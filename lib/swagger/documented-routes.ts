import { getOrInsert } from '../collections/get-or-insert.js';
import type { M2MHandler } from '../resource-server/handler-audit/listed-handlers.js';
import { documentedPath } from './documented-path.js';

/** Method and path of an operation. */
export interface DocumentedRoute {
  readonly method: string;
  readonly path: string;
}

/** A handler, as one path of the document reaches it. */
interface RoutedHandler {
  readonly handler: M2MHandler;
  readonly path: string;
}

/** Handlers of HTTP requests, by the methods and paths of an OpenAPI document. */
export class DocumentedRoutes {
  private readonly handlers = new Map<string, RoutedHandler[]>();
  private readonly withoutPrefix = new Map<string, RoutedHandler[]>();
  /** Whether the document leaves the prefix out (`ignoreGlobalPrefix`): it has a path that no handler has otherwise. */
  private readonly isPrefixLeftOut: boolean;

  /** @param documented the operations of the document */
  constructor(handlers: readonly M2MHandler[], globalPrefix: string, documented: readonly DocumentedRoute[]) {
    const prefix = trimmed(documentedPath(globalPrefix));
    for (const handler of handlers) {
      for (const each of handler.paths ?? []) {
        const path = trimmed(documentedPath(each));
        add(this.handlers, { handler, path });
        if (`${path}/`.startsWith(`${prefix}/`)) add(this.withoutPrefix, { handler, path: path.slice(prefix.length) });
      }
    }
    this.isPrefixLeftOut = documented.some(
      (route) => routed(this.handlers, route).length === 0 && routed(this.withoutPrefix, route).length > 0,
    );
  }

  /** The handlers of an operation. There are several if requests state a version that is not in the path. */
  find(route: DocumentedRoute): readonly M2MHandler[] {
    // A path of the one kind may read like another of the other kind.
    const short = this.isPrefixLeftOut ? routed(this.withoutPrefix, route) : [];
    const found = short.length > 0 ? short : routed(this.handlers, route);
    // Paths that differ in the names of parameters only are operations of their own.
    const named = found.filter(({ path }) => path === trimmed(route.path));
    return (named.length > 0 ? named : found).map(({ handler }) => handler);
  }
}

function add(handlers: Map<string, RoutedHandler[]>, routedHandler: RoutedHandler): void {
  getOrInsert(handlers, shapeOf(routedHandler.path), () => []).push(routedHandler);
}

function routed(
  handlers: ReadonlyMap<string, readonly RoutedHandler[]>,
  { method, path }: DocumentedRoute,
): readonly RoutedHandler[] {
  const isOf = ({ handler: { httpMethod } }: RoutedHandler): boolean =>
    httpMethod === 'ALL' || httpMethod === method.toUpperCase();
  return handlers.get(shapeOf(trimmed(path)))?.filter(isOf) ?? [];
}

/** A path with all parameters alike: the document names those that have no name in the route. */
function shapeOf(path: string): string {
  return path.replaceAll(/\{[^{}]*\}/g, '{}');
}

/** A path without slashes at its end, and with one at its beginning. */
function trimmed(path: string): string {
  return `/${path}`.replaceAll(/\/+/g, '/').replace(/\/$/, '');
}
