import type { CanActivate } from '@nestjs/common';
import type { ApplicationConfig, ExternalContextCreator } from '@nestjs/core';
import { M2MGuard } from '../m2m.guard.js';
import type { DeclaredMethod } from './declared-classes.js';

/** Nest's metadata key of `@UseGuards`. */
const GUARDS = '__guards__';

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

  /** Global guards do not count for message handlers: a hybrid application leaves them out unless it inherits its configuration. */
  covers(type: object, { handler, transport }: DeclaredMethod): boolean {
    const guards = [...guardsOf(type), ...guardsOf(handler), ...(transport === 'http' ? this.global : [])];
    return guards.some((guard) => this.isM2MGuard(guard));
  }

  private isM2MGuard(guard: unknown): boolean {
    if (typeof guard === 'function') return guard === M2MGuard || guard.prototype instanceof M2MGuard;
    return guard === this.guard || guard instanceof M2MGuard;
  }
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
