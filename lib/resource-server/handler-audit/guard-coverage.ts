import type { CanActivate, Type } from '@nestjs/common';
import type { ApplicationConfig } from '@nestjs/core';
import { M2MGuard } from '../m2m.guard.js';
import { USERS, type UsersOfGuard } from '../machine-or-user.guard.js';
import { prototypesOf } from '../authorization/lost-conditions.js';
import type { DeclaredMethod } from './declared-classes.js';

/** Nest's metadata key of `@UseGuards`. */
const GUARDS = '__guards__';

/** As Nest keeps them: classes and instances. */
type Guards = readonly unknown[];

/** What stands before a handler: an M2MGuard, one before its requests only, or passport's AuthGuard, which knows no conditions. */
export type Coverage = 'm2m' | 'requests' | 'passport' | undefined;

type ForUsers = { readonly [USERS]?: UsersOfGuard };

/** Users whom an M2MGuard refuses that stands before the `M2MGuard.or` which would let them in. */
export interface ShutOut {
  readonly strategy: string;
  /** What that M2MGuard guards. */
  readonly by: 'application' | 'class';
}

/**
 * Which handlers an M2MGuard stands before.
 *
 * In an application that serves requests, a global guard counts for those only: a hybrid application leaves it out of its
 * message handlers by default. In a microservice it counts for messages.
 */
export class GuardCoverage {
  private readonly global: Guards;

  /**
   * @param guard the application's M2MGuard, or what a test has put in its place
   * @param hasRequests whether anything is served over HTTP
   * @param userGuards guards of the application that authenticate users, beside passport's
   */
  constructor(
    config: ApplicationConfig,
    private readonly guard: CanActivate,
    private readonly hasRequests: boolean,
    private readonly userGuards: readonly Type[] = [],
  ) {
    this.global = [...config.getGlobalGuards(), ...config.getGlobalRequestGuards().map(({ metatype }) => metatype)];
  }

  /** What stands before a handler on every way to it, or else before its requests. */
  of(type: object, method: DeclaredMethod): Coverage {
    const [global, ofClass, ofMethod] = this.placesOf(type, method);
    const isHybrid = this.hasRequests && method.transports.includes('message');
    const everywhere = this.best([...(isHybrid ? [] : global), ...ofClass, ...ofMethod]);
    return everywhere !== 'm2m' && this.best(global) === 'm2m' ? 'requests' : everywhere;
  }

  /** Who is authenticated before the function that Nest calls for a handler. */
  guardOf(type: object, method: DeclaredMethod, transport: 'http' | 'message'): 'm2m' | 'user' | false {
    const [global, ofClass] = this.placesOf(type, method);
    const [called = method.handler] = method.replacements;
    const isHybrid = this.hasRequests && transport === 'message';
    const guards = [...(isHybrid ? [] : global), ...ofClass, ...guardsOf(called)];
    const best = this.best(guards);
    if (best === 'm2m') return 'm2m';
    return best === 'passport' || guards.some((guard) => this.isUserGuard(guard)) ? 'user' : false;
  }

  /** Whether an M2MGuard was put on the handler itself. */
  isOnMethod(handler: object): boolean {
    return this.best(guardsOf(handler)) === 'm2m';
  }

  /** Whether an M2MGuard was put on the handler itself, and none stands before it in a wider place. */
  isOnMethodOnly(type: object, method: DeclaredMethod): boolean {
    const [global, ofClass] = this.placesOf(type, method);
    return this.isOnMethod(method.handler) && this.best([...global, ...ofClass]) !== 'm2m';
  }

  /**
   * The class whose method had an M2MGuard, if a handler overrides that method and has no guards of its own.
   *
   * @param type the class of the handler
   */
  overridden(type: Type, { key, handler }: DeclaredMethod): string | undefined {
    if (guardsOf(handler).length > 0) return undefined;
    const [, ...parents] = prototypesOf(type.prototype as object);
    const from = parents.find((each) => {
      const method: unknown = Object.getOwnPropertyDescriptor(each, key)?.value;
      return typeof method === 'function' && this.isOnMethod(method);
    });
    return from?.constructor.name;
  }

  /** Whether a function in the place of a handler lacks an M2MGuard that was put on the handler itself. */
  isLost(handler: object, replacement: object): boolean {
    const kept = guardsOf(replacement);
    return guardsOf(handler).some((guard) => this.isM2M(guard) && !kept.includes(guard));
  }

  /** The strategy whose users an M2MGuard in a wider place refuses before `M2MGuard.or` could let them in. */
  shutOut(type: object, method: DeclaredMethod): ShutOut | undefined {
    const places = this.placesOf(type, method);
    // A guard derived from M2MGuard may have its own way to let users pass.
    const refusing = places.findIndex((guards) => guards.some((each) => shapeOf(each).constructor === M2MGuard));
    if (refusing === -1) return undefined;
    const later: ForUsers[] = places.slice(refusing + 1).flatMap((guards) => guards.map(shapeOf));
    const strategy = later.find((each) => each[USERS] !== undefined)?.[USERS]?.strategy;
    return strategy === undefined ? undefined : { strategy, by: refusing === 0 ? 'application' : 'class' };
  }

  /** The strategies of the guards before a handler that let users in and have no `isUser`. */
  withoutIsUser(type: object, method: DeclaredMethod): readonly string[] {
    const shapes: ForUsers[] = this.placesOf(type, method).flat().map(shapeOf);
    return shapes.flatMap((each) => (each[USERS]?.hasIsUser === false ? [each[USERS].strategy] : []));
  }

  private placesOf(type: object, { handler, transports }: DeclaredMethod): readonly [Guards, Guards, Guards] {
    const global = this.hasRequests && !transports.includes('http') ? [] : this.global;
    return [global, guardsOf(type), guardsOf(handler)];
  }

  private best(guards: Guards): Exclude<Coverage, 'requests'> {
    if (guards.some((guard) => this.isM2M(guard))) return 'm2m';
    return guards.some((guard) => 'getAuthenticateOptions' in shapeOf(guard)) ? 'passport' : undefined;
  }

  private isM2M(guard: unknown): boolean {
    return guard === M2MGuard || guard === this.guard || shapeOf(guard) instanceof M2MGuard;
  }

  private isUserGuard(guard: unknown): boolean {
    return this.userGuards.some((each) => guard === each || shapeOf(guard) instanceof each);
  }
}

/** What has the methods of a guard: itself, or the prototype of its class. A factory's guard is not known yet. */
function shapeOf(guard: unknown): object {
  return typeof guard === 'function' ? ((guard.prototype as object | undefined) ?? {}) : (guard as object);
}

function guardsOf(target: object): Guards {
  return (Reflect.getMetadata(GUARDS, target) as Guards | undefined) ?? [];
}
