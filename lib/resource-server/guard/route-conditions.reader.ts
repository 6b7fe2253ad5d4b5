import type { Type } from '@nestjs/common';
import { M2MConfigurationError } from '../../errors/configuration.error.js';
import { readConditions } from './condition-metadata.js';
import type { Condition } from './condition.js';
import { uniteConditions, type RouteConditions } from './route-conditions.js';

/** The conditions of routes, read once for each. */
export class RouteConditionsReader {
  private readonly known = new WeakMap<object, WeakMap<object, RouteConditions>>();

  /** @param publicControllers controllers that count as decorated with `@Public()` */
  constructor(private readonly publicControllers: readonly Type[]) {}

  /**
   * A handler that several classes inherit is a route of each.
   *
   * @throws M2MConfigurationError for a function that no route decorator was put on: its conditions are elsewhere
   */
  read(controller: Type, handler: object): RouteConditions {
    let routes = this.known.get(controller);
    if (!routes) this.known.set(controller, (routes = new WeakMap()));
    let route = routes.get(handler);
    if (!route) routes.set(handler, (route = this.unite(controller, handler)));
    return route;
  }

  private unite(controller: Type, handler: object): RouteConditions {
    if (!isDecorated(handler)) throw replaced(controller, handler);
    return uniteConditions(this.ofClass(controller), readConditions(handler));
  }

  private ofClass(controller: Type): readonly Condition[] {
    const conditions = readConditions(controller);
    return this.publicControllers.includes(controller) ? [...conditions, { decorator: 'Public' }] : conditions;
  }
}

function isDecorated(handler: object): boolean {
  return Reflect.hasMetadata('path', handler) || Reflect.hasMetadata('microservices:pattern', handler);
}

function replaced({ name }: Type, handler: object): M2MConfigurationError {
  const method = 'name' in handler ? String(handler.name) : 'handler';
  return new M2MConfigurationError([
    {
      where: `${name}.${method}`,
      seen: 'is not the method that the decorators were put on, so that nobody knows its conditions',
      write: `no assignment to that method in the constructor of ${name}, such as this.list = this.list.bind(this)`,
    },
  ]);
}
