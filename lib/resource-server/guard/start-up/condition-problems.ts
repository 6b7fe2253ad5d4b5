import type { ConfigurationProblem } from '../../../errors/configuration.error.js';
import { isRequirement, type Condition } from '../condition.js';
import { argumentFindings, type Finding } from './argument-findings.js';
import type { DeclaredClass, DeclaredMethod } from './declared-classes.js';

/**
 * What is wrong with the conditions of a class and of its methods, whatever guards them.
 *
 * @param issuers those that `@AllowClients` may name
 */
export function conditionProblems(declared: DeclaredClass, issuers: readonly string[]): ConfigurationProblem[] {
  const { name, conditions, isController, methods } = declared;
  const ofClass = [...findings(conditions, issuers), ...(isController ? [] : notARoute(conditions))];
  return [
    ...ofClass.map((finding) => ({ where: name, ...finding })),
    ...methods.flatMap((method) =>
      [...findings(method.conditions, issuers), ...misplaced(method, isController)].map((finding) => ({
        where: method.name,
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
  return [{ seen: `has both @Public and @${requirement.decorator}`, write: 'one of the two' }];
}

function misplaced(method: DeclaredMethod, isController: boolean): Finding[] {
  const { conditions, hidden, dropped, transport } = method;
  const [lost] = hidden;
  if (lost) {
    const seen = `loses its @${lost.decorator} to a decorator above it, which puts another function in its place`;
    return [{ seen, write: `@${lost.decorator}(...) above that decorator` }];
  }
  if (dropped) return [override(method.name, dropped)];
  return isController && transport ? [] : notARoute(conditions);
}

function override(name: string, { from, condition }: NonNullable<DeclaredMethod['dropped']>): Finding {
  const decorator = `@${condition.decorator}`;
  return {
    seen: `overrides ${from}.${name.slice(name.lastIndexOf('.') + 1)} without its ${decorator}`,
    write: `${decorator}(...) on ${name} again\n${decorator}(...) on the class ${from} for all of its routes`,
  };
}

function notARoute([condition]: readonly Condition[]): Finding[] {
  if (!condition) return [];
  const seen = `has @${condition.decorator}, but is no route: M2MGuard decides over HTTP requests only`;
  return [{ seen, write: `@${condition.decorator}(...) on a method of a controller, beside its @Get() or @Post()` }];
}
