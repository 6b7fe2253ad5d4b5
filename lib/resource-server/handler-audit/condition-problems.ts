import type { Type } from '@nestjs/common';
import type { ResolvedResourceServerOptions } from '../../options/resolved-options.js';
import type { Problems } from '../../validation/problems.js';
import { readConditions } from '../authorization/condition-metadata.js';
import { isRequirement, type Condition } from '../authorization/condition.js';
import type { DeclaredClass, DeclaredMethod } from './declared-classes.js';

/** Adds the problems of a class's conditions and of its methods' that do not depend on guards. */
export function addConditionProblems(
  problems: Problems,
  declared: DeclaredClass,
  resourceServer: ResolvedResourceServerOptions | undefined,
): void {
  const { name, type, conditions, methods } = declared;
  const issuers = resourceServer?.issuers.map((each) => each.authorizationServer.issuer) ?? [];
  const isController = declared.controllers.length > 0;
  addContradictions(problems, name, conditions, issuers);
  if (isController) addMisnamed(problems, declared);
  else addNoRoute(problems, name, conditions);
  const publicControllers: readonly Type[] = resourceServer?.publicControllers ?? [];
  const isPublic = !conditions.every(isRequirement) || publicControllers.includes(type);
  if (isPublic) addOpenMessages(problems, declared);
  for (const method of methods) {
    addContradictions(problems, method.name, method.conditions, issuers);
    addMisplaced(problems, method, isController);
  }
}

/** @param issuers none if the application accepts no tokens, which another problem says */
function addContradictions(
  problems: Problems,
  option: string,
  conditions: readonly Condition[],
  issuers: readonly string[],
): void {
  const requirement = conditions.find(isRequirement);
  if (requirement && !conditions.every(isRequirement)) {
    problems.add(option, `has both @Public and @${requirement.decorator}`, 'one of the two');
  }
  if (issuers.length === 0) return;
  for (const client of conditions.flatMap((each) => (each.decorator === 'AllowClients' ? each.clients : []))) {
    if (typeof client === 'string' || issuers.includes(client.issuer)) continue;
    const accepted = issuers.map((each) => `{ issuer: '${each}', clientId: '${client.clientId}' }`).join(' or ');
    problems.add(option, `has @AllowClients with the issuer ${client.issuer}, whose tokens are not accepted`, accepted);
  }
}

/** A class is made public with its routes in mind. Its messages are made public one method at a time. */
function addOpenMessages(problems: Problems, { name, methods, controllers }: DeclaredClass): void {
  const handlesMessages = methods.some(({ transports }) => transports.includes('message'));
  if (controllers.length > 0 && !handlesMessages) return;
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
  const { name, key, hidden, dropped, transports, conditions } = method;
  for (const { decorator } of hidden.slice(0, 1)) {
    const problem = `loses its @${decorator} to a decorator above it, which puts another function in its place`;
    problems.add(name, problem, `@${decorator}(...) above that decorator`);
  }
  const isRoute = isController && transports.length > 0;
  if (!isRoute && hidden.length === 0) addNoRoute(problems, name, conditions);
  for (const { from, requirement } of isRoute ? dropped : []) {
    const again = `@${requirement.decorator}(...) on`;
    const remedy = `${again} ${name} again\n${again} the class ${from} for all of its routes`;
    problems.add(name, `overrides ${from}.${key} without its @${requirement.decorator}`, remedy);
  }
}

/** `@Public()` is no problem: a global guard may stand before sockets, resolvers and the handlers of other packages. */
function addNoRoute(problems: Problems, option: string, conditions: readonly Condition[]): void {
  const requirement = conditions.find(isRequirement);
  if (!requirement) return;
  const decorator = `@${requirement.decorator}`;
  const problem = `has ${decorator}, but is no route: M2MGuard decides over HTTP requests only`;
  problems.add(option, problem, `${decorator}(...) on a method of a controller, beside its @Get() or @Post()`);
}
