import type { Problems } from '../../validation/problems.js';
import { isPublic, type Condition } from '../authorization/condition.js';
import type { DeclaredClass } from './declared-classes.js';
import type { GuardCoverage } from './guard-coverage.js';

/** How the application serves the resolvers of GraphQL. */
export interface GraphqlServing {
  /** Whether `resourceServer.transports` has `graphql()`. */
  readonly isOn: boolean;
  /** Whether Nest asks guards about the fields of nested types. */
  readonly guardsNestedFields: boolean;
}

/** Adds conditions and guards of resolvers that would not hold. */
export function addResolverProblems(
  problems: Problems,
  declared: DeclaredClass,
  coverage: GuardCoverage,
  { isOn, guardsNestedFields }: GraphqlServing,
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
  for (const { name: method, field, conditions: ofMethod, handler } of resolvers) {
    if (!field?.isNested || (guardsNestedFields && !field.isOpen)) continue;
    const what = whatIsLost([...ofMethod, ...conditions], coverage.onHandler(handler));
    if (what === undefined) continue;
    const problem = `has ${what}, but resolves ${field.coordinate}, about which Nest asks no guard`;
    const enhancers = "fieldResolverEnhancers: ['guards'] in GraphQLModule.forRoot";
    problems.add(method, problem, field.isOpen ? `no ${what} on ${method}` : enhancers);
  }
}

/** The decorator that would not hold. */
function whatIsLost(conditions: readonly Condition[], guard: string | undefined): string | undefined {
  const condition = conditions.find((each) => !isPublic(each));
  if (condition) return `@${condition.decorator}`;
  return guard === undefined ? undefined : `@UseGuards(${guard})`;
}
