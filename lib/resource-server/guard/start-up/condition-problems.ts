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

function misplaced({ conditions, hidden, transport }: DeclaredMethod, isController: boolean): Finding[] {
  const [lost] = hidden;
  if (lost) {
    const seen = `loses its @${lost.decorator} to a decorator above it, which puts another function in its place`;
    return [{ seen, write: `@${lost.decorator}(...) above that decorator` }];
  }
  return isController && transport ? [] : notARoute(conditions);
}

function notARoute([condition]: readonly Condition[]): Finding[] {
  if (!condition) return [];
  const seen = `has @${condition.decorator}, but is no route: M2MGuard decides over HTTP requests only`;
  return [{ seen, write: `@${condition.decorator}(...) on a method of a controller, beside its @Get() or @Post()` }];
}
