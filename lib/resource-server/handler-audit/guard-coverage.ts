import type { Type } from '@nestjs/common';
import type { ApplicationConfig } from '@nestjs/core';
import { M2MGuard } from '../m2m.guard.js';
import { USERS, type UsersOfGuard } from '../machine-or-user.guard.js';
import { prototypesOf } from '../authorization/lost-conditions.js';
import type { DeclaredMethod, HandlerTransport } from './declared-classes.js';
import { isPassport, shapeOf, type KnownGuards } from './known-guards.js';

/** Nest's metadata key of `@UseGuards`. */
const GUARDS = '__guards__';

/** As Nest keeps them: classes and instances. */
type Guards = readonly unknown[];

/** What stands before a handler: an M2MGuard, a guard that claims to run one, or passport's AuthGuard, which knows no conditions. */
export type Coverage = 'm2m' | 'claimed' | 'passport' | undefined;

type ForUsers = { readonly [USERS]?: UsersOfGuard };

/** Users whom an M2MGuard refuses that stands before the `M2MGuard.or` which would let them in. */
export interface ShutOut {
  readonly strategy: string;
  /** What that M2MGuard guards. */
  readonly by: 'application' | 'class';
}

/** A guard that a handler lacks, and that another one has. */
export interface ForgottenGuard {
  /** The class whose method has it. */
  readonly from: string;
  readonly guard: string;
}

/**
 * Which handlers an M2MGuard stands before.
 *
 * In an application that serves requests, a global guard counts for those only: a hybrid application leaves it out of its
 * message handlers by default. In a microservice it counts for messages.
 */
export class GuardCoverage {
  private readonly global: Guards;

  /** @param hasRequests whether anything is served over HTTP */
  constructor(
    config: ApplicationConfig,
    private readonly known: KnownGuards,
    private readonly hasRequests: boolean,
  ) {
    this.global = [...config.getGlobalGuards(), ...config.getGlobalRequestGuards().map(({ metatype }) => metatype)];
  }

  /** What stands before a handler on one way to it. */
  of(type: object, { handler }: DeclaredMethod, transport: HandlerTransport): Coverage {
    return this.best(this.placesOf(type, handler, transport).flat());
  }

  /**
   * Who is authenticated before the function that Nest calls for a handler.
   *
   * @param isPublic whether guards for machines let everybody pass
   */
  guardOf(
    type: object,
    { handler, replacements: [called = handler] }: DeclaredMethod,
    transport: HandlerTransport,
    isPublic: boolean,
  ): 'm2m' | 'claimed' | 'user' | false {
    const guards = this.placesOf(type, called, transport).flat();
    const best = this.best(guards);
    const ofMachines = (best === 'm2m' || best === 'claimed') && best;
    const ofUsers = guards.some((guard) => this.known.isOfUsers(guard)) && 'user';
    return isPublic ? ofUsers || ofMachines : ofMachines || ofUsers;
  }

  /** The guard on a method or a class itself that enforces conditions, or claims to. */
  onHandler(handler: object): string | undefined {
    const guard = guardsOf(handler).find((each) => this.known.isEnforcing(each));
    return guard === undefined ? undefined : this.known.nameOf(guard);
  }

  /** The guard on a handler itself that enforces conditions, if none does in a wider place. */
  onMethodOnly(type: object, { handler, transports }: DeclaredMethod): string | undefined {
    const [global, ofClass] = this.placesOf(type, handler, transports[0]);
    return [...global, ...ofClass].some((guard) => this.known.isEnforcing(guard)) ? undefined : this.onHandler(handler);
  }

  /**
   * The guard of the method that a handler overrides, if the handler has no guards of its own.
   *
   * @param type the class of the handler
   */
  forgotten(type: Type, { key, handler }: DeclaredMethod): ForgottenGuard | undefined {
    if (guardsOf(handler).length > 0) return undefined;
    const [, ...parents] = prototypesOf(type.prototype as object);
    for (const each of parents) {
      const method: unknown = Object.getOwnPropertyDescriptor(each, key)?.value;
      const guard = typeof method === 'function' ? this.onHandler(method) : undefined;
      if (guard !== undefined) return { from: each.constructor.name, guard };
    }
    return undefined;
  }

  /** Whether a function in the place of a handler lacks a guard on the handler itself that enforces conditions. */
  isLost(handler: object, replacement: object): boolean {
    const kept = guardsOf(replacement);
    return guardsOf(handler).some((guard) => this.known.isEnforcing(guard) && !kept.includes(guard));
  }

  /** The strategy whose users an M2MGuard in a wider place refuses before `M2MGuard.or` could let them in. */
  shutOut(type: object, { handler, transports }: DeclaredMethod): ShutOut | undefined {
    const places = this.placesOf(type, handler, transports[0]);
    // A guard derived from M2MGuard may have its own way to let users pass.
    const refusing = places.findIndex((guards) => guards.some((each) => shapeOf(each).constructor === M2MGuard));
    if (refusing === -1) return undefined;
    const later: ForUsers[] = places.slice(refusing + 1).flatMap((guards) => guards.map(shapeOf));
    const strategy = later.find((each) => each[USERS] !== undefined)?.[USERS]?.strategy;
    return strategy === undefined ? undefined : { strategy, by: refusing === 0 ? 'application' : 'class' };
  }

  /** What the guards before a handler that let users in say of themselves. */
  usersOf(type: object, { handler, transports }: DeclaredMethod): readonly UsersOfGuard[] {
    const shapes: ForUsers[] = this.placesOf(type, handler, transports[0]).flat().map(shapeOf);
    return shapes.flatMap((each) => each[USERS] ?? []);
  }

  private placesOf(
    type: object,
    handler: object,
    transport: HandlerTransport | undefined,
  ): readonly [Guards, Guards, Guards] {
    const isHybrid = this.hasRequests && transport !== 'http' && transport !== 'graphql';
    return [isHybrid ? [] : this.global, guardsOf(type), guardsOf(handler)];
  }

  private best(guards: Guards): Coverage {
    if (guards.some((guard) => this.known.isM2M(guard))) return 'm2m';
    if (guards.some((guard) => this.known.isClaiming(guard))) return 'claimed';
    return guards.some(isPassport) ? 'passport' : undefined;
  }
}

function guardsOf(target: object): Guards {
  return (Reflect.getMetadata(GUARDS, target) as Guards | undefined) ?? [];
}
