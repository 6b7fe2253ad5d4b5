import { afterAll, afterEach, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { applyDecorators, Controller, Get, Inject, Injectable, Scope, UseGuards, type Type } from '@nestjs/common';
import { APP_GUARD } from '@nestjs/core';
import { M2MConfigurationError } from '../../../lib/errors/configuration.error.js';
import { Public } from '../../../lib/resource-server/authorization/decorators/public.decorator.js';
import { RequireScopes } from '../../../lib/resource-server/authorization/decorators/require-scopes.decorator.js';
import { M2MGuard } from '../../../lib/resource-server/m2m.guard.js';
import { startGuardedApp, type GuardedApp, type GuardedAppOptions } from '../../support/guarded-app.js';
import { TestIssuer, testAudience } from '../../support/issuer.js';

type Setup = Omit<GuardedAppOptions, 'options'>;
type Handler = (...args: unknown[]) => unknown;

interface Shape {
  readonly guard?: 'class' | 'method';
  readonly condition?: boolean;
  /** What the constructor does with the handlers. */
  readonly replace?: (controller: Record<string, Handler>) => void;
  readonly scope?: Scope;
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
function controllerWith({ guard, condition = true, replace, scope }: Shape): Type {
  @onlyIf(guard === 'class', UseGuards(M2MGuard))
  @Controller(scope === undefined ? {} : { scope })
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
  `no assignment to this.${key} in ProductsController, such as this.${key} = this.${key}.bind(this)\n() => this.${key}() to pass the method on`,
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
  ])('is stopped if it loses %s', async (_name, setup) => {
    expect(await problems(setup)).toEqual([replaced('list')]);
  });

  it('is stopped if one of the modules makes the controller so', async () => {
    let count = 0;
    const controller = controllerWith({ guard: 'method', replace: (made) => count++ === 1 && bind('list')?.(made) });
    const imports = [{ module: class A {}, controllers: [controller] }];
    expect(await problems({ imports, controllers: [controller] })).toEqual([replaced('list')]);
    expect(count).toBe(2);
  });

  it('is stopped if it is a handler of messages', async () => {
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
  ])('goes on if %s', async (_name, shape, expected) => {
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

describe('the start of an application (claim 5.3)', () => {
  class Listing {
    @UseGuards(M2MGuard)
    @Get('products')
    list(): string {
      return 'in';
    }
  }

  const overriding = (...decorators: (MethodDecorator & ClassDecorator)[]): Setup => {
    @Controller()
    class ProductsController extends Listing {
      @applyDecorators(...decorators)
      @Get('products')
      override list(): string {
        return 'override';
      }
    }
    return { controllers: [ProductsController] };
  };

  it('is stopped by a handler that overrides one with an M2MGuard, and has none', async () => {
    expect(await problems(overriding())).toEqual([
      [
        'ProductsController.list',
        'overrides Listing.list without its M2MGuard',
        '@UseGuards(M2MGuard) on ProductsController.list\n@Public() on ProductsController.list for everybody',
      ],
    ]);
  });

  it('goes on if the override has a guard, is public, or stands behind a wider guard', async () => {
    expect(await problems(overriding(UseGuards(M2MGuard)))).toEqual([]);
    expect(await problems(overriding(UseGuards({ canActivate: () => true })))).toEqual([]);
    expect(await problems(overriding(Public()))).toEqual([]);
    expect(await problems({ ...overriding(), providers: globally })).toEqual([]);
  });

  it('is stopped by an M2MGuard on a method that is no handler', async () => {
    @Controller()
    class ProductsController {
      @UseGuards(M2MGuard)
      list(): void {}

      @UseGuards({ canActivate: () => true })
      other(): void {}
    }
    expect(await problems({ controllers: [ProductsController] })).toEqual([
      [
        'ProductsController.list',
        'has @UseGuards(M2MGuard), but is no handler: Nest asks the guard about nothing',
        '@UseGuards(M2MGuard) on a method with @Get() or @Post(), or on its class',
      ],
    ]);
  });
});

const warnings = ({ log }: GuardedApp): string[] =>
  log.flatMap(({ level, text }) => (level === 'warn' && text.startsWith('M2M-1008') ? [text] : []));

const scoped = (shape: Shape): Setup => ({ controllers: [controllerWith({ scope: Scope.REQUEST, ...shape })] });

describe('a request-scoped controller', () => {
  it('is warned of if M2MGuard stands on its methods, which its constructor can take away', async () => {
    await using app = await start(scoped({ guard: 'method' }));
    expect(warnings(app)).toEqual([
      'M2M-1008 ProductsController is made for each request, and M2MGuard stands on its methods: list. A constructor that assigns to one of them takes its guard away; write: @UseGuards(M2MGuard) on ProductsController',
    ]);
    expect([await statuses(app, 'products'), await statuses(app, 'health')]).toEqual([
      [401, 200],
      [200, 200],
    ]);
  });

  it('is warned of as well if Nest makes it so for what it depends on', async () => {
    @Injectable({ scope: Scope.REQUEST })
    class Tenant {}
    const controller = controllerWith({ guard: 'method' });
    Inject(Tenant)(controller.prototype as object, 'tenant');
    await using app = await start({ controllers: [controller], providers: [Tenant] });
    expect(warnings(app)).toHaveLength(1);
  });

  it.each<[string, Setup]>([
    ['its class has the guard', scoped({ guard: 'class' })],
    ['the guard is global', { ...scoped({ guard: 'method' }), providers: globally }],
    ['it has none', scoped({ condition: false })],
  ])('is not warned of if %s', async (_name, setup) => {
    await using app = await start(setup);
    expect(warnings(app)).toEqual([]);
  });

  it.each<[string, Shape['replace']]>([
    ['its condition', bind('list')],
    ['its condition, and no other metadata', wrap('list', isText)],
    ['its condition to a function that is another one each time', makeEachTime],
  ])('lets nobody reach a handler behind the guard of its class that has lost %s', async (_name, replace) => {
    await using app = await start(scoped({ guard: 'class', replace }));
    expect(await statuses(app, 'products')).toEqual([500, 500]);
    expect(String(app.log.at(-1)?.text)).toContain('is not the method that the decorators were put on');
  });

  it('lets nobody reach a handler that was replaced in its class after the start', async () => {
    const controller = controllerWith({ guard: 'class', scope: Scope.REQUEST });
    await using app = await start({ controllers: [controller] });
    jest.spyOn(controller.prototype as { list: Handler }, 'list').mockReturnValue('in');
    expect(await statuses(app, 'products')).toEqual([500, 500]);
  });
});

it('a transient controller is served by what its constructor has not changed', async () => {
  const controllers = [controllerWith({ guard: 'method', scope: Scope.TRANSIENT, replace: bind('list') })];
  await using app = await start({ controllers });
  expect(await statuses(app, 'products')).toEqual([401, 200]);
});
