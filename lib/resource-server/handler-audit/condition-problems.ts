import type { Type } from '@nestjs/common';
import type { ConfigurationProblem } from '../../errors/configuration.error.js';
import type { ResolvedResourceServerOptions } from '../../options/resolved-options.js';
import { readConditions } from '../authorization/condition-metadata.js';
import { isRequirement, type Condition } from '../authorization/condition.js';
import type { DroppedRequirement } from '../authorization/lost-conditions.js';
import type { DeclaredClass, DeclaredMethod } from './declared-classes.js';

/** A problem, beside the place where it was found. */
type Finding = Omit<ConfigurationProblem, 'option'>;

/** What is wrong with the conditions of a class and of its methods, whatever guards them. */
export function conditionProblems(
  declared: DeclaredClass,
  resourceServer: ResolvedResourceServerOptions | undefined,
): ConfigurationProblem[] {
  const { name, type, conditions, methods } = declared;
  const issuers = resourceServer ? resourceServer.issuers.map((each) => each.authorizationServer.issuer) : [];
  const isController = declared.controllers.length > 0;
  const publicControllers: readonly Type[] = resourceServer?.publicControllers ?? [];
  const isPublic = conditions.some((each) => !isRequirement(each)) || publicControllers.includes(type);
  const ofClass = [
    ...contradiction(conditions),
    ...unknownIssuers(conditions, issuers),
    ...(isController ? misnamed(declared) : notARoute(conditions)),
    ...(isController && isPublic ? openMessages(declared) : []),
  ];
  return [
    ...ofClass.map((finding) => ({ option: name, ...finding })),
    ...methods.flatMap((method) =>
      [
        ...contradiction(method.conditions),
        ...unknownIssuers(method.conditions, issuers),
        ...misplaced(method, isController),
      ].map((finding) => ({ option: method.name, ...finding })),
    ),
  ];
}

function contradiction(conditions: readonly Condition[]): Finding[] {
  const requirement = conditions.find(isRequirement);
  if (!requirement || conditions.every(isRequirement)) return [];
  return [{ problem: `has both @Public and @${requirement.decorator}`, remedy: 'one of the two' }];
}

/** @param issuers none if the application accepts no tokens, which another problem says */
function unknownIssuers(conditions: readonly Condition[], issuers: readonly string[]): Finding[] {
  if (issuers.length === 0) return [];
  const clients = conditions.flatMap((each) => (each.decorator === 'AllowClients' ? each.clients : []));
  return clients.flatMap((client) => {
    if (typeof client === 'string' || issuers.includes(client.issuer)) return [];
    const problem = `has @AllowClients with the issuer ${client.issuer}, whose tokens are not accepted`;
    return [
      { problem, remedy: issuers.map((each) => `{ issuer: '${each}', clientId: '${client.clientId}' }`).join(' or ') },
    ];
  });
}

/** Who publishes a class thinks of its routes; messages from everybody are said method by method. */
function openMessages({ methods }: DeclaredClass): Finding[] {
  if (!methods.some(({ transports }) => transports.includes('message'))) return [];
  return [
    {
      problem: 'is public as a whole class, and handles messages',
      remedy: '@Public() on each of its methods that everybody may call',
    },
  ];
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
