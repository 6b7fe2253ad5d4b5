import { describe, expect, it } from '@jest/globals';
import { Controller, Get, Injectable, Scope, UseGuards } from '@nestjs/common';
import { ApplicationConfig } from '@nestjs/core';
import type { ConfigurationProblem, M2MConfigurationError } from '../../../../lib/errors/configuration.error.js';
import { RequireScopes } from '../../../../lib/resource-server/authorization/decorators/require-scopes.decorator.js';
import { GuardCoverage } from '../../../../lib/resource-server/handler-audit/guard-coverage.js';
import { KnownGuards } from '../../../../lib/resource-server/handler-audit/known-guards.js';
import { addLostGuards, requestScopedWarnings } from '../../../../lib/resource-server/handler-audit/lost-guards.js';
import type { DeclaredClass } from '../../../../lib/resource-server/handler-audit/declared-classes.js';
import { M2MGuard } from '../../../../lib/resource-server/m2m.guard.js';
import { Problems } from '../../../../lib/validation/problems.js';
import { auditedClass, auditedClasses } from '../../../support/audited-classes.js';

const coverage = new GuardCoverage(
  new ApplicationConfig(),
  new KnownGuards(Object.create(M2MGuard.prototype) as M2MGuard),
  true,
);

class Handlers {
  @UseGuards(M2MGuard)
  @Get('guarded')
  guarded(): void {}

  @RequireScopes('read')
  @Get('conditional')
  conditional(): void {}

  @Get('bare')
  bare(): void {}
}

const withInstance = (key: keyof Handlers, replace: (handler: () => void) => () => void) => {
  @Controller()
  class ItemsController extends Handlers {
    constructor() {
      super();
      this[key] = replace(this[key].bind(this));
    }
  }
  return ItemsController;
};

function foundIn(classes: readonly DeclaredClass[]): readonly ConfigurationProblem[] {
  const problems = new Problems();
  for (const each of classes) addLostGuards(problems, each, coverage);
  try {
    problems.throwIfAny();
    return [];
  } catch (error) {
    return (error as M2MConfigurationError).problems;
  }
}

describe('addLostGuards', () => {
  it.each<[keyof Handlers, number]>([
    ['guarded', 1],
    ['conditional', 1],
    ['bare', 0],
  ])('finds a handler that is another function in the instance: %s', async (key, count) => {
    const declared = await auditedClass(withInstance(key, (handler) => handler));
    const found = foundIn([declared]);
    expect(found).toHaveLength(count);
    for (const { option, problem } of found) {
      expect(option).toBe(`ItemsController.${key}`);
      expect(problem).toContain('is another function in the instance');
    }
  });

  it('finds nothing if the function has all metadata of the handler', async () => {
    const copied = withInstance('guarded', (handler) => {
      const { guarded } = Handlers.prototype;
      for (const each of Reflect.getMetadataKeys(guarded)) {
        Reflect.defineMetadata(each, Reflect.getMetadata(each, guarded), handler);
      }
      return handler;
    });
    expect(foundIn([await auditedClass(copied)])).toEqual([]);
  });

  it('finds an M2MGuard on a method of a controller that is no handler, and leaves providers alone', async () => {
    class Guarded {
      @UseGuards(M2MGuard)
      helper(): void {}
    }
    @Controller()
    class ItemsController extends Guarded {}
    @Injectable()
    class Gateway extends Guarded {}
    const classes = await auditedClasses([ItemsController], [Gateway]);
    expect(foundIn(classes).map(({ option }) => option)).toEqual(['ItemsController.helper']);
  });
});

describe('requestScopedWarnings', () => {
  it('names the methods that alone have an M2MGuard', async () => {
    @Controller({ scope: Scope.REQUEST })
    class ScopedController extends Handlers {}
    expect(requestScopedWarnings(await auditedClass(ScopedController), coverage)).toEqual([
      expect.stringContaining('stands on its methods: guarded.'),
    ]);
  });

  it('is empty for a controller that is made once, and for one whose class has the guard', async () => {
    @Controller()
    class StaticController extends Handlers {}
    @UseGuards(M2MGuard)
    @Controller({ scope: Scope.REQUEST })
    class GuardedController extends Handlers {}
    for (const controller of [StaticController, GuardedController]) {
      expect(requestScopedWarnings(await auditedClass(controller), coverage)).toEqual([]);
    }
  });
});
