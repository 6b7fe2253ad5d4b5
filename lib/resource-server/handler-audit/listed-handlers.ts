import type { Type } from '@nestjs/common';
import { readConditions } from '../authorization/condition-metadata.js';
import { isRequirement, type Condition } from '../authorization/condition.js';
import type { HandlerConditionsReader } from '../authorization/handler-conditions.reader.js';
import type { DeclaredClass, DeclaredMethod } from './declared-classes.js';
import type { GuardCoverage } from './guard-coverage.js';

/** A handler of the application, as one transport reaches it. */
export interface M2MHandler {
  /** How requests reach it. A handler that both reach is listed twice. */
  readonly transport: 'http' | 'message';
  /** Its controller. */
  readonly class: Type;
  /** The name of its method. */
  readonly method: string;
  /** What decorators of this package say, on the class and on the method; `Public` alone for a public handler. */
  readonly conditions: readonly Condition[];
  /** Who is authenticated before it: machines by an M2MGuard, users by passport's AuthGuard or one of `userGuards`. */
  readonly guarded: 'm2m' | 'user' | false;
}

/** Every handler of the controllers, once for each transport. */
export function listHandlers(
  classes: readonly DeclaredClass[],
  coverage: GuardCoverage,
  reader: HandlerConditionsReader,
): readonly M2MHandler[] {
  const listed = classes.flatMap((declared) =>
    declared.methods.flatMap((method) =>
      method.transports.map((transport): M2MHandler => {
        const { type } = declared;
        const conditions = Object.freeze(conditionsOf(declared, method, reader));
        const guarded = coverage.guardOf(type, method, transport);
        return Object.freeze({ transport, class: type, method: method.key, conditions, guarded });
      }),
    ),
  );
  return Object.freeze(listed);
}

function conditionsOf(
  { type }: DeclaredClass,
  { handler, conditions }: DeclaredMethod,
  reader: HandlerConditionsReader,
): Condition[] {
  // A handler that has lost conditions stops the start.
  const isPublic = reader.isKnown(type, handler) && reader.read(type, handler).isPublic;
  return isPublic ? [{ decorator: 'Public' }] : [...readConditions(type), ...conditions].filter(isRequirement);
}
