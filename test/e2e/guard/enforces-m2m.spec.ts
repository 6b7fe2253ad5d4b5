import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import {
  ConsoleLogger,
  Controller,
  Get,
  Inject,
  Injectable,
  UseGuards,
  type CanActivate,
  type ExecutionContext,
  type Type,
} from '@nestjs/common';
import { APP_GUARD } from '@nestjs/core';
import { Test } from '@nestjs/testing';
import { M2MConfigurationError } from '../../../lib/errors/configuration.error.js';
import { M2MModule } from '../../../lib/m2m.module.js';
import { Public } from '../../../lib/resource-server/authorization/decorators/public.decorator.js';
import { RequireScopes } from '../../../lib/resource-server/authorization/decorators/require-scopes.decorator.js';
import { EnforcesM2M } from '../../../lib/resource-server/enforces-m2m.decorator.js';
import { M2MHandlers } from '../../../lib/resource-server/handler-audit/m2m-handlers.js';
import { M2MGuard } from '../../../lib/resource-server/m2m.guard.js';
import { Message } from '../../support/audited-classes.js';
import { platforms, startGuardedApp, type GuardedApp, type GuardedAppOptions } from '../../support/guarded-app.js';
import { TestIssuer, testAudience } from '../../support/issuer.js';

/** Puts M2MGuard inside, as @EnforcesM2M is for. */
@EnforcesM2M()
@Injectable()
class OrGuard implements CanActivate {
  constructor(@Inject(M2MGuard) private readonly machines: CanActivate) {}

  async canActivate(context: ExecutionContext): Promise<boolean> {
    const { headers } = context.switchToHttp().getRequest<{ headers: Record<string, string> }>();
    return headers['x-api-key'] === 'key' || ((await this.machines.canActivate(context)) as boolean);
  }
}

@Injectable()
class DerivedGuard extends OrGuard {}

@EnforcesM2M()
@Injectable()
class MarkedDerivedGuard extends OrGuard {}

@Injectable()
class UnmarkedGuard implements CanActivate {
  canActivate(): boolean {
    return true;
  }
}

const controllerWith = (...guards: (Type<CanActivate> | CanActivate)[]): Type => {
  @UseGuards(...guards)
  @Controller('products')
  class ProductsController {
    @RequireScopes('read:products')
    @Get()
    list(): string {
      return 'in';
    }

    @Public()
    @Get('health')
    health(): string {
      return 'up';
    }
  }
  return ProductsController;
};

let issuer: TestIssuer;
beforeAll(async () => {
  issuer = await TestIssuer.start();
});
afterAll(() => issuer.stop());

type Setup = Omit<GuardedAppOptions, 'options'>;

const optionsOf = () =>
  ({
    authorizationServer: issuer.authorizationServer,
    resourceServer: { audience: testAudience, unguarded: 'refuse' },
  }) as const;

/** The places and findings that stop the start; none where it succeeds. */
async function problems(setup: Setup): Promise<string[][]> {
  try {
    await using _app = await startGuardedApp({ options: optionsOf(), ...setup });
    return [];
  } catch (error) {
    if (!(error instanceof M2MConfigurationError)) throw error;
    return error.problems.map((each) => [each.option, each.problem, each.remedy]);
  }
}

const guardedOf = ({ app }: GuardedApp): unknown[] =>
  app
    .get(M2MHandlers)
    .list()
    .map(({ transport, method, guarded }) => [transport, method, guarded]);

const bearer = async (scope: string) => ({ authorization: `Bearer ${await issuer.mint({ scope })}` });

class KeptClaims extends ConsoleLogger {
  readonly claims: string[] = [];

  override debug(): void {}

  override warn(): void {}

  override log(text: string): void {
    if (text.includes('@EnforcesM2M')) this.claims.push(text);
  }
}

const places: [string, () => Setup][] = [
  ['@UseGuards', () => ({ controllers: [controllerWith(OrGuard)] })],
  [
    'APP_GUARD with useClass',
    () => ({ controllers: [controllerWith()], providers: [{ provide: APP_GUARD, useClass: OrGuard }] }),
  ],
  [
    'APP_GUARD with useExisting',
    () => ({ controllers: [controllerWith()], providers: [OrGuard, { provide: APP_GUARD, useExisting: OrGuard }] }),
  ],
  [
    'useGlobalGuards',
    () => ({
      controllers: [controllerWith()],
      configure: (app) => app.useGlobalGuards(new OrGuard(app.get(M2MGuard))),
    }),
  ],
];

describe.each(platforms)('a guard with @EnforcesM2M on %s', (platform) => {
  it.each(places)(
    'covers the conditions of handlers, which the start lists, in %s (claim 5.8)',
    async (_name, setup) => {
      const logger = new KeptClaims();
      const { configure, ...rest } = setup();
      await using app = await startGuardedApp({
        options: optionsOf(),
        platform,
        ...rest,
        configure: (made) => {
          made.useLogger(logger);
          return configure?.(made);
        },
      });
      const status = async (headers: Record<string, string>): Promise<number> =>
        (await fetch(`${app.url}/products`, { headers })).status;
      expect([
        await status({}),
        await status(await bearer('other')),
        await status(await bearer('read:products')),
        await status({ 'x-api-key': 'key' }),
      ]).toEqual([401, 403, 200, 200]);
      expect(guardedOf(app)).toEqual([
        ['http', 'list', 'claimed'],
        ['http', 'health', 'claimed'],
      ]);
      expect(logger.claims).toEqual([
        'M2M-1006 Only a guard with @EnforcesM2M() holds callers to the conditions of ProductsController.list',
      ]);
    },
  );
});

describe('@EnforcesM2M', () => {
  it('counts for the class that has it, and not for one that is derived (claim 5.8)', async () => {
    const [first] = await problems({ controllers: [controllerWith(DerivedGuard)] });
    expect(first).toEqual([
      'ProductsController.list',
      'has @RequireScopes, but no M2MGuard looks at it',
      expect.stringContaining('@EnforcesM2M() on a guard of your own that runs M2MGuard'),
    ]);
    expect(await problems({ controllers: [controllerWith(MarkedDerivedGuard)] })).toEqual([]);
  });

  it('does not count for an instance of a derived class', async () => {
    const guard = new DerivedGuard(new UnmarkedGuard());
    expect(await problems({ controllers: [controllerWith(guard)] })).not.toEqual([]);
    expect(await problems({ controllers: [controllerWith(new OrGuard(guard))] })).toEqual([]);
  });

  it('says nothing where an M2MGuard stands before the handler as well', async () => {
    const setup = { controllers: [controllerWith(OrGuard, M2MGuard)] };
    await using app = await startGuardedApp({ options: optionsOf(), ...setup });
    expect(guardedOf(app)).toEqual([
      ['http', 'list', 'm2m'],
      ['http', 'health', 'm2m'],
    ]);
  });

  it('counts before messages if it stands on their handler, and not as a global guard of requests', async () => {
    @Controller()
    class EventsController {
      @RequireScopes('read:products')
      @Message
      handle(): void {}
    }
    const onHandler = class extends EventsController {};
    Controller()(onHandler);
    UseGuards(OrGuard)(onHandler);
    const providers = [{ provide: APP_GUARD, useClass: OrGuard }];
    expect(await problems({ controllers: [EventsController], providers })).toHaveLength(1);
    expect(await problems({ controllers: [onHandler] })).toEqual([]);
  });

  it('is found lost on an override, and on a method that is no handler', async () => {
    class Listing {
      @UseGuards(OrGuard)
      @Get()
      list(): void {}
    }
    @Controller()
    class ProductsController extends Listing {
      @Get()
      override list(): void {}

      @UseGuards(OrGuard)
      helper(): void {}
    }
    const stopped = await problems({ controllers: [ProductsController] });
    expect(stopped.map(([option, problem]) => [option, problem])).toEqual([
      ['ProductsController.list', 'overrides Listing.list without its OrGuard'],
      ['ProductsController.helper', 'has @UseGuards(OrGuard), but is no handler: Nest asks the guard about nothing'],
      ['ProductsController.list', 'has no guard that authenticates'],
    ]);
  });

  it('needs a resource server, as the M2MGuard inside does', async () => {
    const options = {
      authorizationServer: issuer.authorizationServer,
      client: { clientId: 'x', clientSecret: () => 'x' },
    };
    const stopped = startGuardedApp({ options, controllers: [controllerWith(OrGuard)] });
    await expect(stopped).rejects.toThrow('resourceServer is not configured');
  });

  it('holds for what a test puts in the place of the guard', async () => {
    const module = await Test.createTestingModule({
      imports: [M2MModule.forRoot(optionsOf())],
      controllers: [controllerWith()],
      providers: [OrGuard, { provide: APP_GUARD, useExisting: OrGuard }],
    })
      .overrideProvider(OrGuard)
      .useValue(new UnmarkedGuard())
      .compile();
    const app = module.createNestApplication();
    await expect(app.init()).resolves.toBe(app);
    await app.close();
  });
});
