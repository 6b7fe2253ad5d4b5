import type { CanActivate, Type } from '@nestjs/common';
import { registerCopy } from './authorization/package-copies.js';

/** Shared by all copies of the package in a process. */
const ENFORCES_M2M = Symbol.for('nestjs-m2m:enforces-m2m');

/**
 * Marks a guard of your own that runs M2MGuard inside, and so holds callers to the conditions of a handler.
 *
 * Nobody can check that it does: the start lists the handlers that only such guards stand before, and `M2MHandlers.list()`
 * says `claimed`. Conditions on those handlers do not stop the start. It counts for this very class: a guard that is derived
 * from it needs the decorator again.
 *
 * @example
 * @EnforcesM2M()
 * @Injectable()
 * export class MachineOrApiKeyGuard implements CanActivate {}
 */
export function EnforcesM2M(): (guard: Type<CanActivate>) => void {
  registerCopy();
  return (guard) => Reflect.defineMetadata(ENFORCES_M2M, true, guard);
}

/** Whether a class itself has the decorator. */
export function claimsToEnforce(type: object): boolean {
  return Reflect.hasOwnMetadata(ENFORCES_M2M, type);
}
