import type { Problems } from '../../validation/problems.js';
import { readConditions } from '../authorization/condition-metadata.js';
import { isResolver, type DeclaredClass, type DeclaredMethod } from './declared-classes.js';
import type { GuardCoverage } from './guard-coverage.js';

/**
 * Adds guards and conditions that were put on a method and that Nest does not find, as it calls another function or none.
 *
 * Nest reads both from the function in the instance of the controller.
 */
export function addLostGuards(problems: Problems, declared: DeclaredClass, coverage: GuardCoverage): void {
  const isOfGraphql = isResolver(declared);
  if (declared.controllers.length === 0 && !isOfGraphql) return;
  for (const method of declared.methods) {
    const { name, key, handler, transports, replacements } = method;
    const guard = transports.length === 0 ? coverage.onHandler(handler) : undefined;
    if (guard !== undefined) {
      const decorators = isOfGraphql ? '@Query() or @Mutation()' : '@Get() or @Post()';
      const remedy = `@UseGuards(${guard}) on a method with ${decorators}, or on its class`;
      problems.add(name, `has @UseGuards(${guard}), but is no handler: Nest asks the guard about nothing`, remedy);
    }
    if (replacements.some((each) => isLoss(method, each, coverage))) {
      const problem =
        'is another function in the instance, without the guards and conditions that were put on the method';
      const remedy = `no assignment to this.${key} in ${declared.name}, such as this.${key} = this.${key}.bind(this)`;
      problems.add(name, problem, `${remedy}\n() => this.${key}() to pass the method on`);
    }
  }
}

/** Controllers whose instances do not exist yet, so that nobody can tell whether their methods keep their guards. */
export function requestScopedWarnings(declared: DeclaredClass, coverage: GuardCoverage): string[] {
  const { name, type, controllers, methods } = declared;
  if (controllers.every((each) => each.isDependencyTreeStatic())) return [];
  const guards = methods.map((method) => [method.key, coverage.onMethodOnly(type, method)] as const);
  const guarded = guards.filter(([, guard]) => guard !== undefined);
  if (guarded.length === 0) return [];
  const guard = guarded[0]?.[1];
  const keys = guarded.map(([key]) => key).join(', ');
  return [
    `${name} is made for each request, and ${guard} stands on its methods: ${keys}. A constructor that assigns to one of them takes its guard away; write: @UseGuards(${guard}) on ${name}`,
  ];
}

function isLoss({ handler, conditions }: DeclaredMethod, replacement: object, coverage: GuardCoverage): boolean {
  const kept = readConditions(replacement);
  return conditions.some((each) => !kept.includes(each)) || coverage.isLost(handler, replacement);
}
