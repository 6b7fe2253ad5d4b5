import type { Type } from '@nestjs/common';
import { readConditions } from './condition-metadata.js';
import type { Condition } from './condition.js';
import { uniteConditions, type RouteConditions } from './route-conditions.js';

/** The conditions of routes, read once for each. */
export class RouteConditionsReader {
  private readonly known = new WeakMap<object, WeakMap<object, RouteConditions>>();

  /** @param publicControllers controllers that count as decorated with `@Public()` */
  constructor(private readonly publicControllers: readonly Type[]) {}

  /** A handler that several classes inherit is a route of each. */
  read(controller: Type, handler: object): RouteConditions {
    let routes = this.known.get(controller);
    if (!routes) this.known.set(controller, (routes = new WeakMap()));
    let route = routes.get(handler);
    if (!route) routes.set(handler, (route = uniteConditions(this.ofClass(controller), readConditions(handler))));
    return route;
  }

  private ofClass(controller: Type): readonly Condition[] {
    const conditions = readConditions(controller);
    return this.publicControllers.includes(controller) ? [...conditions, { decorator: 'Public' }] : conditions;
  }
}
