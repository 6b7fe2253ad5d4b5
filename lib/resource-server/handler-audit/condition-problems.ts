import type { ResolvedResourceServerOptions } from '../../options/resolved-options.js';
import type { Problems } from '../../validation/problems.js';
import { readConditions } from '../authorization/condition-metadata.js';
import { isOptionalToken, isPublic, isRequirement, type Condition } from '../authorization/condition.js';
import { addUnacceptedAudiences, addUnacceptedIssuers } from './unaccepted-names.js';
import { isGateway, isResolver, type DeclaredClass, type DeclaredMethod } from './declared-classes.js';

/** Adds the problems of a class's conditions and of its methods' that do not depend on guards. */
export function addConditionProblems(
  problems: Problems,
  declared: DeclaredClass,
  resourceServer: ResolvedResourceServerOptions | undefined,
): void {
  const { name, type, conditions, methods } = declared;
  const isController = declared.controllers.length > 0;
  const isListed = resourceServer?.publicControllers?.includes(type) ?? false;
  const ofClass: readonly Condition[] = isListed ? [...conditions, { decorator: 'Public' }] : conditions;
  // A listed controller keeps the requirements of its own.
  addContradictions(problems, name, conditions.some(isOptionalToken) ? ofClass : conditions, resourceServer);
  if (isController || isResolver(declared)) addMisnamed(problems, declared);
  else addNoRoute(problems, name, conditions);
  if (ofClass.some(isPublic)) addOpenMessages(problems, declared);
  for (const method of methods) {
    addContradictions(problems, method.name, method.conditions, resourceServer);
    if (method.transports.length > 0) addMixedLevels(problems, method, ofClass);
    addMisplaced(problems, method, isController);
  }
}

function addContradictions(
  problems: Problems,
  option: string,
  conditions: readonly Condition[],
  resourceServer: ResolvedResourceServerOptions | undefined,
): void {
  const lifting = conditions.find((each) => !isRequirement(each));
  const other = conditions.find((each) => each.decorator !== lifting?.decorator);
  if (lifting && other) {
    problems.add(option, `has both @${lifting.decorator} and @${other.decorator}`, 'one of the two');
  }
  addUnacceptedIssuers(problems, option, conditions, resourceServer);
  addUnacceptedAudiences(problems, option, conditions, resourceServer);
}

/** `@OptionalToken()` on a method or its class, and a condition on the other: they contradict each other. */
function addMixedLevels(problems: Problems, { name, conditions }: DeclaredMethod, ofClass: readonly Condition[]): void {
  const [here, there] = [conditions, ofClass].map((level) => ({
    optional: level.find(isOptionalToken),
    other: level.find((each) => !isOptionalToken(each)),
  }));
  const ofMethod = here?.optional ?? here?.other;
  const other = here?.optional ? there?.other : there?.optional;
  if (!ofMethod || !other) return;
  const problem = `has @${ofMethod.decorator}, and its class has @${other.decorator}`;
  problems.add(name, problem, '@OptionalToken() on methods alone, and no condition on their class');
}

/** A class is made public with its routes in mind. Its messages are made public one method at a time. */
function addOpenMessages(problems: Problems, declared: DeclaredClass): void {
  const { name, type, methods, controllers } = declared;
  const handlesMessages = isGateway(type) || methods.some(({ transports }) => transports.includes('message'));
  if ((controllers.length > 0 || isResolver(declared)) && !handlesMessages) return;
  const remedy = '@Public() on each of its methods that everybody may call';
  const why = handlesMessages ? 'handles messages' : 'is no controller';
  problems.add(name, `is public as a whole class, and ${why}`, remedy);
}

// Guards get the constructor of an instance, which a proxy passes on and a mixin may have copied from elsewhere.
function addMisnamed(problems: Problems, { name, type, conditions }: DeclaredClass): void {
  const counting = readConditions((type.prototype as { readonly constructor: object }).constructor);
  const lost = conditions.find((each) => !counting.includes(each));
  if (!lost) return;
  const decorator = `@${lost.decorator}`;
  const problem = `loses its ${decorator} to another class, which is the constructor of its instances`;
  problems.add(name, problem, `${decorator}(...) on each of its methods`);
}

function addMisplaced(problems: Problems, method: DeclaredMethod, isController: boolean): void {
  const { name, key, hidden, dropped, transports, conditions, field } = method;
  for (const { decorator } of hidden.slice(0, 1)) {
    const problem = `loses its @${decorator} to a decorator above it, which puts another function in its place`;
    problems.add(name, problem, `@${decorator}(...) above that decorator`);
  }
  const isHandler = field !== undefined || (isController && transports.length > 0);
  if (!isHandler && hidden.length === 0) addNoRoute(problems, name, conditions);
  for (const { from, requirement } of isHandler ? dropped : []) {
    const again = `@${requirement.decorator}(...) on`;
    const remedy = `${again} ${name} again\n${again} the class ${from} for all of its routes`;
    problems.add(name, `overrides ${from}.${key} without its @${requirement.decorator}`, remedy);
  }
}

/** `@Public()` is no problem: a global guard may stand before sockets, resolvers and the handlers of other packages. */
function addNoRoute(problems: Problems, option: string, conditions: readonly Condition[]): void {
  const condition = conditions.find((each) => !isPublic(each));
  if (!condition) return;
  const decorator = `@${condition.decorator}`;
  const problem = `has ${decorator}, but is no route: M2MGuard decides over HTTP requests only`;
  problems.add(option, problem, `${decorator}(...) on a method of a controller, beside its @Get() or @Post()`);
}
