import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Controller, Get, Injectable, Post, Req, UseGuards, type Provider, type Type } from '@nestjs/common';
import { APP_GUARD } from '@nestjs/core';
import passport from 'passport';
import type { M2MCaller } from '../../../lib/caller/m2m-caller.js';
import { M2MConfigurationError } from '../../../lib/errors/configuration.error.js';
import { AllowClients } from '../../../lib/resource-server/authorization/decorators/allow-clients.decorator.js';
import { Caller } from '../../../lib/resource-server/authorization/decorators/caller.decorator.js';
import { OptionalToken } from '../../../lib/resource-server/authorization/decorators/optional-token.decorator.js';
import { Public } from '../../../lib/resource-server/authorization/decorators/public.decorator.js';
import { RequireAudience } from '../../../lib/resource-server/authorization/decorators/require-audience.decorator.js';
import { RequireScopes } from '../../../lib/resource-server/authorization/decorators/require-scopes.decorator.js';
import { M2MHandlers } from '../../../lib/resource-server/handler-audit/m2m-handlers.js';
import { M2MGuard } from '../../../lib/resource-server/m2m.guard.js';
import { M2MTokenVerifier } from '../../../lib/resource-server/m2m-token-verifier.js';
import type { M2MRequest } from '../../../lib/resource-server/transports/m2m-request.js';
import { TestIssuer, testAudience, testClientId } from '../../support/issuer.js';
import { platforms, startGuardedApp, type GuardedApp } from '../../support/guarded-app.js';

interface Answer {
  readonly clientId: string | null;
  readonly field: string | null;
  readonly added: string[];
}

function answer(request: M2MRequest, caller: M2MCaller | undefined, field: string | undefined): Answer {
  const added = ['m2m', 'user'].filter((name) => Object.hasOwn(request, name));
  return { clientId: caller?.clientId ?? null, field: field ?? null, added };
}

@UseGuards(M2MGuard)
@Controller('method')
class MethodController {
  @OptionalToken()
  @Get()
  get(@Req() request: M2MRequest, @Caller() caller?: M2MCaller, @Caller('clientId') clientId?: string): Answer {
    return answer(request, caller, clientId);
  }

  @OptionalToken()
  @Post()
  post(@Req() request: M2MRequest, @Caller() caller?: M2MCaller, @Caller('clientId') clientId?: string): Answer {
    return answer(request, caller, clientId);
  }

  @Get('needed')
  needed(): string {
    return 'needed';
  }
}

@OptionalToken()
@UseGuards(M2MGuard)
@Controller('class')
class ClassController {
  @Get()
  get(@Req() request: M2MRequest, @Caller() caller?: M2MCaller, @Caller('clientId') clientId?: string): Answer {
    return answer(request, caller, clientId);
  }
}

let issuer: TestIssuer;
let unreachable: TestIssuer;

beforeAll(async () => {
  issuer = await TestIssuer.start();
  unreachable = await TestIssuer.start();
  unreachable.breakKeySet((response) => response.destroy());
});

afterAll(async () => {
  await issuer.stop();
  await unreachable.stop();
});

const optionsOf = ({ authorizationServer }: TestIssuer) => ({
  authorizationServer,
  resourceServer: {
    audience: testAudience,
    unguarded: 'refuse' as const,
    trust: [{ authorizationServer: unreachable.authorizationServer, audience: testAudience, scopes: [] }],
  },
});

describe.each(platforms)('@OptionalToken() on %s', (platform) => {
  let app: GuardedApp;
  beforeAll(async () => {
    const controllers = [MethodController, ClassController];
    app = await startGuardedApp({ options: optionsOf(issuer), controllers, platform });
  });
  afterAll(async () => app[Symbol.asyncDispose]());

  const get = async (path: string, headers: Record<string, string> = {}): Promise<[number, unknown]> => {
    const response = await fetch(`${app.url}${path}`, { headers });
    return [response.status, response.ok ? await response.json() : response.headers.get('www-authenticate')];
  };

  it.each(['/method', '/class', '/method?token=x', '/method?a=access_token'])(
    'lets a request without credentials in, which then has no caller (claim 4.7): %s',
    async (path) => {
      for (let count = 0; count < 2; count += 1) {
        expect(await get(path)).toEqual([200, { clientId: null, field: null, added: [] }]);
      }
    },
  );

  it('hands the caller of a good token to the handler', async () => {
    const authorization = `Bearer ${await issuer.mint()}`;
    const expected = { clientId: testClientId, field: testClientId, added: ['m2m', 'user'] };
    for (const path of ['/method', '/class', '/method']) {
      expect(await get(path, { authorization })).toEqual([200, expected]);
    }
  });

  const noToken = 'Bearer realm="api"';
  const malformed = expect.stringContaining('invalid_request') as unknown;
  const invalid = expect.stringContaining('invalid_token') as unknown;

  it.each<[string, string, Record<string, string>, number, unknown]>([
    ['a token that is none', '/method', { authorization: 'Bearer abc' }, 401, invalid],
    ['another scheme', '/method', { authorization: 'Basic dTpw' }, 401, noToken],
    ['a DPoP token', '/method', { authorization: 'DPoP abc', dpop: 'abc' }, 401, noToken],
    ['a proof without a token', '/class', { dpop: 'abc' }, 401, noToken],
    ['an empty header', '/method', { authorization: '' }, 400, malformed],
    ['no token after the scheme', '/class', { authorization: 'Bearer' }, 400, malformed],
    ['a token in the query', '/method?access_token=abc', {}, 401, noToken],
    ['an empty token in the query', '/class?access_token', {}, 401, noToken],
    ['a list of tokens in the query', '/class?access_token[]=abc', {}, 401, noToken],
    ['an encoded list of tokens in the query', '/method?access_token%5B0%5D=abc', {}, 401, noToken],
  ])('refuses %s', async (_name, path, headers, status, challenge) => {
    expect(await get(path, headers)).toEqual([status, challenge]);
  });

  it.each([
    ['access_token', 401],
    ['access_token[]', 401],
    ['token', 201],
  ])('refuses a token in a form: %s', async (name, status) => {
    const body = new URLSearchParams({ [name]: 'abc' });
    expect((await fetch(`${app.url}/method`, { method: 'POST', body })).status).toBe(status);
  });

  it('refuses an expired token, one for others and a stranger, and a bad one twice', async () => {
    const stranger = await TestIssuer.start();
    const tokens = [
      await issuer.mint({ exp: Math.floor(Date.now() / 1000) - 60 }),
      await issuer.mint({ aud: 'https://other.test' }),
      await stranger.mint(),
    ];
    await stranger.stop();
    for (const token of [...tokens, ...tokens]) {
      expect(await get('/method', { authorization: `Bearer ${token}` })).toEqual([401, invalid]);
    }
    const user = await issuer.mint({ sub: 'alice', email: 'alice@example.test' });
    expect((await get('/method', { authorization: `Bearer ${user}` }))[0]).toBe(403);
  });

  it('answers 503 if the keys of a token cannot be had', async () => {
    const authorization = `Bearer ${await unreachable.mint()}`;
    expect(await get('/method', { authorization })).toEqual([503, null]);
    expect(await get('/class', { authorization })).toEqual([503, null]);
  });

  it('does not count for the methods beside it', async () => {
    expect(await get('/method/needed')).toEqual([401, noToken]);
  });

  it('is no refusal: neither the log nor events$ tell of a request without a token', async () => {
    const events: unknown[] = [];
    const subscription = app.app.get(M2MTokenVerifier).events$.subscribe((event) => events.push(event));
    const lines = app.log.length;
    await get('/method');
    expect([events, app.log.slice(lines)]).toEqual([[], []]);
    await get('/method', { dpop: 'abc' });
    expect(events).toMatchObject([{ type: 'token-refused', error: { reason: 'absent' } }]);
    subscription.unsubscribe();
  });

  it('is in the list of handlers, which are guarded', () => {
    const listed = app.app.get(M2MHandlers).list();
    const shown = listed.map(({ class: { name }, method, conditions, guarded }) => [
      `${name}.${method}`,
      ...conditions.map(({ decorator }) => decorator),
      guarded,
    ]);
    expect(shown).toEqual([
      ['MethodController.get', 'OptionalToken', 'm2m'],
      ['MethodController.post', 'OptionalToken', 'm2m'],
      ['MethodController.needed', 'm2m'],
      ['ClassController.get', 'OptionalToken', 'm2m'],
    ]);
  });
});

/** The places and findings that stop the start; none where it succeeds. */
async function problems(controllers: Type[], providers: Provider[] = [], publicControllers: Type[] = []) {
  const options = optionsOf(issuer);
  const resourceServer = { ...options.resourceServer, publicControllers, unguarded: 'allow' as const };
  try {
    await using _app = await startGuardedApp({ options: { ...options, resourceServer }, controllers, providers });
    return [];
  } catch (error) {
    if (!(error instanceof M2MConfigurationError)) throw error;
    return error.problems.map(({ option, problem, remedy }) => [option, problem, remedy]);
  }
}

describe('the start of an application with @OptionalToken() (claim 5.2)', () => {
  it('is stopped beside a requirement or @Public() on one method or class', async () => {
    @UseGuards(M2MGuard)
    @Controller()
    class ItemsController {
      @OptionalToken()
      @RequireScopes('x')
      @Get('a')
      scopes(): void {}

      @AllowClients('x')
      @OptionalToken()
      @Get('b')
      clients(): void {}

      @RequireAudience(testAudience)
      @OptionalToken()
      @Get('c')
      audience(): void {}

      @OptionalToken()
      @Public()
      @Get('d')
      public(): void {}

      @OptionalToken()
      @OptionalToken()
      @Get('e')
      fine(): void {}
    }

    @RequireScopes('x')
    @OptionalToken()
    @UseGuards(M2MGuard)
    @Controller('class')
    class BothController {}

    expect(await problems([ItemsController, BothController])).toEqual([
      ['ItemsController.scopes', 'has both @OptionalToken and @RequireScopes', 'one of the two'],
      ['ItemsController.clients', 'has both @OptionalToken and @AllowClients', 'one of the two'],
      ['ItemsController.audience', 'has both @OptionalToken and @RequireAudience', 'one of the two'],
      ['ItemsController.public', 'has both @OptionalToken and @Public', 'one of the two'],
      ['BothController', 'has both @OptionalToken and @RequireScopes', 'one of the two'],
    ]);
  });

  const remedy = '@OptionalToken() on methods alone, and no condition on their class';

  it.each<[string, ClassDecorator]>([
    ['RequireScopes', RequireScopes('x')],
    ['AllowClients', AllowClients('x')],
    ['RequireAudience', RequireAudience(testAudience)],
    ['Public', Public()],
  ])('is stopped by it on a method, if its class or one that this extends has @%s', async (name, decorator) => {
    @decorator
    class Base {}

    @UseGuards(M2MGuard)
    @Controller()
    class ItemsController extends Base {
      @OptionalToken()
      @Get()
      list(): void {}
    }
    const problem = `has @OptionalToken, and its class has @${name}`;
    expect(await problems([ItemsController])).toEqual([['ItemsController.list', problem, remedy]]);
  });

  it.each<[string, MethodDecorator]>([
    ['RequireScopes', RequireScopes('x')],
    ['AllowClients', AllowClients('x')],
    ['RequireAudience', RequireAudience(testAudience)],
    ['Public', Public()],
  ])('is stopped by it on a class, if a method has @%s', async (name, decorator) => {
    @OptionalToken()
    @UseGuards(M2MGuard)
    @Controller()
    class ItemsController {
      @decorator
      @Get()
      list(): void {}

      @OptionalToken()
      @Get('fine')
      fine(): void {}
    }
    const problem = `has @${name}, and its class has @OptionalToken`;
    expect(await problems([ItemsController])).toEqual([['ItemsController.list', problem, remedy]]);
  });

  it('is stopped by it in a controller that publicControllers lists', async () => {
    expect(await problems([MethodController], [], [MethodController])).toEqual([
      ['MethodController.get', 'has @OptionalToken, and its class has @Public', remedy],
      ['MethodController.post', 'has @OptionalToken, and its class has @Public', remedy],
    ]);
    expect(await problems([ClassController], [], [ClassController])).toEqual([
      ['ClassController', 'has both @OptionalToken and @Public', 'one of the two'],
    ]);
  });

  it('is stopped without an M2MGuard before it, and on what is no route', async () => {
    @Controller()
    class ItemsController {
      @OptionalToken()
      @Get()
      list(): void {}

      @OptionalToken()
      helper(): void {}
    }

    @OptionalToken()
    @Injectable()
    class Resolver {}

    const noRoute = 'has @OptionalToken, but is no route: M2MGuard decides over HTTP requests only';
    expect(await problems([ItemsController], [Resolver])).toEqual([
      ['ItemsController.helper', noRoute, expect.any(String)],
      ['Resolver', noRoute, expect.any(String)],
      ['ItemsController.list', 'has @OptionalToken, but no M2MGuard looks at it', expect.any(String)],
    ]);
  });

  const Users = M2MGuard.or('users');
  const besideUsers = "has @OptionalToken, and M2MGuard.or('users') stands before it";

  it.each<[string, Type[], Type[], Provider[]]>([
    ['the method', [], [Users], []],
    ['the class', [Users], [], []],
    ['the application', [], [], [{ provide: APP_GUARD, useClass: Users }]],
    ['the class, and an M2MGuard on the method', [Users], [M2MGuard], []],
  ])('is stopped by it under M2MGuard.or on %s', async (_name, ofClass, ofMethod, providers) => {
    @UseGuards(...ofClass)
    @Controller()
    class ItemsController {
      @OptionalToken()
      @UseGuards(...ofMethod)
      @Get()
      list(): void {}
    }
    expect(await problems([ItemsController], providers)).toEqual([
      ['ItemsController.list', expect.stringContaining(besideUsers), expect.stringContaining('@UseGuards(M2MGuard)')],
    ]);
  });
});

describe('M2MGuard.or before a handler that gets @OptionalToken() after the start', () => {
  it('answers 500 to all, and asks no strategy', async () => {
    let asked = 0;
    passport.use('counted', {
      authenticate(this: { success(user: object): void }) {
        asked += 1;
        this.success({ name: 'alice' });
      },
    } as passport.Strategy);

    @UseGuards(M2MGuard.or('counted'))
    @Controller()
    class LateController {
      @Get()
      list(): string {
        return 'secret';
      }
    }
    await using app = await startGuardedApp({ options: optionsOf(issuer), controllers: [LateController] });
    const { prototype } = LateController;
    OptionalToken()(prototype, 'list', Object.getOwnPropertyDescriptor(prototype, 'list') as PropertyDescriptor);
    const authorization = `Bearer ${await issuer.mint()}`;
    for (const headers of [undefined, { authorization }]) {
      expect((await fetch(app.url, { headers })).status).toBe(500);
    }
    expect(asked).toBe(0);
    expect(app.log.map(({ text }) => text).join('\n')).toContain(
      "LateController.list has @OptionalToken(), and M2MGuard.or('counted') stands before it",
    );
    passport.unuse('counted');
  });
});

describe('@OptionalToken() that another version of the package has written', () => {
  it.each<[string, object]>([
    ['an entry of another version', { version: 2, conditions: [{ decorator: 'OptionalToken' }] }],
    [
      'beside a kind of condition that is not known',
      { version: 1, conditions: [{ decorator: 'OptionalToken' }, { decorator: 'RequireTenant' }] },
    ],
  ])('does not count: %s', async (_name, entry) => {
    @UseGuards(M2MGuard)
    @Controller()
    class NewerController {
      @Get()
      list(): string {
        return 'secret';
      }
    }
    await using app = await startGuardedApp({ options: optionsOf(issuer), controllers: [NewerController] });
    Reflect.defineMetadata(Symbol.for('nestjs-m2m:conditions'), entry, NewerController.prototype.list);
    expect((await fetch(app.url)).status).toBe(500);
    expect(String(app.log.at(-1)?.text)).toContain('another version of nestjs-m2m');
  });
});
