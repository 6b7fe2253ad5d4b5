import { tellsUsers } from '../../authorization-servers/claims.js';
import type { ResolvedResourceServerOptions } from '../../options/resolved-options.js';
import { listed } from '../../validation/listed.js';
import type { Problems } from '../../validation/problems.js';
import { isOptionalToken, isPublic } from '../authorization/condition.js';
import { HandlerConditionsReader } from '../authorization/handler-conditions.reader.js';
import type { UsersOfGuard } from '../machine-or-user.guard.js';
import { notConfigured } from '../not-configured.js';
import type { DeclaredClass, DeclaredMethod } from './declared-classes.js';
import type { Coverage, ForgottenGuard, GuardCoverage, ShutOut } from './guard-coverage.js';

/** What is wrong with a handler, and the line to write. */
type Finding = readonly [problem: string, remedy: string] | undefined;

/**
 * Adds conditions that no M2MGuard would look at, guards that an override forgot, and guards without a resource server.
 *
 * @param isAsked whether Nest asks guards about a handler
 */
export function addCoverageProblems(
  problems: Problems,
  classes: readonly DeclaredClass[],
  coverage: GuardCoverage,
  resourceServer: ResolvedResourceServerOptions | undefined,
  isAsked: (method: DeclaredMethod) => boolean,
): void {
  const reader = new HandlerConditionsReader(resourceServer?.publicControllers);
  const guarded: string[] = [];
  const strategies = new Set<string>();
  for (const declared of classes) {
    const { type, methods } = declared;
    for (const method of methods.filter((each) => each.transports.length > 0 && isAsked(each))) {
      if (reader.isKnown(type, method.handler) && reader.read(type, method.handler).isPublic) continue;
      const ways = method.transports.map((each) => coverage.of(type, method, each));
      if (ways.some(isEnforced)) guarded.push(method.name);
      const users = coverage.usersOf(type, method);
      for (const { strategy, hasIsUser } of users) if (!hasIsUser) strategies.add(strategy);
      const found = ways.every(isEnforced)
        ? (usersShutOut(declared, coverage.shutOut(type, method)) ?? optionalBesideUsers(declared, method, users))
        : (uncovered(declared, method, ways) ?? forgotten(method, coverage.forgotten(type, method)));
      if (found) problems.add(method.name, ...found);
    }
  }
  for (const strategy of strategies) addUntoldUsers(problems, strategy, resourceServer);
  if (resourceServer || guarded.length === 0) return;
  problems.collect('', () => notConfigured(`M2MGuard stands before ${listed(guarded)}`));
}

/** Adds issuers whose tokens never prove to be a user's, if nothing else tells. */
function addUntoldUsers(
  problems: Problems,
  strategy: string,
  resourceServer: ResolvedResourceServerOptions | undefined,
): void {
  const servers = resourceServer?.issuers.map(({ authorizationServer }) => authorizationServer) ?? [];
  const names = servers
    .filter(({ readClaims }) => !tellsUsers(readClaims))
    .map(({ name, issuer }) => `${name} (${issuer})`);
  if (names.length === 0) return;
  const problem = `needs isUser: no claim of ${names.join(', ')} is for users only`;
  const remedy = `M2MGuard.or('${strategy}', { isUser: ({ client_id }) => client_id === 'spa' })`;
  problems.add(`M2MGuard.or('${strategy}')`, problem, remedy);
}

function isEnforced(coverage: Coverage): boolean {
  return coverage === 'm2m' || coverage === 'claimed';
}

/** @param ways what stands on each way to the method */
function uncovered({ name, conditions }: DeclaredClass, method: DeclaredMethod, ways: readonly Coverage[]): Finding {
  const condition = [...method.conditions, ...conditions].find((each) => !isPublic(each));
  if (!condition) return undefined;
  const has = `has @${condition.decorator}, but`;
  const here = `@UseGuards(M2MGuard) on ${name}`;
  const isPartly = ways.some(isEnforced);
  if (!isPartly && ways.at(-1) === 'passport') {
    const problem = `${has} only passport's AuthGuard stands before it, which knows no conditions`;
    const forUsers = isOptionalToken(condition) ? '' : "\n@UseGuards(M2MGuard.or('user-jwt')) if users may call too";
    return [problem, `${here}${forUsers}`];
  }
  const it = isPartly ? 'its messages: a global one counts for requests only' : 'it';
  const isMessage = method.transports.includes('message');
  const everywhere = isMessage ? [] : ['{ provide: APP_GUARD, useExisting: M2MGuard } for every route'];
  const own = ['extends M2MGuard in a guard of your own', '@EnforcesM2M() on a guard of your own that runs M2MGuard'];
  return [`${has} no M2MGuard looks at ${it}`, [here, ...everywhere, ...own].join('\n')];
}

function forgotten({ name, key }: DeclaredMethod, lost: ForgottenGuard | undefined): Finding {
  if (!lost) return undefined;
  const remedy = `@UseGuards(${lost.guard}) on ${name}\n@Public() on ${name} for everybody`;
  return [`overrides ${lost.from}.${key} without its ${lost.guard}`, remedy];
}

/** Nobody could tell whether a request without a token is the strategy's, which may know its user by a cookie. */
function optionalBesideUsers(
  { conditions }: DeclaredClass,
  method: DeclaredMethod,
  [users]: readonly UsersOfGuard[],
): Finding {
  if (!users || ![...conditions, ...method.conditions].some(isOptionalToken)) return undefined;
  const problem = `has @OptionalToken, and M2MGuard.or('${users.strategy}') stands before it, which leaves requests without a token to its strategy`;
  return [problem, `@UseGuards(M2MGuard) on ${method.name}, or no @OptionalToken()`];
}

function usersShutOut({ name }: DeclaredClass, users: ShutOut | undefined): Finding {
  if (!users) return undefined;
  const or = `M2MGuard.or('${users.strategy}')`;
  const ofClass = `@UseGuards(${or}) on ${name} in place of its M2MGuard`;
  const global = `{ provide: APP_GUARD, useClass: ${or} } in place of the global M2MGuard, or no global one`;
  return [`has ${or}, but the M2MGuard before it lets no user in`, users.by === 'class' ? ofClass : global];
}
