import { afterAll, afterEach, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { Controller, Get, Inject, Injectable, Scope, UseGuards, type Type } from '@nestjs/common';
import { APP_GUARD, ContextIdFactory, type ContextIdStrategy } from '@nestjs/core';
import { RouterExecutionContext } from '@nestjs/core/router/router-execution-context.js';
import { M2MConfigurationError } from '../../../lib/errors/configuration.error.js';
import { AllowClients } from '../../../lib/resource-server/authorization/decorators/allow-clients.decorator.js';
import { RequireScopes } from '../../../lib/resource-server/authorization/decorators/require-scopes.decorator.js';
import { M2MGuard } from '../../../lib/resource-server/m2m.guard.js';
import { platforms, startGuardedApp, type GuardedApp, type GuardedAppOptions } from '../../support/guarded-app.js';
import { TestIssuer, testAudience } from '../../support/issuer.js';

type Setup = Omit<GuardedAppOptions, 'options'>;
type Handler = (...args: unknown[]) => unknown;

interface Shape {
  readonly guard?: 'class' | 'method';
  readonly condition?: boolean;
  /** What the constructor does with the handlers. */
  readonly replace?: (controller: Record<string, Handler>) => void;
  readonly scope?: Scope;
  readonly isDurable?: boolean;
}

let issuer: TestIssuer;
beforeAll(async () => {
  issuer = await TestIssuer.start();
});
afterAll(() => issuer.stop());
afterEach(() => void jest.restoreAllMocks());

const start = (setup: Setup): Promise<GuardedApp> =>
  startGuardedApp({
    options: { authorizationServer: issuer.authorizationServer, resourceServer: { audience: testAudience } },
    ...setup,
  });

/** The places and findings that stop the start; none where it succeeds. */
async function problems(setup: Setup): Promise<string[][]> {
  try {
    await using _app = await start(setup);
    return [];
  } catch (error) {
    if (!(error instanceof M2MConfigurationError)) throw error;
    return error.problems.map((each) => [each.option, each.problem, each.remedy]);
  }
}

async function statuses({ url }: GuardedApp, path: string): Promise<[withoutToken: number, withToken: number]> {
  const headers = { authorization: `Bearer ${await issuer.mint({ scope: 'read:products' })}` };
  return [(await fetch(`${url}/${path}`)).status, (await fetch(`${url}/${path}`, { headers })).status];
}

const onlyIf = (is: boolean, decorator: MethodDecorator & ClassDecorator): MethodDecorator & ClassDecorator =>
  is ? decorator : () => undefined;

/** Routes `products`, guarded and with a condition, and `health`, which has neither of its own. */
function controllerWith({ guard, condition = true, replace, scope, isDurable }: Shape): Type {
  @onlyIf(guard === 'class', UseGuards(M2MGuard))
  @Controller({ ...(scope === undefined ? {} : { scope }), ...(isDurable ? { durable: true } : {}) })
  class ProductsController {
    constructor() {
      replace?.(this as unknown as Record<string, Handler>);
    }

    @onlyIf(guard === 'method', UseGuards(M2MGuard))
    @onlyIf(condition, RequireScopes('read:products'))
    @Get('products')
    list(): string {
      return 'in';
    }

    @Get('health')
    health(): string {
      return 'up';
    }

    helper(): void {}
  }
  return ProductsController;
}

const bind =
  (key: string): Shape['replace'] =>
  (controller) => {
    controller[key] = (controller[key] as Handler).bind(controller);
  };

/** Puts a wrapper in a handler's place, and copies metadata to it. */
const wrap =
  (key: string, isCopied: (metadataKey: unknown) => boolean): Shape['replace'] =>
  (controller) => {
    const handler = controller[key] as Handler;
    const wrapper: Handler = (...args) => handler.apply(controller, args);
    for (const each of Reflect.getMetadataKeys(handler).filter(isCopied)) {
      Reflect.defineMetadata(each, Reflect.getMetadata(each, handler), wrapper);
    }
    controller[key] = wrapper;
  };
const makeEachTime: Shape['replace'] = (controller) => {
  Object.defineProperty(controller, 'list', { get: () => () => 'in', configurable: true });
};
const isText = (key: unknown): boolean => typeof key === 'string';
const isAny = (): boolean => true;

const globally = [{ provide: APP_GUARD, useExisting: M2MGuard }];

const replaced = (key: string): string[] => [
  `ProductsController.${key}`,
  'is another function in the instance, without the guards and conditions that were put on the method',
  `no assignment to this.${key} in ProductsController, such as this.${key} = this.${key}.bind(this)\n() => this.${key}() where the method is passed on`,
];

function withMixed(Parent: new () => { list(): string }): Type {
  class Mixed extends Parent {
    @RequireScopes('read:products')
    @Get('mixed')
    mixed(): string {
      return this.list();
    }
  }
  return Mixed;
}

describe('the start of an application whose controller has put another function in the place of a handler', () => {
  it.each<[string, Setup]>([
    ['its guard and its condition', { controllers: [controllerWith({ guard: 'method', replace: bind('list') })] }],
    ['its guard', { controllers: [controllerWith({ guard: 'method', condition: false, replace: bind('list') })] }],
    ['its condition, under a guard', { controllers: [controllerWith({ guard: 'class', replace: bind('list') })] }],
    [
      'its condition, under a global guard',
      { controllers: [controllerWith({ replace: bind('list') })], providers: globally },
    ],
    [
      'its condition, to another handler',
      {
        controllers: [
          controllerWith({ guard: 'class', replace: (made) => (made['list'] = made['health'] as Handler) }),
        ],
      },
    ],
    [
      'its condition, and no other metadata',
      { controllers: [controllerWith({ guard: 'class', replace: wrap('list', isText) })] },
    ],
    [
      'its guard, and no other metadata',
      { controllers: [controllerWith({ guard: 'method', replace: wrap('list', (key) => key !== '__guards__') })] },
    ],
  ])('is stopped where it loses %s', async (_name, setup) => {
    expect(await problems(setup)).toEqual([replaced('list')]);
  });

  it('is stopped where requests could not be told from those for a handler with a condition', async () => {
    const controllers = [controllerWith({ guard: 'class', replace: bind('health') })];
    expect(await problems({ controllers })).toEqual([replaced('health')]);
  });

  it('is stopped where one of the modules makes the controller so', async () => {
    let count = 0;
    const controller = controllerWith({ guard: 'method', replace: (made) => count++ === 1 && bind('list')?.(made) });
    const imports = [{ module: class A {}, controllers: [controller] }];
    expect(await problems({ imports, controllers: [controller] })).toEqual([replaced('list')]);
    expect(count).toBe(2);
  });

  it('is stopped where it is a handler of messages', async () => {
    class ProductsController {
      constructor() {
        bind('list')?.(this as unknown as Record<string, Handler>);
      }

      @UseGuards(M2MGuard)
      list(): void {}
    }
    Controller()(ProductsController);
    Reflect.defineMetadata('microservices:pattern', ['x'], ProductsController.prototype.list);
    expect(await problems({ controllers: [ProductsController] })).toEqual([replaced('list')]);
  });

  it.each<[string, Shape, [withoutToken: number, withToken: number][]]>([
    [
      'all metadata was copied',
      { guard: 'method', replace: wrap('list', isAny) },
      [
        [401, 200],
        [200, 200],
      ],
    ],
    [
      'a guard and a condition are on another handler only',
      { guard: 'method', replace: bind('health') },
      [
        [401, 200],
        [200, 200],
      ],
    ],
    [
      'no handler of a guarded class has conditions of its own',
      { guard: 'class', condition: false, replace: bind('list') },
      [
        [401, 200],
        [401, 200],
      ],
    ],
    [
      'nothing is guarded',
      { condition: false, replace: bind('list') },
      [
        [200, 200],
        [200, 200],
      ],
    ],
  ])('goes on where %s', async (_name, shape, expected) => {
    await using app = await start({ controllers: [controllerWith(shape)] });
    expect([await statuses(app, 'products'), await statuses(app, 'health')]).toEqual(expected);
  });

  it('goes on with everything else that a controller may have', async () => {
    const secret = Symbol('secret');
    abstract class Base {
      protected readonly name: string = 'base';
      abstract list(): string;

      @RequireScopes('read:products')
      @Get('base')
      inherited(): string {
        return this.name;
      }
    }
    class Listing extends Base {
      readonly onReady = (): string => this.list();
      helper: () => string;

      constructor() {
        super();
        this.helper = this.helperOf.bind(this);
      }

      get title(): string {
        throw new Error('nobody may read this');
      }

      @RequireScopes('read:products')
      @Get('products')
      list(): string {
        return 'in';
      }

      @Get('secret')
      [secret](): string {
        return 'no route';
      }

      helperOf(): string {
        return this.name;
      }
    }
    @UseGuards(M2MGuard)
    @Controller()
    class ProductsController extends withMixed(Listing) {}
    await using app = await start({ controllers: [ProductsController] });
    for (const path of ['products', 'base', 'mixed']) expect(await statuses(app, path)).toEqual([401, 200]);
  });
});

describe.each(platforms)('a request-scoped controller on %s', (platform) => {
  const scoped = (shape: Shape): Setup => ({
    platform,
    controllers: [controllerWith({ scope: Scope.REQUEST, ...shape })],
  });
  const failure = /another function in the instance|not the method that the decorators were put on/;

  it.each<[string, Shape]>([
    ['its guard and its condition', { guard: 'method', replace: bind('list') }],
    ['its guard', { guard: 'method', condition: false, replace: bind('list') }],
    ['its condition, under a guard', { guard: 'class', replace: bind('list') }],
    ['its condition, and no other metadata', { guard: 'class', replace: wrap('list', isText) }],
    ['its condition, beside its guard', { guard: 'method', replace: wrap('list', isText) }],
  ])('lets nobody reach a handler that has lost %s', async (_name, shape) => {
    await using app = await start(scoped(shape));
    expect(await statuses(app, 'products')).toEqual([500, 500]);
    expect(String(app.log.at(-1)?.text)).toMatch(failure);
  });

  it.each<[string, Shape]>([
    ['it was given all metadata', { guard: 'method', replace: wrap('list', isAny) }],
    ['another one was replaced', { guard: 'method', replace: bind('health') }],
    ['nothing was', { guard: 'method' }],
  ])('guards a handler where %s', async (_name, shape) => {
    await using app = await start(scoped(shape));
    expect(await statuses(app, 'products')).toEqual([401, 200]);
    expect(await statuses(app, 'health')).toEqual([200, 200]);
  });

  it('lets nobody reach a handler where Nest makes the controller so for what it depends on', async () => {
    @Injectable({ scope: Scope.REQUEST })
    class Tenant {}
    const controller = controllerWith({ guard: 'method', replace: bind('list') });
    Inject(Tenant)(controller.prototype as object, 'tenant');
    await using app = await start({ platform, controllers: [controller], providers: [Tenant] });
    expect(await statuses(app, 'products')).toEqual([500, 500]);
  });

  it('lets nobody reach a handler of a function that is another one each time', async () => {
    await using app = await start(scoped({ guard: 'method', replace: makeEachTime }));
    expect(await statuses(app, 'products')).toEqual([500, 500]);
  });

  it('is told from its siblings where it is durable', async () => {
    const tenant = ContextIdFactory.create();
    const byTenant: ContextIdStrategy = { attach: (id) => (info) => (info.isTreeDurable ? tenant : id) };
    ContextIdFactory.apply(byTenant);
    try {
      const replace: Shape['replace'] = (made) => ['list', 'health'].forEach((key) => bind(key)?.(made));
      await using app = await start(scoped({ guard: 'method', replace, isDurable: true }));
      expect(await statuses(app, 'products')).toEqual([500, 500]);
      expect(await statuses(app, 'health')).toEqual([200, 200]);
    } finally {
      ContextIdFactory.apply(undefined as unknown as ContextIdStrategy);
    }
  });

  it('is served where tracing calls its handlers, each with conditions of its own', async () => {
    @Controller({ scope: Scope.REQUEST })
    class ProductsController {
      @UseGuards(M2MGuard)
      @RequireScopes('read:products')
      @Get('products')
      list(): string {
        return 'in';
      }

      @UseGuards(M2MGuard)
      @AllowClients('nobody')
      @Get('none')
      none(): string {
        return 'in';
      }
    }
    const { create } = RouterExecutionContext.prototype;
    jest.spyOn(RouterExecutionContext.prototype, 'create').mockImplementation(function (
      this: RouterExecutionContext,
      instance,
      handler,
      ...rest
    ) {
      const controller = { handler } as unknown as Record<string, Handler>;
      wrap('handler', isAny)?.(controller);
      return create.call(this, instance, controller['handler'] as typeof handler, ...rest);
    });
    await using app = await start({ platform, controllers: [ProductsController] });
    expect(await statuses(app, 'products')).toEqual([401, 200]);
    expect(await statuses(app, 'none')).toEqual([401, 403]);
  });

  it('lets nobody reach a handler that was replaced in its class after the start', async () => {
    const controller = controllerWith({ guard: 'class', scope: Scope.REQUEST });
    await using app = await start({ platform, controllers: [controller] });
    jest.spyOn(controller.prototype as { list: Handler }, 'list').mockReturnValue('in');
    expect(await statuses(app, 'products')).toEqual([500, 500]);
  });
});

it('a transient controller is served by what its constructor has not changed', async () => {
  const controllers = [controllerWith({ guard: 'method', scope: Scope.TRANSIENT, replace: bind('list') })];
  await using app = await start({ controllers });
  expect(await statuses(app, 'products')).toEqual([401, 200]);
});
