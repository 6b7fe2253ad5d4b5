import { describe, expect, it } from '@jest/globals';
import {
  Controller,
  Get,
  Injectable,
  Scope,
  UseGuards,
  type CanActivate,
  type Provider,
  type Type,
} from '@nestjs/common';
import { APP_GUARD } from '@nestjs/core';
import { hydra } from '../../../lib/authorization-servers/hydra.js';
import { M2MConfigurationError } from '../../../lib/errors/configuration.error.js';
import type { M2MModuleOptions } from '../../../lib/options/module-options.js';
import { M2MGuard } from '../../../lib/resource-server/m2m.guard.js';
import { startGuardedApp } from '../../support/guarded-app.js';

const options = {
  authorizationServer: { name: 'down', issuer: 'http://127.0.0.1:9/oidc' },
  resourceServer: { audience: 'https://api.test' },
};

/** The places and findings that stop the start; none where it succeeds. */
async function problems(
  controller: Type,
  providers: readonly Provider[],
  of: M2MModuleOptions = options,
): Promise<string[][]> {
  try {
    await using _app = await startGuardedApp({ options: of, controllers: [controller], providers: [...providers] });
    return [];
  } catch (error) {
    if (!(error instanceof M2MConfigurationError)) throw error;
    return error.problems.map((each) => [each.option, each.problem, each.remedy]);
  }
}

function controllerWith(ofClass: readonly Type<CanActivate>[], ofMethod: readonly Type<CanActivate>[]): Type {
  @UseGuards(...ofClass)
  @Controller()
  class ItemsController {
    @UseGuards(...ofMethod)
    @Get()
    list(): void {}
  }
  return ItemsController;
}

@Injectable()
class OwnGuard extends M2MGuard {}

const globally: Provider = { provide: APP_GUARD, useExisting: M2MGuard };
const orUser = M2MGuard.or('user-jwt');

describe('the start of an application with several guards', () => {
  it('goes on with a global guard that an arrow function makes for each request', async () => {
    const open: CanActivate = { canActivate: () => true };
    const factory: Provider = { provide: APP_GUARD, scope: Scope.REQUEST, useFactory: () => open };
    expect(await problems(controllerWith([], []), [factory])).toEqual([]);
  });

  const shutOut = ['ItemsController.list', "has M2MGuard.or('user-jwt'), but the M2MGuard before it lets no user in"];
  const inPlaceOfGlobal =
    "{ provide: APP_GUARD, useClass: M2MGuard.or('user-jwt') } in place of the global M2MGuard, or no global one";
  const inPlaceOfClass = "@UseGuards(M2MGuard.or('user-jwt')) on ItemsController in place of its M2MGuard";

  it.each<[string, Type, Provider[], string]>([
    ['a global M2MGuard', controllerWith([], [orUser]), [globally], inPlaceOfGlobal],
    [
      'a global M2MGuard of its own',
      controllerWith([orUser], []),
      [{ provide: APP_GUARD, useClass: M2MGuard }],
      inPlaceOfGlobal,
    ],
    [
      'an M2MGuard for each request',
      controllerWith([orUser], []),
      [{ provide: APP_GUARD, useClass: M2MGuard, scope: Scope.REQUEST }],
      inPlaceOfGlobal,
    ],
    ['an M2MGuard of the class', controllerWith([M2MGuard], [orUser]), [], inPlaceOfClass],
  ])('is stopped where %s shuts out the users of M2MGuard.or', async (_name, controller, providers, write) => {
    expect(await problems(controller, providers)).toEqual([[...shutOut, write]]);
  });

  it('is stopped where a global M2MGuard shuts out the users of a route that takes messages too', async () => {
    @UseGuards(orUser)
    @Controller()
    class ItemsController {
      @Get()
      list(): void {}
    }
    Reflect.defineMetadata('microservices:pattern', ['x'], ItemsController.prototype.list);
    expect(await problems(ItemsController, [globally])).toEqual([[...shutOut, inPlaceOfGlobal]]);
  });

  it.each<[string, Type, Provider[]]>([
    ['global, as the line to write has it', controllerWith([], []), [{ provide: APP_GUARD, useClass: orUser }]],
    [
      'global, and a route is for machines only',
      controllerWith([M2MGuard], []),
      [{ provide: APP_GUARD, useClass: orUser }],
    ],
    ['on a class whose one method is for machines only', controllerWith([orUser], [M2MGuard]), []],
    [
      'behind a guard of its own, which may let users pass',
      controllerWith([], [orUser]),
      [{ provide: APP_GUARD, useClass: OwnGuard }],
    ],
  ])('goes on where M2MGuard.or is %s', async (_name, controller, providers) => {
    expect(await problems(controller, providers)).toEqual([]);
  });

  it('is stopped where no claim of an issuer is for users only and isUser is missing', async () => {
    const ofHydra = { ...options, authorizationServer: hydra({ issuer: 'https://hydra.example.com/' }) };
    const option = "M2MGuard.or('user-jwt')";
    const problem = 'needs isUser: no claim of Hydra (https://hydra.example.com/) is for users only';
    const remedy = "M2MGuard.or('user-jwt', { isUser: ({ client_id }) => client_id === 'spa' })";
    const globalOr: Provider = { provide: APP_GUARD, useClass: orUser };
    for (const [controller, providers] of [
      [controllerWith([], [orUser]), []],
      [controllerWith([orUser], [orUser]), []],
      [controllerWith([], []), [globalOr]],
    ] as const) {
      expect(await problems(controller, providers, ofHydra)).toEqual([[option, problem, remedy]]);
    }
    const told = M2MGuard.or('user-jwt', { isUser: () => false });
    expect(await problems(controllerWith([told], []), [], ofHydra)).toEqual([]);
  });

  it('is not reached if an option of M2MGuard.or is misspelt', () => {
    const remedy = "M2MGuard.or('user-jwt', { isUser: ({ client_id }) => client_id === 'spa' })";
    expect(() => M2MGuard.or('user-jwt', { isUsr: () => true } as object)).toThrow(
      new M2MConfigurationError([{ option: 'M2MGuard.or.isUsr', problem: 'is not an option', remedy }]),
    );
  });

  it.each([[''], [undefined], [['a', 'b']]])('is not reached where M2MGuard.or is given %j', (strategy) => {
    expect(() => M2MGuard.or(strategy as string)).toThrow(
      new M2MConfigurationError([
        { option: 'M2MGuard.or', problem: 'needs the name of one strategy', remedy: "M2MGuard.or('user-jwt')" },
      ]),
    );
  });
});
