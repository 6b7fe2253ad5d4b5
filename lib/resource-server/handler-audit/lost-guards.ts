import type { Problems } from '../../validation/problems.js';
import type { DeclaredClass } from './declared-classes.js';
import type { GuardCoverage } from './guard-coverage.js';

/** Adds M2MGuards that were put on a method of a controller which is no handler. */
export function addLostGuards(problems: Problems, declared: DeclaredClass, coverage: GuardCoverage): void {
  if (declared.controllers.length === 0) return;
  for (const { name, handler, transports } of declared.methods) {
    if (transports.length > 0 || !coverage.isOnMethod(handler)) continue;
    const remedy = '@UseGuards(M2MGuard) on a method with @Get() or @Post(), or on its class';
    problems.add(name, 'has an M2MGuard, but is no handler: Nest asks the guard about nothing', remedy);
  }
}

/** Controllers whose instances do not exist yet, so that nobody can tell whether their methods keep their guards. */
export function requestScopedWarnings(declared: DeclaredClass, coverage: GuardCoverage): string[] {
  const { name, type, controllers, methods } = declared;
  if (controllers.every((each) => each.isDependencyTreeStatic())) return [];
  const guarded = methods.filter((method) => coverage.isOnMethodOnly(type, method)).map(({ key }) => key);
  if (guarded.length === 0) return [];
  return [
    `${name} is made for each request, and M2MGuard stands on its methods: ${guarded.join(', ')}. A constructor that assigns to one of them takes its guard away; write: @UseGuards(M2MGuard) on ${name}`,
  ];
}
