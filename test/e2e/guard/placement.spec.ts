import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import {
  Controller,
  Get,
  Injectable,
  Module,
  Req,
  UseGuards,
  type CanActivate,
  type ExecutionContext,
} from '@nestjs/common';
import { APP_GUARD } from '@nestjs/core';
import { ExecutionContextHost } from '@nestjs/core/helpers/execution-context-host.js';
import type { M2MCaller } from '../../../lib/caller/m2m-caller.js';
import { Caller } from '../../../lib/resource-server/authorization/decorators/caller.decorator.js';
import { Public } from '../../../lib/resource-server/authorization/decorators/public.decorator.js';
import { RequireScopes } from '../../../lib/resource-server/authorization/decorators/require-scopes.decorator.js';
import type { M2MRequest } from '../../../lib/resource-server/transports/m2m-request.js';
import { M2MGuard } from '../../../lib/resource-server/m2m.guard.js';
import { M2MTokenVerifier } from '../../../lib/resource-server/m2m-token-verifier.js';
import { json } from '../../support/http-server.js';
import { TestIssuer, testAudience, testClientId } from '../../support/issuer.js';
import { platforms, startGuardedApp, type GuardedApp, type GuardedAppOptions } from '../../support/guarded-app.js';

@Controller('bare')
class BareController {
  @Get()
  get(): string {
    return 'bare';
  }

  @Get('caller')
  caller(@Caller() caller: M2MCaller): string {
    return caller.clientId;
  }
}

@Controller('others')
class OthersController {
  @Get()
  get(): string {
    return 'others';
  }
}

abstract class Listing {
  @RequireScopes('read:products')
  @Get()
  list(): string {
    return this.constructor.name;
  }
}

@Controller('open')
@Public()
class OpenController extends Listing {
  @Get('free')
  free(): string {
    return 'free';
  }
}

@RequireScopes('admin')
@Controller('closed')
class ClosedController extends Listing {
  @Public()
  @Get('free')
  free(): string {
    return 'free';
  }
}

@RequireScopes('owner')
@Controller('closer')
class CloserController extends ClosedController {}

@Injectable()
class UserGuard implements CanActivate {
  canActivate(context: ExecutionContext): boolean {
    context.switchToHttp().getRequest<M2MRequest>().user = 'alice';
    return true;
  }
}

class Resolver {
  resolve(): string {
    return 'resolved';
  }

  @Public()
  open(): string {
    return 'open';
  }
}

@Controller('users')
@UseGuards(UserGuard, M2MGuard)
class UsersController {
  @Get()
  get(@Req() { user, m2m }: M2MRequest): object {
    return { user, clientId: m2m?.clientId };
  }
}

describe.each(platforms)('where M2MGuard stands on %s', (platform) => {
  let issuer: TestIssuer;
  beforeAll(async () => {
    issuer = await TestIssuer.start();
  });
  afterAll(() => issuer.stop());

  const start = (setup: Omit<GuardedAppOptions, 'options'>, resourceServer: object = {}): Promise<GuardedApp> =>
    startGuardedApp({
      platform,
      options: {
        authorizationServer: issuer.authorizationServer,
        resourceServer: { audience: testAudience, ...resourceServer },
      },
      ...setup,
    });

  const status = async ({ url }: GuardedApp, path: string, scope?: string): Promise<number> => {
    const headers = new Headers();
    if (scope !== undefined) headers.set('authorization', `Bearer ${await issuer.mint({ scope })}`);
    return (await fetch(`${url}/${path}`, { headers })).status;
  };

  it.each<[string, Omit<GuardedAppOptions, 'options'>]>([
    ['APP_GUARD', { providers: [{ provide: APP_GUARD, useExisting: M2MGuard }] }],
    ['a class of its own as APP_GUARD', { providers: [{ provide: APP_GUARD, useClass: M2MGuard }] }],
    ['useGlobalGuards', { configure: (app) => app.useGlobalGuards(app.get(M2MGuard)) }],
  ])('as %s it covers every route but the public ones', async (_name, setup) => {
    await using app = await start(
      { ...setup, controllers: [BareController, OthersController, OpenController] },
      { publicControllers: [OthersController] },
    );
    expect(await status(app, 'bare')).toBe(401);
    expect(await status(app, 'bare', '')).toBe(200);
    expect(await status(app, 'others')).toBe(200);
    expect(await status(app, 'open/free')).toBe(200);
    expect(await status(app, 'open')).toBe(401);
    expect(await status(app, 'open', 'read:products')).toBe(200);
    expect(await status(app, 'nowhere')).toBe(404);
  });

  it('unites what classes and methods require, inherited ones included (claim 4.3)', async () => {
    await using app = await start({
      providers: [{ provide: APP_GUARD, useExisting: M2MGuard }],
      controllers: [ClosedController, CloserController],
    });
    expect(await status(app, 'closed', 'admin')).toBe(403);
    expect(await status(app, 'closed', 'read:products')).toBe(403);
    expect(await status(app, 'closed', 'read:products admin')).toBe(200);
    expect(await status(app, 'closed/free')).toBe(200);
    expect(await status(app, 'closer', 'read:products admin')).toBe(403);
    expect(await status(app, 'closer', 'read:products owner')).toBe(403);
    expect(await status(app, 'closer', 'read:products owner admin')).toBe(200);
  });

  it('works in a module that imports nothing, and leaves the user that another guard has set', async () => {
    @Module({ controllers: [UsersController] })
    class UsersModule {}

    await using app = await start({ imports: [UsersModule] });
    const headers = { authorization: `Bearer ${await issuer.mint()}` };
    const answer = await fetch(`${app.url}/users`, { headers });
    expect(await answer.json()).toEqual({ user: 'alice', clientId: testClientId });
    expect(await status(app, 'users')).toBe(401);
  });

  it('has hooks for the request that has the credentials and for what is public', async () => {
    @Injectable()
    class HookedGuard extends M2MGuard {
      protected override getRequest(context: ExecutionContext): M2MRequest {
        const request = super.getRequest(context);
        return { headers: { authorization: request.headers['x-token'] } };
      }

      protected override isPublic(context: ExecutionContext): boolean {
        return context.getClass() === OthersController || super.isPublic(context);
      }
    }

    await using app = await start({
      controllers: [BareController, OthersController, OpenController],
      providers: [{ provide: APP_GUARD, useClass: HookedGuard }],
    });
    const headers = { 'x-token': `Bearer ${await issuer.mint()}`, authorization: 'Basic x' };
    expect((await fetch(`${app.url}/bare`, { headers })).status).toBe(200);
    expect(await (await fetch(`${app.url}/bare/caller`, { headers })).text()).toBe(testClientId);
    expect(await status(app, 'bare', '')).toBe(401);
    expect(await status(app, 'others')).toBe(200);
    expect(await status(app, 'open/free')).toBe(200);
  });

  it.each(['rpc', 'ws'])('refuses what comes in a context that no transport handles: %s (claim 4.5)', async (type) => {
    await using app = await start({ controllers: [BareController] });
    const guard = app.app.get(M2MGuard);
    const context = new ExecutionContextHost([{}], Resolver, Resolver.prototype.resolve);
    context.setType(type);
    expect(guard.canActivate(context)).toBe(false);
    expect(app.log.at(-1)?.text).toBe(
      `M2M-3001 Resolver.resolve was refused: M2MGuard has no transport for ${type}; write: @Public() on Resolver.resolve, and check its callers in a guard of your own, or @UseGuards(M2MGuard) on routes only`,
    );
  });

  it.each([
    ['no arguments', []],
    ['a text', ['text', {}]],
    ['a payload', [{ id: 'evt_1', m2m: { clientId: 'admin' } }, {}]],
  ])('refuses a context of HTTP without a request, which handlers of other packages have: %s', async (_, args) => {
    await using app = await start({ controllers: [BareController] });
    const context = (handler: 'resolve' | 'open'): ExecutionContextHost =>
      new ExecutionContextHost([...args], Resolver, Resolver.prototype[handler]);
    const guard = app.app.get(M2MGuard);
    expect(guard.canActivate(context('resolve'))).toBe(false);
    expect(app.log.at(-1)?.text).toContain('no transport for a context of HTTP without a request; write: @Public()');
    expect(guard.canActivate(context('open'))).toBe(true);
  });

  it.each(['rpc', 'ws', 'graphql', 'telegraf', 'rmq'])(
    'asks nothing of what is public in any context: %s',
    async (type) => {
      await using app = await start({ controllers: [BareController] });
      const context = new ExecutionContextHost([{}], Resolver, Resolver.prototype.open);
      context.setType(type);
      expect(app.app.get(M2MGuard).canActivate(context)).toBe(true);
    },
  );

  it.each(['rpc', 'ws', 'graphql'])('asks no strategy for users about what is not HTTP: %s', async (transport) => {
    const orUser = M2MGuard.or('user-jwt');
    await using app = await start({ controllers: [BareController], providers: [orUser] });
    const context = new ExecutionContextHost([{ url: '/', headers: {} }], BareController, BareController.prototype.get);
    context.setType(transport);
    expect(app.app.get<CanActivate>(orUser).canActivate(context)).toBe(false);
  });

  it('answers without a promise if the token is remembered', async () => {
    await using app = await start({ controllers: [BareController] });
    const guard = app.app.get(M2MGuard);
    const request: M2MRequest = { headers: { authorization: `Bearer ${await issuer.mint()}` } };
    const context = new ExecutionContextHost([request], BareController, BareController.prototype.get);
    await expect(guard.canActivate(context)).resolves.toBe(true);
    expect(guard.canActivate(context)).toBe(true);
    expect(request.m2m).toBe(request.user);
  });

  it('passes on an error that is no answer to the caller', async () => {
    await using app = await start({
      controllers: [BareController],
      providers: [{ provide: APP_GUARD, useExisting: M2MGuard }],
    });
    jest.spyOn(app.app.get(M2MTokenVerifier), 'verify').mockRejectedValue(new TypeError('a bug'));
    const answer = await fetch(`${app.url}/bare`, { headers: { authorization: 'Bearer abc' } });
    expect(await answer.json()).toEqual({ statusCode: 500, message: 'Internal server error' });
    expect(answer.headers.has('www-authenticate')).toBe(false);
  });

  it('answers 503 while the keys cannot be had, and works as soon as they can', async () => {
    await using down = await TestIssuer.start();
    down.breakKeySet((response) => json(response, 500, {}));
    await using app = await startGuardedApp({
      platform,
      options: {
        authorizationServer: down.authorizationServer,
        resourceServer: { audience: testAudience, keySet: { cooldown: 1 } },
      },
      controllers: [BareController],
      providers: [{ provide: APP_GUARD, useExisting: M2MGuard }],
    });
    const headers = { authorization: `Bearer ${await down.mint()}` };
    const answer = await fetch(`${app.url}/bare`, { headers });
    expect(answer.status).toBe(503);
    expect(answer.headers.get('retry-after')).toMatch(/^[1-9]\d*$/);
    expect(answer.headers.has('www-authenticate')).toBe(false);
    expect(app.log.at(-1)?.level).toBe('error');
  });
});
