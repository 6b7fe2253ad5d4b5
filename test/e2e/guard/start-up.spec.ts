import { describe, expect, it } from '@jest/globals';
import {
  Controller,
  Get,
  Injectable,
  Module,
  Scope,
  UseGuards,
  type CanActivate,
  type INestApplication,
  type Type,
} from '@nestjs/common';
import { APP_GUARD, NestFactory } from '@nestjs/core';
import { ExecutionContextHost } from '@nestjs/core/helpers/execution-context-host.js';
import { AuthGuard } from '@nestjs/passport';
import { Test } from '@nestjs/testing';
import { M2MConfigurationError } from '../../../lib/errors/configuration.error.js';
import type { M2MModuleOptions } from '../../../lib/options/module-options.js';
import { AllowClients } from '../../../lib/resource-server/authorization/decorators/allow-clients.decorator.js';
import { Public } from '../../../lib/resource-server/authorization/decorators/public.decorator.js';
import { RequireScopes } from '../../../lib/resource-server/authorization/decorators/require-scopes.decorator.js';
import { M2MGuard } from '../../../lib/resource-server/m2m.guard.js';
import { M2MModule } from '../../../lib/m2m.module.js';
import { startGuardedApp, type GuardedAppOptions } from '../../support/guarded-app.js';

const authorizationServer = { name: 'down', issuer: 'http://127.0.0.1:9/oidc' };
const options: M2MModuleOptions = { authorizationServer, resourceServer: { audience: 'https://api.test' } };
const outboundOnly: M2MModuleOptions = { authorizationServer, client: { clientId: 'x', clientSecret: () => 'x' } };

type Setup = Partial<GuardedAppOptions>;

/** The places and findings that stop the start; none where it succeeds. */
async function problems(setup: Setup): Promise<[option: string, problem: string, remedy: string][]> {
  try {
    await using _app = await startGuardedApp({ options, ...setup });
    return [];
  } catch (error) {
    if (error instanceof M2MConfigurationError)
      return error.problems.map((each) => [each.option, each.problem, each.remedy]);
    throw error;
  }
}

/** Puts another function in a method's place, as caching and tracing decorators do. */
const Wrapped: MethodDecorator = (_target, _key, descriptor) => {
  const method = descriptor.value as () => unknown;
  return { ...descriptor, value: (() => method()) as never };
};

/** Marks a method as @MessagePattern does. */
const Message: MethodDecorator = (_target, _key, descriptor) => {
  Reflect.defineMetadata('microservices:pattern', ['x'], descriptor.value as object);
};

@Injectable()
class OtherGuard implements CanActivate {
  canActivate(): boolean {
    return true;
  }
}

const globally: Setup = { providers: [{ provide: APP_GUARD, useExisting: M2MGuard }] };

@Injectable()
class DerivedGuard extends M2MGuard {}

const onMethod = (guard: Type | CanActivate): Setup => {
  @Controller()
  class MethodController {
    @UseGuards(guard)
    @RequireScopes('x')
    @Get()
    list(): void {}
  }
  return { controllers: [MethodController] };
};
const useGlobal = (app: INestApplication): unknown => app.useGlobalGuards(app.get(M2MGuard));

describe('the start of an application', () => {
  it('is stopped by conditions that make no sense, all of them at once (claim 5.2)', async () => {
    @UseGuards(M2MGuard)
    @Controller()
    class ProductsController {
      @Public()
      @RequireScopes('x')
      @Get('d')
      publicAndNot(): void {}

      @AllowClients('billing', { issuer: 'https://other.test', clientId: 'x' })
      @Get('g')
      noSuchIssuer(): void {}

      @Wrapped
      @RequireScopes('x')
      @Get('h')
      wrapped(): void {}

      @RequireScopes('x')
      helper(): void {}

      @RequireScopes('x')
      @AllowClients('billing', { issuer: authorizationServer.issuer, clientId: 'x' })
      @Get('i')
      fine(): void {}
    }

    @Public()
    @AllowClients('x')
    @Controller('class')
    class ClassController {}

    @RequireScopes('x')
    @Injectable()
    class Resolver {
      @Public()
      @Get('resolve')
      resolve(): void {}
    }

    @Public()
    @Injectable()
    class Gateway {}

    const providers = [Resolver, Gateway];
    const found = await problems({ controllers: [ProductsController, ClassController], providers });
    const notARoute = 'is no route: M2MGuard decides over HTTP requests only';
    expect(found).toEqual([
      ['ProductsController.publicAndNot', 'has both @Public and @RequireScopes', 'one of the two'],
      [
        'ProductsController.noSuchIssuer',
        'has @AllowClients with the issuer https://other.test, whose tokens are not accepted',
        "{ issuer: 'http://127.0.0.1:9/oidc', clientId: 'x' }",
      ],
      [
        'ProductsController.wrapped',
        'loses its @RequireScopes to a decorator above it, which puts another function in its place',
        '@RequireScopes(...) above that decorator',
      ],
      ['ProductsController.helper', `has @RequireScopes, but ${notARoute}`, expect.any(String)],
      ['ClassController', 'has both @Public and @AllowClients', 'one of the two'],
      ['Resolver', `has @RequireScopes, but ${notARoute}`, expect.any(String)],
      [
        'Gateway',
        'is public as a whole class, and is no controller',
        '@Public() on each of its methods that everybody may call',
      ],
    ]);
  });

  @RequireScopes('x')
  @Controller()
  class RequiringController {
    @Get()
    list(): void {}

    @Public()
    @Get('health')
    health(): void {}
  }

  @UseGuards(OtherGuard)
  @Controller('other')
  class OtherwiseGuardedController {
    @AllowClients('billing')
    @Get()
    list(): void {}
  }

  it('is stopped by conditions that no M2MGuard looks at (claim 5.2)', async () => {
    expect(await problems({ controllers: [RequiringController, OtherwiseGuardedController] })).toEqual([
      [
        'RequiringController.list',
        'has @RequireScopes, but no M2MGuard looks at it',
        '@UseGuards(M2MGuard) on RequiringController\n{ provide: APP_GUARD, useExisting: M2MGuard } for every route\nextends M2MGuard in a guard of your own\n@EnforcesM2M() on a guard of your own that runs M2MGuard',
      ],
      ['OtherwiseGuardedController.list', 'has @AllowClients, but no M2MGuard looks at it', expect.any(String)],
    ]);
  });

  it("is stopped by conditions that only passport's AuthGuard stands before", async () => {
    for (const setup of [onMethod(AuthGuard('m2m')), onMethod(AuthGuard(['m2m', 'user-jwt']))]) {
      expect(await problems(setup)).toEqual([
        [
          'MethodController.list',
          "has @RequireScopes, but only passport's AuthGuard stands before it, which knows no conditions",
          "@UseGuards(M2MGuard) on MethodController\n@UseGuards(M2MGuard.or('user-jwt')) if users may call too",
        ],
      ]);
    }
  });

  const controllers = [RequiringController];

  it.each<[string, Setup]>([
    ['APP_GUARD with useExisting', { ...globally, controllers }],
    ['APP_GUARD with useClass', { providers: [{ provide: APP_GUARD, useClass: DerivedGuard }], controllers }],
    [
      'APP_GUARD for each request',
      { providers: [{ provide: APP_GUARD, useClass: DerivedGuard, scope: Scope.REQUEST }], controllers },
    ],
    ['useGlobalGuards', { configure: useGlobal, controllers }],
    ['@UseGuards on the method', onMethod(M2MGuard)],
    ['@UseGuards with a derived guard', onMethod(DerivedGuard)],
    ["@UseGuards(M2MGuard.or('user-jwt'))", onMethod(M2MGuard.or('user-jwt'))],
    ['@UseGuards with an instance', onMethod(Object.create(M2MGuard.prototype) as M2MGuard)],
  ])('goes on where they are covered by %s', async (_name, setup) => {
    expect(await problems(setup)).toEqual([]);
  });

  it('is stopped by conditions that a global guard comes too late for (claim 5.2)', async () => {
    const late: Setup = { configure: async (app) => useGlobal(await app.init()), controllers };
    expect(await problems(late)).toMatchObject([['RequiringController.list', expect.any(String), expect.any(String)]]);
  });

  it('is stopped by a message handler that only a global guard would cover', async () => {
    @RequireScopes('x')
    @Controller()
    class HybridController {
      @Message
      handle(): void {}
    }
    expect(await problems({ ...globally, controllers: [HybridController] })).toEqual([
      [
        'HybridController.handle',
        'has @RequireScopes, but no M2MGuard looks at it',
        '@UseGuards(M2MGuard) on HybridController\nextends M2MGuard in a guard of your own\n@EnforcesM2M() on a guard of your own that runs M2MGuard',
      ],
    ]);
  });

  it('is stopped by a route that takes messages too, before which no global guard stands', async () => {
    @Controller()
    class HybridController {
      @RequireScopes('x')
      @Message
      @Get()
      handle(): void {}

      @Message
      @Get('bare')
      bare(): void {}
    }
    const remedy =
      '@UseGuards(M2MGuard) on HybridController\nextends M2MGuard in a guard of your own\n@EnforcesM2M() on a guard of your own that runs M2MGuard';
    const has = 'has @RequireScopes, but no M2MGuard looks at it';
    expect(await problems({ ...globally, controllers: [HybridController] })).toEqual([
      ['HybridController.handle', `${has}s messages: a global one counts for requests only`, remedy],
    ]);
    expect(await problems({ controllers: [HybridController] })).toEqual([['HybridController.handle', has, remedy]]);
    expect(await problems({ ...globally, options: outboundOnly, controllers: [HybridController] })).toContainEqual([
      'resourceServer',
      'is not configured, and M2MGuard stands before HybridController.handle, HybridController.bare',
      expect.any(String),
    ]);
  });

  it('goes on where a route that takes messages too is guarded in its class or itself', async () => {
    @UseGuards(M2MGuard)
    @Controller('a')
    class ClassController {
      @RequireScopes('x')
      @Message
      @Get()
      handle(): void {}
    }
    @Controller('b')
    class MethodController {
      @UseGuards(M2MGuard)
      @RequireScopes('x')
      @Message
      @Get()
      handle(): void {}
    }
    expect(await problems({ controllers: [ClassController, MethodController] })).toEqual([]);
  });

  it('is stopped by a class that is public as a whole and handles messages (claim 5.2)', async () => {
    class Messages {
      @Message
      handle(): void {}
    }
    @Public()
    @Controller()
    class PublicController extends Messages {}
    @Controller()
    class ListedController extends Messages {}
    @Controller()
    class MethodController {
      @Public()
      @Message
      handle(): void {}
    }
    const resourceServer = { audience: 'https://api.test', publicControllers: [ListedController] };
    const found = await problems({
      options: { ...options, resourceServer },
      controllers: [PublicController, ListedController, MethodController],
    });
    expect(found).toEqual(
      ['PublicController', 'ListedController'].map((name) => [
        name,
        'is public as a whole class, and handles messages',
        '@Public() on each of its methods that everybody may call',
      ]),
    );
  });

  it('is stopped by conditions that another version of the package has written (claim 6.3)', async () => {
    @UseGuards(M2MGuard)
    @Controller()
    class NewerController {
      @Get()
      list(): void {}
    }
    const entry = { version: 2, conditions: [{ decorator: 'Public' }] };
    Reflect.defineMetadata(Symbol.for('nestjs-m2m:conditions'), entry, NewerController.prototype.list);
    const problem = 'has conditions that another version of nestjs-m2m has written, and that this one does not know';
    expect(await problems({ controllers: [NewerController] })).toEqual([['list', problem, expect.any(String)]]);
  });

  it('cannot see conditions that are written later: the guard answers 500 to all (claim 6.3)', async () => {
    @UseGuards(M2MGuard)
    @Controller()
    class NewerController {
      @Get()
      list(): void {}
    }
    await using app = await startGuardedApp({ options, controllers: [NewerController] });
    const entry = { version: 2, conditions: [{ decorator: 'Public' }] };
    Reflect.defineMetadata(Symbol.for('nestjs-m2m:conditions'), entry, NewerController.prototype.list);
    expect((await fetch(app.url)).status).toBe(500);
    expect(String(app.log.at(-1)?.text)).toContain('another version of nestjs-m2m');
  });

  it('is stopped by a controller that is public as a whole, and a gateway of sockets as well', async () => {
    @Public()
    @Controller()
    class GatewayController {
      @Get()
      list(): void {}
    }
    Reflect.defineMetadata('websockets:is_gateway', true, GatewayController);
    const problem = 'is public as a whole class, and handles messages';
    expect(await problems({ controllers: [GatewayController] })).toEqual([
      ['GatewayController', problem, '@Public() on each of its methods that everybody may call'],
    ]);
  });

  it('is stopped by guarded routes without a resource server', async () => {
    @UseGuards(M2MGuard)
    @Controller()
    class ManyController {
      @Get('1') one(): void {}
      @Get('2') two(): void {}
      @Get('3') three(): void {}
      @Get('4') four(): void {}
      @Get('5') five(): void {}
      @Get('6') six(): void {}
      @Get('7') seven(): void {}
      @Public() @Get('8') eight(): void {}
    }
    expect(await problems({ options: outboundOnly, controllers: [ManyController] })).toEqual([
      [
        'resourceServer',
        'is not configured, and M2MGuard stands before ManyController.one, ManyController.two, ManyController.three, ManyController.four, ManyController.five and 2 more',
        "M2MModule.forRoot({ ..., resourceServer: { audience: 'https://api.example.com' } })",
      ],
    ]);
  });

  it('cannot see every use of the guard: without a resource server it lets nobody in', async () => {
    const module = await Test.createTestingModule({ imports: [M2MModule.forRoot(outboundOnly)] }).compile();
    const request = { headers: { authorization: 'Bearer abc' } };
    const context = new ExecutionContextHost([request], RequiringController, RequiringController.prototype.list);
    await expect(module.get(M2MGuard).canActivate(context)).rejects.toThrow(M2MConfigurationError);
  });

  it('goes on without a resource server where nothing is guarded', async () => {
    @Controller()
    class BareController {
      @Get()
      get(): void {}
    }
    expect(await problems({ options: outboundOnly, controllers: [BareController] })).toEqual([]);
  });

  it('leaves an application context alone, which serves no routes and has no global guards', async () => {
    @Module({ imports: [M2MModule.forRoot(options)], controllers })
    class AppModule {}
    const context = await NestFactory.createApplicationContext(AppModule, { logger: false });
    expect(context.get(M2MGuard)).toBeInstanceOf(M2MGuard);
    await context.close();
  });

  it('is stopped in a microservice by a message handler that nothing guards, and counts its global guards', async () => {
    @Controller()
    class MessageController {
      @RequireScopes('x')
      @Message
      wipe(): void {}

      @RequireScopes('x')
      @Get()
      list(): void {}
    }
    const start = async (setup: Setup, moduleOptions = options): Promise<void> => {
      const imports = [M2MModule.forRoot(moduleOptions)];
      const module = await Test.createTestingModule({ imports, controllers: [MessageController], ...setup }).compile();
      await module.init();
      await module.close();
    };
    await expect(start({})).rejects.toMatchObject({
      problems: [{ option: 'MessageController.wipe', problem: 'has @RequireScopes, but no M2MGuard looks at it' }],
    });
    await expect(start(globally)).resolves.toBeUndefined();
    await expect(start(globally, outboundOnly)).rejects.toMatchObject({
      problems: [{ problem: 'is not configured, and M2MGuard stands before MessageController.wipe' }],
    });
  });

  it('goes on where a test has put a guard of its own in the place of M2MGuard', async () => {
    const module = await Test.createTestingModule({ imports: [M2MModule.forRoot(options)], controllers, ...globally })
      .overrideProvider(M2MGuard)
      .useValue(new OtherGuard())
      .compile();
    const app = module.createNestApplication();
    await expect(app.init()).resolves.toBe(app);
    await app.close();
  });
});
