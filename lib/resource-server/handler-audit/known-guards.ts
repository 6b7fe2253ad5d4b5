import type { CanActivate, Type } from '@nestjs/common';
import type { ModulesContainer } from '@nestjs/core';
import { claimsToEnforce } from '../enforces-m2m.decorator.js';
import { M2MGuard } from '../m2m.guard.js';

/** What guards do. Nest's metadata and configuration have them as classes and as instances. */
export class KnownGuards {
  private readonly claiming: ReadonlySet<unknown>;

  /**
   * @param guard the application's M2MGuard, or what a test has put in its place
   * @param userGuards guards of the application that authenticate users, beside passport's
   * @param modules those with the instances of guards with `@EnforcesM2M()`, or what a test has put in their place
   */
  constructor(
    private readonly guard: CanActivate,
    private readonly userGuards: readonly Type[] = [],
    modules: Pick<ModulesContainer, 'values'> = new Map() as ModulesContainer,
  ) {
    const providers = [...modules.values()].flatMap((each) => [
      ...each.providers.values(),
      ...each.injectables.values(),
    ]);
    const claiming = providers.filter(({ token }) => typeof token === 'function' && claimsToEnforce(token));
    this.claiming = new Set(claiming.map(({ instance }): unknown => instance).filter(Boolean));
  }

  /** Whether it is an M2MGuard. */
  isM2M(guard: unknown): boolean {
    return guard === M2MGuard || guard === this.guard || shapeOf(guard) instanceof M2MGuard;
  }

  /** Whether its own class has `@EnforcesM2M()`. */
  isClaiming(guard: unknown): boolean {
    return this.claiming.has(guard) || claimsToEnforce(classOf(guard));
  }

  /** Whether it holds callers to conditions, or claims to. */
  isEnforcing(guard: unknown): boolean {
    return this.isM2M(guard) || this.isClaiming(guard);
  }

  /** Whether it authenticates users: passport's AuthGuard, or one of the application's. */
  isOfUsers(guard: unknown): boolean {
    return isPassport(guard) || this.userGuards.some((each) => guard === each || shapeOf(guard) instanceof each);
  }

  /** The name of a guard that {@link isEnforcing}. */
  nameOf(guard: unknown): string {
    return this.isM2M(guard) ? M2MGuard.name : classOf(guard).name;
  }
}

/** Whether it is passport's AuthGuard. */
export function isPassport(guard: unknown): boolean {
  return 'getAuthenticateOptions' in shapeOf(guard);
}

/** What has the methods of a guard: itself, or the prototype of its class. A factory's guard is not known yet. */
export function shapeOf(guard: unknown): object {
  return typeof guard === 'function' ? ((guard.prototype as object | undefined) ?? {}) : (guard as object);
}

function classOf(guard: unknown): Type {
  // An object may have no prototype.
  return (typeof guard === 'function' ? guard : ((guard as Partial<object>).constructor ?? Object)) as Type;
}
