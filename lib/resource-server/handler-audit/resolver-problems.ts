import type { Problems } from '../../validation/problems.js';
import { isPublic, type Condition } from '../authorization/condition.js';
import type { DeclaredClass, DeclaredMethod } from './declared-classes.js';
import type { GuardCoverage } from './guard-coverage.js';

const ENHANCERS = "fieldResolverEnhancers: ['guards'] in GraphQLModule.forRoot";

/**
 * Adds conditions and guards of resolvers that would not hold.
 *
 * @param isOn whether `resourceServer.transports` has `graphql()`
 * @param isAsked whether Nest asks guards about a handler
 */
export function addResolverProblems(
  problems: Problems,
  declared: DeclaredClass,
  coverage: GuardCoverage,
  isOn: boolean,
  isAsked: (method: DeclaredMethod) => boolean,
): void {
  const { name, type, conditions, methods } = declared;
  const resolvers = methods.filter(({ field }) => field !== undefined);
  if (resolvers.length === 0) return;
  if (!isOn) {
    for (const each of [{ name, conditions, handler: type }, ...resolvers]) {
      const what = whatIsLost(each.conditions, coverage.onHandler(each.handler));
      const problem = `has ${what}, and resolves fields of GraphQL, which is not on`;
      if (what !== undefined) problems.add(each.name, problem, 'resourceServer.transports: [graphql()]');
    }
    return;
  }
  addDeadGuard(problems, declared, resolvers, coverage, isAsked);
  for (const resolver of resolvers) {
    if (isAsked(resolver)) continue;
    const { name: method, field, conditions: ofMethod, handler } = resolver;
    const what = whatIsLost([...ofMethod, ...conditions], coverage.onHandler(handler));
    if (what === undefined) continue;
    const problem = `has ${what}, but resolves ${field?.coordinate}, about which Nest asks no guard`;
    problems.add(method, problem, field?.isOpen ? `no ${what} on ${method}` : ENHANCERS);
  }
}

/** A guard of a class counts for its queries, and for its fields if Nest asks: one that counts for nothing was meant. */
function addDeadGuard(
  problems: Problems,
  { name, type, conditions, controllers }: DeclaredClass,
  resolvers: readonly DeclaredMethod[],
  coverage: GuardCoverage,
  isAsked: (method: DeclaredMethod) => boolean,
): void {
  const fields = resolvers.filter(({ field }) => !field?.isOpen);
  if (controllers.length > 0 || fields.length === 0 || fields.some(isAsked) || !conditions.every(isPublic)) return;
  const guard = coverage.onHandler(type);
  if (guard === undefined) return;
  const problem = `has @UseGuards(${guard}), but resolves fields alone about which Nest asks no guard`;
  problems.add(name, problem, ENHANCERS);
}

/** The decorator that would not hold. */
function whatIsLost(conditions: readonly Condition[], guard: string | undefined): string | undefined {
  const condition = conditions.find((each) => !isPublic(each));
  if (condition) return `@${condition.decorator}`;
  return guard === undefined ? undefined : `@UseGuards(${guard})`;
}
