import type { ResolvedResourceServerOptions } from '../../options/resolved-options.js';
import type { Problems } from '../../validation/problems.js';
import type { M2MHandler } from './listed-handlers.js';

const NAMED_AT_MOST = 20;

const REMEDIES = [
  '@UseGuards(M2MGuard) on it or its class, or { provide: APP_GUARD, useExisting: M2MGuard } for every route',
  '@Public() if everybody may call it',
  'resourceServer.userGuards: [...] with the guard of yours that authenticates its users',
];

/** The HTTP handlers that everybody reaches, though nobody wrote that they are public. */
export function unguardedHandlers(
  handlers: readonly M2MHandler[],
  publicMetadata: string | symbol | undefined,
): readonly M2MHandler[] {
  return handlers.filter(({ transport, guarded, conditions, class: type, method }) => {
    if (transport !== 'http' || guarded || conditions.some(({ decorator }) => decorator === 'Public')) return false;
    return publicMetadata === undefined || !isMarked(publicMetadata, type, method);
  });
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
  const guardsAny = handlers.some(({ guarded }) => guarded === 'm2m');
  const none = guardsAny ? '' : 'resourceServer is configured, and M2MGuard stands before no handler. ';
  const names = found.slice(0, NAMED_AT_MOST).map(nameOf).join(', ');
  const more = found.length > NAMED_AT_MOST ? `, and ${found.length - NAMED_AT_MOST} more in M2MHandlers.list()` : '';
  const remedies = [...REMEDIES, "resourceServer.unguarded: 'allow' for no such warning"].join('; or: ');
  return `${none}No guard that authenticates stands before ${names}${more}; write: ${remedies}`;
}

function nameOf({ class: type, method }: M2MHandler): string {
  return `${type.name}.${method}`;
}

/** What a handler's own metadata says holds; that of the class holds for others. */
function isMarked(key: string | symbol, type: M2MHandler['class'], method: string): boolean {
  const handler = (type.prototype as Record<string, object>)[method] as object;
  return Boolean((Reflect.getMetadata(key, handler) as unknown) ?? Reflect.getMetadata(key, type));
}
