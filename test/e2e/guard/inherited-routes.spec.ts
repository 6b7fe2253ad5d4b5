import { describe, expect, it } from '@jest/globals';
import { Controller, Get, UseGuards, type Type } from '@nestjs/common';
import { M2MConfigurationError } from '../../../lib/errors/configuration.error.js';
import { Public } from '../../../lib/resource-server/guard/decorators/public.decorator.js';
import { RequireScopes } from '../../../lib/resource-server/guard/decorators/require-scopes.decorator.js';
import { M2MGuard } from '../../../lib/resource-server/guard/m2m.guard.js';
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
    return error.problems.map((each) => [each.where, each.seen, each.write]);
  }
}

/** Puts another function in a method's place, as caching and tracing decorators do. */
const Wrapped: MethodDecorator = (_target, _key, descriptor) => ({ ...descriptor, value: (() => 'x') as never });

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
});
