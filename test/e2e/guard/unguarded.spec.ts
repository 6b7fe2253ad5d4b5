import { describe, expect, it } from '@jest/globals';
import {
  Controller,
  Get,
  Inject,
  Injectable,
  SetMetadata,
  UseGuards,
  type CanActivate,
  type OnModuleInit,
  type Type,
} from '@nestjs/common';
import { APP_GUARD } from '@nestjs/core';
import { AuthGuard } from '@nestjs/passport';
import { M2MConfigurationError } from '../../../lib/errors/configuration.error.js';
import type { M2MResourceServerOptions } from '../../../lib/options/resource-server-options.js';
import { Public } from '../../../lib/resource-server/authorization/decorators/public.decorator.js';
import { RequireScopes } from '../../../lib/resource-server/authorization/decorators/require-scopes.decorator.js';
import { M2MHandlers } from '../../../lib/resource-server/handler-audit/m2m-handlers.js';
import { M2MGuard } from '../../../lib/resource-server/m2m.guard.js';
import { Message } from '../../support/audited-classes.js';
import { startGuardedApp, type GuardedAppOptions } from '../../support/guarded-app.js';

const authorizationServer = { name: 'down', issuer: 'http://127.0.0.1:9/oidc' };

type Setup = Omit<GuardedAppOptions, 'options'>;

const start = (setup: Setup, resourceServer?: Partial<M2MResourceServerOptions>) => {
  const all = { audience: 'https://api.test', ...resourceServer } as M2MResourceServerOptions;
  return startGuardedApp({ options: { authorizationServer, resourceServer: all }, ...setup });
};

/** The handlers that the start names. */
async function named(setup: Setup, resourceServer?: Partial<M2MResourceServerOptions>): Promise<string[]> {
  await using app = await start(setup, resourceServer);
  const warnings = app.log.filter(
    ({ level, text }) => level === 'warn' && text.includes('No guard that authenticates'),
  );
  return warnings.flatMap(
    ({ text }) => /No guard that authenticates stands before (.*?); write:/.exec(text)?.[1]?.split(', ') ?? [],
  );
}

/** Puts another function in a method's place, as caching and tracing decorators do. */
const Wrapped: MethodDecorator = (_target, _key, descriptor) => {
  const method = descriptor.value as () => unknown;
  return { ...descriptor, value: (() => method()) as never };
};

/** Adds a route to a class, as decorators for CRUD do. */
const Generated: ClassDecorator = ({ prototype }) => {
  const route = { value: () => 'all', writable: true, configurable: true };
  Object.defineProperty(prototype, 'generated', route);
  Get('generated')(prototype as object, 'generated', route);
};

@Injectable()
class SessionGuard implements CanActivate {
  canActivate(): boolean {
    return true;
  }
}

@Injectable()
class OtherGuard extends SessionGuard {}

@Injectable()
class DerivedSessionGuard extends SessionGuard {}

abstract class Base {
  @UseGuards(SessionGuard)
  @Get('overridden')
  overridden(): void {}
}

@Generated
@Controller('open')
class OpenController extends Base {
  @Get()
  list(): void {}

  @Get('overridden')
  override overridden(): void {}

  @Get('wrapped')
  @Wrapped
  @UseGuards(M2MGuard)
  wrapped(): void {}

  @UseGuards(SessionGuard)
  @Get('session')
  session(): void {}

  helper(): void {}

  @Public()
  @Get('public')
  public(): void {}
}

@Controller('closed')
class ClosedController {
  @UseGuards(M2MGuard)
  @Get('machines')
  machines(): void {}

  @UseGuards(M2MGuard.or('user-jwt'))
  @Get('either')
  either(): void {}

  @UseGuards(AuthGuard('user-jwt'))
  @Get('users')
  users(): void {}
}

const all = ['list', 'overridden', 'wrapped', 'session', 'generated'].map((key) => `OpenController.${key}`);
const controllers: Type[] = [OpenController, ClosedController];

describe('resourceServer.unguarded (claim 5.4)', () => {
  it('names at the start every HTTP handler that no authenticating guard covers', async () => {
    const found = await named({ controllers });
    expect(found.toSorted()).toEqual(all.toSorted());
  });

  it('names nothing behind a global M2MGuard', async () => {
    const provided = { providers: [{ provide: APP_GUARD, useExisting: M2MGuard }] };
    const used: Partial<Setup> = { configure: (app) => app.useGlobalGuards(app.get(M2MGuard)) };
    expect(await named({ controllers: [OpenController], ...provided })).toEqual([]);
    expect(await named({ controllers: [OpenController], ...used })).toEqual([]);
  });

  it('names the handlers that a global guard comes too late for', async () => {
    const late: Partial<Setup> = {
      configure: async (app) => (await app.init()).useGlobalGuards(app.get(M2MGuard)),
    };
    expect(await named({ controllers: [OpenController], ...late })).toHaveLength(all.length);
  });

  it('says that nothing is guarded, though resourceServer is configured', async () => {
    const sentence = 'resourceServer is configured, and M2MGuard stands before no handler.';
    await using none = await start({ controllers: [OpenController] });
    await using some = await start({ controllers });
    expect(none.log.filter(({ text }) => text.startsWith(`M2M-1007 ${sentence}`))).toHaveLength(1);
    expect(some.log.filter(({ text }) => text.startsWith(`M2M-1007 ${sentence}`))).toHaveLength(0);
  });

  it('names at most 20 handlers in the warning, and counts the others', async () => {
    const many = Array.from({ length: 23 }, () => {
      @Controller()
      class ManyController {
        @Get()
        list(): void {}
      }
      return ManyController;
    });
    const found = await named({ controllers: many });
    expect(found.slice(19)).toEqual(['ManyController.list', 'and 3 more in M2MHandlers.list()']);
  });

  it("stops the start with 'refuse', and names every handler", async () => {
    const stopped = start({ controllers }, { unguarded: 'refuse' });
    const error = await stopped.catch((caught: unknown) => caught);
    expect(error).toBeInstanceOf(M2MConfigurationError);
    const { problems } = error as M2MConfigurationError;
    expect(problems.map(({ option }) => option).toSorted()).toEqual(all.toSorted());
    expect(problems[0]?.remedy).toContain('@UseGuards(M2MGuard)');
  });

  it("says nothing with 'allow'", async () => {
    expect(await named({ controllers }, { unguarded: 'allow' })).toEqual([]);
  });

  it('is no matter of an application without resourceServer', async () => {
    @Controller()
    class WebController {
      @Get()
      list(): void {}
    }
    const options = { authorizationServer, client: { clientId: 'x', clientSecret: () => 'x' } };
    await using app = await startGuardedApp({ options, controllers: [WebController] });
    expect(app.log.filter(({ level }) => level !== 'debug')).toEqual([]);
    expect(app.app.get(M2MHandlers).list()).toHaveLength(1);
  });
});

/** Guards that everybody reads in the source, and Nest in no place where it looks. */
const lost = (): [string, Setup, string[]][] => {
  class GuardedMethod {
    @UseGuards(M2MGuard)
    @Get('method')
    method(): string {
      return 'in';
    }
  }

  @Controller()
  class OverridingController extends GuardedMethod {
    @UseGuards(OtherGuard)
    @Get('method')
    override method(): string {
      return 'in';
    }
  }

  @Controller()
  class WrappingController {
    @Get('wrapped')
    @Wrapped
    @UseGuards(M2MGuard)
    wrapped(): string {
      return 'in';
    }
  }

  @Generated
  @Controller()
  class GeneratedController {
    @UseGuards(M2MGuard)
    @Get('guarded')
    guarded(): void {}
  }

  @Controller()
  class StaticController {
    @UseGuards(M2MGuard)
    static list(): string {
      return 'in';
    }

    @Get('list')
    list(): string {
      return StaticController.list();
    }
  }

  @Controller()
  class BareController {
    @Get('bare')
    bare(): string {
      return 'in';
    }
  }

  return [
    [
      'an override that has guards of its own',
      { controllers: [OverridingController] },
      ['OverridingController.method'],
    ],
    ['a decorator that wraps the method', { controllers: [WrappingController] }, ['WrappingController.wrapped']],
    ['a decorator that generates routes', { controllers: [GeneratedController] }, ['GeneratedController.generated']],
    ['a guard on a static method', { controllers: [StaticController] }, ['StaticController.list']],
    [
      'useGlobalGuards after init()',
      {
        controllers: [BareController],
        configure: async (app) => (await app.init()).useGlobalGuards(app.get(M2MGuard)),
      },
      ['BareController.bare'],
    ],
    [
      'a global guard that is provided under its own name only',
      { controllers: [BareController], providers: [{ provide: 'APP_GUARDS', useExisting: M2MGuard }] },
      ['BareController.bare'],
    ],
    ['no guard at all', { controllers: [BareController] }, ['BareController.bare']],
  ];
};

describe('a guard that got lost and left no trace', () => {
  it.each(lost())(
    'leaves a route open, which the start names or refuses: %s (claim 5.4)',
    async (_name, setup, expected) => {
      expect(await named(setup)).toEqual(expected);
      await using app = await start(setup);
      const handler = app.app
        .get(M2MHandlers)
        .list()
        .find(({ guarded }) => !guarded);
      const answer = await fetch(app.url + String(handler?.paths?.[0]));
      expect(answer.status).toBe(200);
      const refused = start(setup, { unguarded: 'refuse' });
      await expect(refused).rejects.toMatchObject({ problems: expected.map((option) => ({ option })) });
    },
  );
});

describe('resourceServer.userGuards', () => {
  it('names guards that authenticate users, and those derived from them', async () => {
    const others = all.filter((name) => !name.endsWith('.session'));
    const found = await named({ controllers }, { userGuards: [SessionGuard] });
    expect(found.toSorted()).toEqual(others.toSorted());
    const providers = [{ provide: APP_GUARD, useClass: DerivedSessionGuard }];
    expect(await named({ controllers, providers }, { userGuards: [SessionGuard] })).toEqual([]);
  });
});

describe('resourceServer.publicMetadata', () => {
  it("is the key of an application's own @Public, which the method says before the class, and which M2MGuard does not read", async () => {
    @SetMetadata('isPublic', true)
    @Controller('own')
    class OwnController {
      @Get('class')
      ofClass(): void {}

      @SetMetadata('isPublic', false)
      @Get('method')
      ofMethod(): void {}

      @UseGuards(M2MGuard)
      @Get('guarded')
      guarded(): void {}
    }
    const resourceServer = { publicMetadata: 'isPublic' };
    expect(await named({ controllers: [OwnController] }, resourceServer)).toEqual(['OwnController.ofMethod']);
    await using app = await start({ controllers: [OwnController] }, resourceServer);
    const answer = await fetch(`${app.url}/own/guarded`);
    expect(answer.status).toBe(401);
  });
});

describe('M2MHandlers', () => {
  @RequireScopes('read:products')
  @UseGuards(M2MGuard)
  @Controller()
  class ProductsController {
    @RequireScopes('write:products')
    @Get()
    add(): void {}

    @Public()
    @Get('open')
    open(): void {}
  }

  @Controller()
  class EventsController {
    @Message
    @Get('both')
    both(): void {}
  }

  it('lists every handler once a transport, with its conditions and what guards it', async () => {
    const providers = [{ provide: APP_GUARD, useExisting: M2MGuard }];
    await using app = await start({ controllers: [ProductsController, EventsController], providers });
    const handlers = app.app.get(M2MHandlers).list();
    const conditions = [
      { decorator: 'RequireScopes', scopes: ['read:products'] },
      { decorator: 'RequireScopes', scopes: ['write:products'] },
    ];
    const open = [{ decorator: 'Public' }];
    expect(handlers).toMatchObject([
      { transport: 'http', class: ProductsController, method: 'add', conditions, guarded: 'm2m' },
      { transport: 'http', class: ProductsController, method: 'open', conditions: open, guarded: 'm2m' },
      { transport: 'http', class: EventsController, method: 'both', conditions: [], guarded: 'm2m' },
      { transport: 'message', class: EventsController, method: 'both', conditions: [], guarded: false },
    ]);
    expect(Object.isFrozen(handlers) && handlers.every((each) => Object.isFrozen(each))).toBe(true);
  });

  it("tells handlers of users by passport's guard and userGuards", async () => {
    await using app = await start({ controllers: [ClosedController] });
    const guarded = app.app.get(M2MHandlers).list();
    expect(guarded.map((each) => [each.method, each.guarded])).toEqual([
      ['machines', 'm2m'],
      ['either', 'm2m'],
      ['users', 'user'],
    ]);
  });

  it('tells of a public handler behind both who is authenticated: users', async () => {
    @UseGuards(M2MGuard)
    @Controller('public')
    class PublicController {
      @Public()
      @UseGuards(AuthGuard('user-jwt'))
      @Get('users')
      users(): void {}

      @UseGuards(AuthGuard('user-jwt'))
      @Get('both')
      both(): void {}
    }
    await using app = await start({ controllers: [PublicController] });
    const listed = app.app.get(M2MHandlers).list();
    expect(listed.map((each) => [each.method, each.guarded])).toEqual([
      ['users', 'user'],
      ['both', 'm2m'],
    ]);
  });

  it('is known in onModuleInit, and not before', async () => {
    const seen: unknown[] = [];
    @Injectable()
    class Watcher implements OnModuleInit {
      constructor(@Inject(M2MHandlers) private readonly handlers: M2MHandlers) {
        try {
          handlers.list();
        } catch (error) {
          seen.push(error);
        }
      }

      onModuleInit(): void {
        seen.push(this.handlers.list().length);
      }
    }
    await using _app = await start({ controllers: [ClosedController], providers: [Watcher] });
    expect(seen).toEqual([expect.any(M2MConfigurationError), 3]);
  });
});
