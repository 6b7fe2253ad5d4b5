import { isPublicHandler, type M2MHandler } from './listed-handlers.js';
import { namesOf } from './named-handlers.js';

/** A log line about the handlers that only guards with `@EnforcesM2M()` stand before; none if there are none. */
export function claimedLine(handlers: readonly M2MHandler[]): string | undefined {
  const claimed = handlers.filter((each) => each.guarded === 'claimed' && !isPublicHandler(each));
  if (claimed.length === 0) return undefined;
  return `Only a guard with @EnforcesM2M() holds callers to the conditions of ${namesOf(claimed)}`;
}
