import { describe, expect, it } from '@jest/globals';
import { Controller, Get, UseGuards, type Type } from '@nestjs/common';
import { M2MConfigurationError } from '../../../lib/errors/configuration.error.js';
import { AllowClients } from '../../../lib/resource-server/authorization/decorators/allow-clients.decorator.js';
import { Public } from '../../../lib/resource-server/authorization/decorators/public.decorator.js';
import { RequireAnyScope } from '../../../lib/resource-server/authorization/decorators/require-any-scope.decorator.js';
import { RequireScopes } from '../../../lib/resource-server/authorization/decorators/require-scopes.decorator.js';
import { M2MGuard } from '../../../lib/resource-server/m2m.guard.js';
import { startGuardedApp } from '../../support/guarded-app.js';

const options = {
  authorizationServer: { name: 'down', issuer: 'http://127.0.0.1:9/oidc' },
  resourceServer: { audience: 'https://api.test' },
};

/** The places and findings that stop the start; none where it succeeds. */
async function problems(controller: Type): Promise<[where: string, seen: string, write: string][]> {
  try {
    await using _app = await startGuardedApp({ options, controllers: [controller] });
    return [];
  } catch (error) {
    if (!(error instanceof M2MConfigurationError)) throw error;
    return error.problems.map((each) => [each.option, each.problem, each.remedy]);
  }
}

/** Puts another function in a method's place, as caching and tracing decorators do. */
const Wrapped: MethodDecorator = (_target, _key, descriptor) => ({ ...descriptor, value: (() => 'x') as never });

const Conditions =
  (decorators: readonly MethodDecorator[]): MethodDecorator =>
  (target, key, descriptor) => {
    for (const decorator of decorators) decorator(target, key, descriptor);
  };

class Listing {
  @RequireScopes('admin')
  @Get()
  list(): string {
    return 'base';
  }

  @Public()
  @Get('health')
  health(): string {
    return 'base';
  }
}

const DROPPED = [
  'ItemsController.list',
  'overrides Listing.list without its @RequireScopes',
  '@RequireScopes(...) on ItemsController.list again\n@RequireScopes(...) on the class Listing for all of its routes',
];

const Proxied: ClassDecorator = (type) => new Proxy(type, {});

class Billing {
  @AllowClients('billing')
  @RequireScopes('admin')
  @Get()
  list(): string {
    return 'base';
  }
}

/** @param conditions of the override */
function overriding(...conditions: MethodDecorator[]): Type {
  @UseGuards(M2MGuard)
  @Controller()
  class ItemsController extends Billing {
    @Conditions(conditions)
    @Get()
    override list(): string {
      return 'override';
    }
  }
  return ItemsController;
}

/** @param conditions of the class of an override */
function requiring(...conditions: ClassDecorator[]): Type {
  class ItemsController extends Billing {
    @Get()
    override list(): string {
      return 'override';
    }
  }
  for (const decorate of [...conditions, Controller(), UseGuards(M2MGuard)]) decorate(ItemsController);
  return ItemsController;
}

const dropped = (decorator: string): string[] => [
  'ItemsController.list',
  `overrides Billing.list without its @${decorator}`,
  `@${decorator}(...) on ItemsController.list again\n@${decorator}(...) on the class Billing for all of its routes`,
];

describe('the start of an application whose controllers inherit routes', () => {
  it('is stopped where a decorator in the base class hides a condition', async () => {
    class Base {
      @Get()
      @Wrapped
      @RequireScopes('admin')
      list(): void {}
    }
    @UseGuards(M2MGuard)
    @Controller()
    class ItemsController extends Base {}
    expect(await problems(ItemsController)).toEqual([
      [
        'ItemsController.list',
        'loses its @RequireScopes to a decorator above it, which puts another function in its place',
        '@RequireScopes(...) above that decorator',
      ],
    ]);
  });

  it('is stopped where an override drops the condition of what it overrides', async () => {
    @UseGuards(M2MGuard)
    @Controller()
    class ItemsController extends Listing {
      @Get()
      override list(): string {
        return 'override';
      }
    }
    expect(await problems(ItemsController)).toEqual([DROPPED]);
  });

  it('is stopped where a class between the two drops it', async () => {
    class Between extends Listing {
      @Get()
      override list(): string {
        return 'override';
      }
    }
    @UseGuards(M2MGuard)
    @Controller()
    class ItemsController extends Between {}
    expect(await problems(ItemsController)).toEqual([DROPPED]);
  });

  it('goes on where an override says itself who may call, is no route, or overrides what is public', async () => {
    @UseGuards(M2MGuard)
    @Controller('a')
    class RepeatingController extends Listing {
      @RequireScopes('admin')
      @Get()
      override list(): string {
        return 'override';
      }

      @Get('health')
      override health(): string {
        return 'override';
      }
    }
    @UseGuards(M2MGuard)
    @Controller('b')
    class ClosingController extends Listing {
      override list(): string {
        return 'no route';
      }
    }
    @UseGuards(M2MGuard)
    @Controller('c')
    class InheritingController extends Listing {}
    expect(await problems(RepeatingController)).toEqual([]);
    expect(await problems(ClosingController)).toEqual([]);
    expect(await problems(InheritingController)).toEqual([]);
  });

  it('is stopped where an override says nothing of the clients, or of the scopes, that are asked for', async () => {
    expect(await problems(overriding(RequireScopes('read')))).toEqual([dropped('AllowClients')]);
    expect(await problems(overriding(AllowClients('orders')))).toEqual([dropped('RequireScopes')]);
    expect(await problems(overriding())).toEqual([dropped('RequireScopes'), dropped('AllowClients')].toReversed());
    expect(await problems(overriding(RequireAnyScope('a', 'b'), AllowClients('orders')))).toEqual([]);
    expect(await problems(overriding(Public()))).toEqual([]);
  });

  it('goes on where the class of an override asks for the same, and only then', async () => {
    expect(await problems(requiring(RequireScopes('admin'), AllowClients('billing')))).toEqual([]);
    expect(await problems(requiring(RequireScopes('read'), AllowClients('billing')))).toEqual([
      dropped('RequireScopes'),
    ]);
    expect(await problems(requiring(RequireScopes('admin')))).toEqual([dropped('AllowClients')]);
  });

  it('is stopped where the class of an override asks for a part of what the method did', async () => {
    class Base {
      @RequireScopes('read')
      @RequireScopes('admin')
      @Get()
      list(): void {}
    }
    @RequireScopes('read')
    @UseGuards(M2MGuard)
    @Controller()
    class ItemsController extends Base {
      @Get()
      override list(): void {}
    }
    expect(await problems(ItemsController)).toMatchObject([
      ['ItemsController.list', 'overrides Base.list without its @RequireScopes', expect.any(String)],
    ]);
  });

  it('is stopped where a class between the two has dropped it before', async () => {
    class Between extends Billing {
      @RequireScopes('read')
      @Get()
      override list(): string {
        return 'between';
      }
    }
    @UseGuards(M2MGuard)
    @Controller('a')
    class ItemsController extends Between {
      @RequireScopes('write')
      @Get()
      override list(): string {
        return 'override';
      }
    }
    expect(await problems(ItemsController)).toEqual([dropped('AllowClients')]);
  });

  it('is stopped where a decorator hides one condition of an override that drops another', async () => {
    @UseGuards(M2MGuard)
    @Controller()
    class ItemsController extends Billing {
      @Get()
      @Wrapped
      @RequireScopes('read')
      override list(): string {
        return 'override';
      }
    }
    const hidden = 'loses its @RequireScopes to a decorator above it, which puts another function in its place';
    expect(await problems(ItemsController)).toEqual([
      ['ItemsController.list', hidden, '@RequireScopes(...) above that decorator'],
      dropped('AllowClients'),
    ]);
  });

  it('goes on where a class between the two has opened the route to everybody', async () => {
    class Between extends Billing {
      @Public()
      @Get()
      override list(): string {
        return 'between';
      }
    }
    @UseGuards(M2MGuard)
    @Controller()
    class ItemsController extends Between {
      @RequireScopes('read')
      @Get()
      override list(): string {
        return 'override';
      }
    }
    expect(await problems(ItemsController)).toEqual([]);
  });

  it('is stopped where its instances name another class, whose conditions would count', async () => {
    class Mixin {
      @RequireScopes('read')
      @Get('other')
      other(): void {}
    }
    const mixedIn = (...conditions: ClassDecorator[]): Type => {
      @UseGuards(M2MGuard)
      @Controller()
      class ItemsController {
        @RequireScopes('write')
        @Get()
        list(): void {}
      }
      for (const condition of conditions) condition(ItemsController);
      for (const name of ['constructor', 'other']) {
        const descriptor = Object.getOwnPropertyDescriptor(Mixin.prototype, name) as PropertyDescriptor;
        Object.defineProperty(ItemsController.prototype, name, descriptor);
      }
      return ItemsController;
    };
    @RequireScopes('admin')
    @UseGuards(M2MGuard)
    @Controller()
    @Proxied
    class ItemsController {
      @Get()
      list(): void {}
    }
    const lost = [
      'ItemsController',
      'loses its @RequireScopes to another class, which is the constructor of its instances',
      '@RequireScopes(...) on each of its methods',
    ];
    expect(await problems(mixedIn(RequireScopes('admin')))).toEqual([lost]);
    expect(await problems(ItemsController)).toEqual([lost]);
    expect(await problems(mixedIn())).toEqual([]);
  });
});
