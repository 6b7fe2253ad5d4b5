import type { ResolvedResourceServerOptions } from '../../options/resolved-options.js';
import type { Problems } from '../../validation/problems.js';
import { isPublicHandler, type M2MHandler } from './listed-handlers.js';
import { nameOf, namesOf } from './named-handlers.js';
import { isEntry } from './resolvers.js';

const REMEDIES = [
  '@UseGuards(M2MGuard) on it or its class, or { provide: APP_GUARD, useExisting: M2MGuard } for every route',
  '@Public() if everybody may call it',
  'resourceServer.userGuards: [...] with the guard of yours that authenticates its users',
];

/** The HTTP handlers, and the fields of GraphQL, that everybody reaches, though nobody wrote that they are public. */
function unguardedHandlers(
  handlers: readonly M2MHandler[],
  publicMetadata: string | symbol | undefined,
): readonly M2MHandler[] {
  return handlers.filter((each) => {
    if (each.guarded || isPublicHandler(each) || !isOpen(each)) return false;
    return publicMetadata === undefined || !isMarked(publicMetadata, each);
  });
}

/** Whether nothing has been decided about a request before it reaches a handler. */
function isOpen({ transport, pattern }: M2MHandler): boolean {
  return transport === 'http' || (transport === 'graphql' && isEntry(String(pattern)));
}

/** Adds a problem for each unguarded handler, or returns the warning about all of them, as `unguarded` says. */
export function reportUnguarded(
  problems: Problems,
  handlers: readonly M2MHandler[],
  { unguarded, publicMetadata }: ResolvedResourceServerOptions,
): string | undefined {
  const found = unguarded === 'allow' ? [] : unguardedHandlers(handlers, publicMetadata);
  if (found.length === 0) return undefined;
  if (unguarded === 'refuse') {
    for (const each of found) problems.add(nameOf(each), 'has no guard that authenticates', REMEDIES.join('\n'));
    return undefined;
  }
  const guardsAny = handlers.some(({ guarded }) => guarded === 'm2m' || guarded === 'claimed');
  const none = guardsAny ? '' : 'resourceServer is configured, and M2MGuard stands before no handler. ';
  const remedies = [...REMEDIES, "resourceServer.unguarded: 'allow' for no such warning"].join('; or: ');
  return `${none}No guard that authenticates stands before ${namesOf(found)}; write: ${remedies}`;
}

/** What a handler's own metadata says holds; that of the class holds for others. */
function isMarked(key: string | symbol, { class: type, method }: M2MHandler): boolean {
  const handler = (type.prototype as Record<string, object>)[method] as object;
  return Boolean((Reflect.getMetadata(key, handler) as unknown) ?? Reflect.getMetadata(key, type));
}
