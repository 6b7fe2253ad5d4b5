import type { ConfigurationProblem } from '../../errors/configuration.error.js';
import { readConditions } from '../authorization/condition-metadata.js';
import { isRequirement, type Condition } from '../authorization/condition.js';
import { argumentFindings, type Finding } from './argument-findings.js';
import type { DeclaredClass, DeclaredMethod } from './declared-classes.js';
import type { DroppedRequirement } from '../authorization/lost-conditions.js';

/**
 * What is wrong with the conditions of a class and of its methods, whatever guards them.
 *
 * @param issuers those that `@AllowClients` may name
 */
export function conditionProblems(declared: DeclaredClass, issuers: readonly string[]): ConfigurationProblem[] {
  const { name, conditions, methods } = declared;
  const isController = declared.controllers.length > 0;
  const ofClass = [...findings(conditions, issuers), ...(isController ? misnamed(declared) : notARoute(conditions))];
  return [
    ...ofClass.map((finding) => ({ option: name, ...finding })),
    ...methods.flatMap((method) =>
      [...findings(method.conditions, issuers), ...misplaced(method, isController)].map((finding) => ({
        option: method.name,
        ...finding,
      })),
    ),
  ];
}

function findings(conditions: readonly Condition[], issuers: readonly string[]): Finding[] {
  return [...contradiction(conditions), ...conditions.flatMap((condition) => argumentFindings(condition, issuers))];
}

function contradiction(conditions: readonly Condition[]): Finding[] {
  const requirement = conditions.find(isRequirement);
  if (!requirement || conditions.every(isRequirement)) return [];
  return [{ problem: `has both @Public and @${requirement.decorator}`, remedy: 'one of the two' }];
}

// Guards are told the constructor of an instance, which a proxy passes on and a mixin may have copied from elsewhere.
function misnamed({ type, conditions }: DeclaredClass): Finding[] {
  const counting = readConditions((type.prototype as { readonly constructor: object }).constructor);
  const lost = conditions.find((each) => !counting.includes(each));
  if (!lost) return [];
  const decorator = `@${lost.decorator}`;
  const problem = `loses its ${decorator} to another class, which is the constructor of its instances`;
  return [{ problem, remedy: `${decorator}(...) on each of its methods` }];
}

function misplaced(method: DeclaredMethod, isController: boolean): Finding[] {
  const { hidden, dropped, transports } = method;
  const isRoute = isController && transports.length > 0;
  const lost = [...hidden.slice(0, 1).map(covered), ...(isRoute ? dropped.map((each) => override(method, each)) : [])];
  return lost.length > 0 || isRoute ? lost : notARoute(method.conditions);
}

function covered({ decorator }: Condition): Finding {
  const problem = `loses its @${decorator} to a decorator above it, which puts another function in its place`;
  return { problem, remedy: `@${decorator}(...) above that decorator` };
}

function override({ name, key }: DeclaredMethod, { from, requirement }: DroppedRequirement): Finding {
  const decorator = `@${requirement.decorator}`;
  return {
    problem: `overrides ${from}.${key} without its ${decorator}`,
    remedy: `${decorator}(...) on ${name} again\n${decorator}(...) on the class ${from} for all of its routes`,
  };
}

function notARoute([condition]: readonly Condition[]): Finding[] {
  if (!condition) return [];
  const problem = `has @${condition.decorator}, but is no route: M2MGuard decides over HTTP requests only`;
  return [
    { problem, remedy: `@${condition.decorator}(...) on a method of a controller, beside its @Get() or @Post()` },
  ];
}
