import { CallerContext } from '../../caller/caller-context.js';
import { getOrInsert } from '../../collections/get-or-insert.js';
import { isObject, memberOf } from '../../validation/checks.js';

/** By Node's request, which Express's and Fastify's lead to. */
const contexts = new WeakMap<object, CallerContext>();

/** The context of Node's request; a new one for a request that has none yet. */
export function openCallerContext(request: object): CallerContext {
  return getOrInsert(contexts, request, () => new CallerContext());
}

/** The context of a request of Express, of Fastify or of Node itself. `undefined`: nothing has opened one. */
export function callerContextOf(request: unknown): CallerContext | undefined {
  if (!isObject(request)) return undefined;
  // Nothing but an object is a key of the map.
  return contexts.get(request) ?? contexts.get(memberOf(request, 'raw') as object);
}
