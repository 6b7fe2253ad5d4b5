import {
  All,
  Controller,
  Delete,
  Get,
  Post,
  Put,
  UseGuards,
  Version,
  VERSION_NEUTRAL,
  type Type,
} from '@nestjs/common';
import { ApiSecurity } from '@nestjs/swagger';
import fc from 'fast-check';
import { M2MGuard, Public, RequireAnyScope, RequireScopes } from '../../../lib/index.js';

export const SCOPES = ['a', 'b', 'c'] as const;

const scopes = fc.subarray([...SCOPES], { minLength: 1 });
const requirement = fc.oneof(
  scopes.map((each) => RequireScopes(...each)),
  scopes.map((each) => RequireAnyScope(...each)),
);

/** What one controller has. */
const settings = fc.record({
  name: fc.constantFrom('ProductsController', 'constructor', '__proto__', 'a\nb', ''),
  verb: fc.constantFrom(Get, Post, Put, Delete, All),
  path: fc.constantFrom<string | string[]>(
    'list',
    ':id',
    ':id/parts/:part',
    ':from-:to',
    ['old', 'older/:id'],
    'files/*',
  ),
  folder: fc.constantFrom('', '/inner', '/:tenant'),
  ofClass: fc.array(requirement, { maxLength: 1 }),
  ofMethod: fc.array(requirement, { maxLength: 2 }),
  isPublic: fc.boolean(),
  guard: fc.constantFrom(M2MGuard, M2MGuard.or('user')),
  isGuardOfClass: fc.boolean(),
  versions: fc.constantFrom([], [Version('1')], [Version(['1', '2'])], [Version(VERSION_NEUTRAL)]),
});

/**
 * Controllers whose one handler is inherited, with conditions, paths and versions at random.
 *
 * @param isGuarded whether they have a guard; else the application has one for all
 */
export function generateControllers(seed: number, count: number, isGuarded: boolean): Type[] {
  return fc.sample(settings, { seed, numRuns: count }).map((each, index) => {
    class Handlers {
      handle(): string {
        return 'handled';
      }
    }
    const Generated = { [each.name]: class extends Handlers {} }[each.name] as Type;
    const guards = isGuarded ? [UseGuards(each.guard)] : [];
    const users = isGuarded && each.guard !== M2MGuard ? [ApiSecurity('user')] : [];
    const conditions = each.isPublic ? [Public()] : [...each.ofMethod, ...users];
    const ofMethod = [...conditions, ...each.versions, ...(each.isGuardOfClass ? [] : guards)];
    const ofClass = [...each.ofClass, ...(each.isGuardOfClass ? guards : [])];
    const descriptor = Object.getOwnPropertyDescriptor(
      Handlers.prototype,
      'handle',
    ) as TypedPropertyDescriptor<unknown>;
    for (const decorate of [each.verb(each.path), ...ofMethod]) decorate(Handlers.prototype, 'handle', descriptor);
    for (const decorate of [Controller(`c${index}${each.folder}`), ...ofClass]) decorate(Generated);
    return Generated;
  });
}
