import type { ConfigurationProblem } from '../../errors/configuration.error.js';
import type { ResolvedResourceServerOptions } from '../../options/resolved-options.js';
import { isRequirement } from '../authorization/condition.js';
import type { HandlerConditionsReader } from '../authorization/handler-conditions.reader.js';
import type { DeclaredClass, DeclaredMethod } from './declared-classes.js';
import type { GuardCoverage, ShutOut } from './guard-coverage.js';

const NAMED_AT_MOST = 5;

/** Conditions that no M2MGuard would look at, guards that an override forgot, and guards without a resource server. */
export function coverageProblems(
  classes: readonly DeclaredClass[],
  coverage: GuardCoverage,
  reader: HandlerConditionsReader,
  resourceServer: ResolvedResourceServerOptions | undefined,
): ConfigurationProblem[] {
  const isClosed = ({ type }: DeclaredClass, { handler }: DeclaredMethod): boolean =>
    !reader.isKnown(type, handler) || !reader.read(type, handler).isPublic;
  const closed = classes.flatMap((declared) =>
    declared.methods
      .filter((method) => method.transports.length > 0 && isClosed(declared, method))
      .map((method) => ({ declared, method, isGuarded: coverage.isGuarded(declared.type, method) })),
  );
  const problems = closed.flatMap(({ declared, method, isGuarded }) => {
    const guard = coverage.of(declared.type, method);
    if (guard === 'm2m') return usersShutOut(declared, method, coverage.shutOut(declared.type, method));
    const problem = uncovered(declared, method, isGuarded ? 'requests' : guard);
    return problem.length > 0 ? problem : forgotten(method, coverage.overridden(declared.type, method));
  });
  const guarded = closed.filter(({ isGuarded }) => isGuarded).map(({ method }) => method.name);
  return resourceServer || guarded.length === 0 ? problems : [...problems, unconfigured(guarded)];
}

/** @param guard what stands before the method: an M2MGuard before requests only, or passport's AuthGuard */
function uncovered(
  { name, conditions }: DeclaredClass,
  method: DeclaredMethod,
  guard: 'requests' | 'passport' | undefined,
): ConfigurationProblem[] {
  const requirement = [...method.conditions, ...conditions].find(isRequirement);
  if (!requirement) return [];
  const has = `has @${requirement.decorator}, but`;
  const here = `@UseGuards(M2MGuard) on ${name}`;
  if (guard === 'passport') {
    const problem = `${has} only passport's AuthGuard stands before it, which knows no conditions`;
    const remedy = `${here}\n@UseGuards(M2MGuard.or('user-jwt')) if users may call too`;
    return [{ option: method.name, problem, remedy }];
  }
  const it = guard === 'requests' ? 'its messages: a global one counts for requests only' : 'it';
  const everywhere = '\n{ provide: APP_GUARD, useExisting: M2MGuard } for every route';
  const remedy = `${here}${method.transports.includes('message') ? '' : everywhere}\nextends M2MGuard in a guard of your own`;
  return [{ option: method.name, problem: `${has} no M2MGuard looks at ${it}`, remedy }];
}

/** @param from the class whose method had an M2MGuard */
function forgotten({ name, key }: DeclaredMethod, from: string | undefined): ConfigurationProblem[] {
  if (from === undefined) return [];
  const problem = `overrides ${from}.${key} without its M2MGuard`;
  return [{ option: name, problem, remedy: `@UseGuards(M2MGuard) on ${name}\n@Public() on ${name} for everybody` }];
}

function usersShutOut(
  { name }: DeclaredClass,
  method: DeclaredMethod,
  users: ShutOut | undefined,
): ConfigurationProblem[] {
  if (!users) return [];
  const or = `M2MGuard.or('${users.strategy}')`;
  const remedy =
    users.by === 'class'
      ? `@UseGuards(${or}) on ${name} in place of its M2MGuard`
      : `{ provide: APP_GUARD, useClass: ${or} } in place of the global M2MGuard, or no global one`;
  return [{ option: method.name, problem: `has ${or}, but the M2MGuard before it lets no user in`, remedy }];
}

function unconfigured(guarded: readonly string[]): ConfigurationProblem {
  const more = guarded.length > NAMED_AT_MOST ? ` and ${guarded.length - NAMED_AT_MOST} more` : '';
  return {
    option: 'resourceServer',
    problem: `is not configured, and M2MGuard stands before ${guarded.slice(0, NAMED_AT_MOST).join(', ')}${more}`,
    remedy: "M2MModule.forRoot({ ..., resourceServer: { audience: 'https://api.example.com' } })",
    kind: 'missing',
  };
}
