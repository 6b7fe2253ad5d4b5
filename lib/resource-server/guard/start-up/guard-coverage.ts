import type { CanActivate } from '@nestjs/common';
import type { ApplicationConfig, ExternalContextCreator } from '@nestjs/core';
import { M2MGuard } from '../m2m.guard.js';
import { USER_STRATEGY } from '../machine-or-user.guard.js';
import type { DeclaredMethod } from './declared-classes.js';

/** Nest's metadata key of `@UseGuards`. */
const GUARDS = '__guards__';

/** Users whom an M2MGuard refuses that stands before the `M2MGuard.or` which would let them in. */
export interface ShutOut {
  readonly strategy: string;
  /** What that M2MGuard guards. */
  readonly by: 'application' | 'class';
}

/** Which handlers an M2MGuard stands before. */
export class GuardCoverage {
  private readonly global: readonly unknown[];

  /** @param guard the application's M2MGuard, or what a test has put in its place */
  constructor(
    contexts: ExternalContextCreator,
    private readonly guard: CanActivate,
  ) {
    this.global = globalGuards(contexts);
  }

  /**
   * What stands before a handler: an M2MGuard, else passport's AuthGuard, which knows no conditions.
   *
   * A global guard counts for routes only: a hybrid application leaves it out of its message handlers unless told so.
   */
  of(type: object, { handler, transport }: DeclaredMethod): 'm2m' | 'passport' | undefined {
    const guards = [...this.globalOf(transport), ...guardsOf(type), ...guardsOf(handler)];
    if (guards.some((guard) => guard === M2MGuard || guard === this.guard || shapeOf(guard) instanceof M2MGuard))
      return 'm2m';
    return guards.some((guard) => 'getAuthenticateOptions' in shapeOf(guard)) ? 'passport' : undefined;
  }

  /** The strategy whose users an M2MGuard in a wider place refuses before `M2MGuard.or` could let them in. */
  shutOut(type: object, { handler, transport }: DeclaredMethod): ShutOut | undefined {
    const places = [this.globalOf(transport), guardsOf(type), guardsOf(handler)];
    const refusing = places.findIndex((guards) => guards.some(isForMachinesOnly));
    if (refusing === -1) return undefined;
    const strategy = places
      .slice(refusing + 1)
      .flat()
      .map(userStrategyOf)
      .find((each) => each !== undefined);
    return strategy === undefined ? undefined : { strategy, by: refusing === 0 ? 'application' : 'class' };
  }

  private globalOf(transport: DeclaredMethod['transport']): readonly unknown[] {
    return transport === 'http' ? this.global : [];
  }
}

/** What has the methods of a guard: itself, or the prototype of its class. A factory's guard is not known yet. */
function shapeOf(guard: unknown): object {
  return typeof guard === 'function' ? ((guard.prototype as object | undefined) ?? {}) : (guard as object);
}

// A guard derived from M2MGuard may have its own way to let users pass.
function isForMachinesOnly(guard: unknown): boolean {
  return shapeOf(guard).constructor === M2MGuard;
}

function userStrategyOf(guard: unknown): string | undefined {
  return (shapeOf(guard) as { readonly [USER_STRATEGY]?: string })[USER_STRATEGY];
}

function guardsOf(target: object): readonly unknown[] {
  return (Reflect.getMetadata(GUARDS, target) as readonly unknown[] | undefined) ?? [];
}

// Guards given to `useGlobalGuards` are in no module, and Nest offers no public way to them.
function globalGuards(contexts: ExternalContextCreator): readonly unknown[] {
  const { guardsContextCreator } = contexts as unknown as { guardsContextCreator: { config: ApplicationConfig } };
  const { config } = guardsContextCreator;
  return [...config.getGlobalGuards(), ...config.getGlobalRequestGuards().map(({ metatype }) => metatype)];
}
