import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Controller, Get, Req, UseGuards, type CanActivate, type ExecutionContext, type Type } from '@nestjs/common';
import { Caller } from '../../../lib/resource-server/authorization/decorators/caller.decorator.js';
import { Public } from '../../../lib/resource-server/authorization/decorators/public.decorator.js';
import { M2MGuard } from '../../../lib/resource-server/m2m.guard.js';
import type { M2MRequest } from '../../../lib/resource-server/transports/m2m-request.js';
import type { M2MCaller } from '../../../lib/caller/m2m-caller.js';
import { platforms, startGuardedApp, type GuardedApp, type GuardedAppOptions } from '../../support/guarded-app.js';
import { TestIssuer, testAudience, testClientId } from '../../support/issuer.js';

/** A guard of the application's own that sets the user of a request. */
const userGuard = (user: unknown): CanActivate => ({
  canActivate: (context: ExecutionContext) => {
    context.switchToHttp().getRequest<M2MRequest>().user = user;
    return true;
  },
});

@Controller()
class FieldsController {
  @UseGuards(M2MGuard)
  @Get('guarded')
  guarded(@Req() request: M2MRequest, @Caller() caller: M2MCaller): object {
    const isOwn = ['m2m', 'user'].every((name) => Object.getOwnPropertyDescriptor(request, name)?.value === caller);
    return { clientId: caller.clientId, isOwn };
  }

  @UseGuards(userGuard('alice'), M2MGuard)
  @Get('user-before')
  userBefore(@Req() request: M2MRequest): object {
    return { clientId: request.m2m?.clientId, user: request.user };
  }

  @UseGuards(M2MGuard, userGuard('bob'))
  @Get('user-after')
  userAfter(@Req() request: M2MRequest): object {
    return { clientId: request.m2m?.clientId, user: request.user };
  }

  @UseGuards(M2MGuard, userGuard(null))
  @Get('user-removed')
  userRemoved(@Req() request: M2MRequest): object {
    return { clientId: request.m2m?.clientId, user: request.user };
  }

  @Get('open')
  open(@Req() request: M2MRequest): object {
    return { m2m: request.m2m ?? null, user: request.user ?? null };
  }
}

/** Says who calls, as a guard of somebody else's might, by nothing but the fields of the request. */
const forgingGuard: CanActivate = {
  canActivate: (context: ExecutionContext) => {
    Object.assign(context.switchToHttp().getRequest<M2MRequest>(), { m2m: { clientId: 'admin' }, user: 'admin' });
    return true;
  },
};

/** Says who calls, before any guard runs. */
function forgingMiddleware(request: object, _response: unknown, next: () => void): void {
  Object.assign(request, { m2m: { clientId: 'admin' }, user: { clientId: 'admin' } });
  next();
}

@Controller('caller')
class CallerController {
  @UseGuards(M2MGuard, forgingGuard)
  @Get('overwritten')
  overwritten(@Caller() caller: M2MCaller): object {
    return { clientId: caller.clientId };
  }

  @UseGuards(forgingGuard)
  @Get('forged')
  forged(@Caller() caller: M2MCaller): object {
    return { clientId: caller.clientId };
  }

  @Get()
  caller(@Caller() caller: M2MCaller): string {
    return caller.clientId;
  }

  @Public()
  @UseGuards(M2MGuard)
  @Get('public')
  public(@Caller() caller: M2MCaller): string {
    return caller.clientId;
  }
}

let issuer: TestIssuer;

beforeAll(async () => {
  issuer = await TestIssuer.start();
});

afterAll(() => issuer[Symbol.asyncDispose]());

const setup = (...controllers: Type[]): GuardedAppOptions => ({
  options: { authorizationServer: issuer.authorizationServer, resourceServer: { audience: testAudience } },
  controllers,
});

async function get({ url }: GuardedApp, path: string): Promise<unknown> {
  const headers = { authorization: `Bearer ${await issuer.mint()}` };
  return (await fetch(`${url}/${path}`, { headers })).json();
}

describe.each(platforms)('what the guard leaves on a request of %s', (platform) => {
  const start = (): Promise<GuardedApp> => startGuardedApp({ ...setup(FieldsController, CallerController), platform });

  it('is the caller, for the first request as for those after it', async () => {
    await using app = await start();
    const answer = { clientId: testClientId, isOwn: true };
    for (let count = 0; count < 3; count += 1) expect(await get(app, 'guarded')).toEqual(answer);
  });

  it('is no user if the application has one, be it before or after the guard, or none', async () => {
    await using app = await start();
    for (let count = 0; count < 2; count += 1) {
      expect(await get(app, 'user-before')).toEqual({ clientId: testClientId, user: 'alice' });
      expect(await get(app, 'user-after')).toEqual({ clientId: testClientId, user: 'bob' });
      expect(await get(app, 'user-removed')).toEqual({ clientId: testClientId, user: null });
    }
  });

  it('is nothing without the guard, and then @Caller() throws', async () => {
    await using app = await start();
    await get(app, 'guarded');
    expect(await get(app, 'open')).toEqual({ m2m: null, user: null });
    expect(await get(app, 'caller')).toMatchObject({ statusCode: 500 });
  });

  it('proves nothing: @Caller() is what the guard decided, and throws if none did (claim 4.4)', async () => {
    await using app = await start();
    expect(await get(app, 'caller/overwritten')).toEqual({ clientId: testClientId });
    expect(await get(app, 'caller/forged')).toMatchObject({ statusCode: 500 });
  });

  it('is not what a middleware put there: @Caller() of a public route throws (claim 4.4)', async () => {
    await using app = await startGuardedApp({
      ...setup(CallerController),
      platform,
      configure: (made) => made.use(forgingMiddleware),
    });
    expect(await get(app, 'caller/public')).toMatchObject({ statusCode: 500 });
    expect(await get(app, 'caller/overwritten')).toEqual({ clientId: testClientId });
  });

  it('is theirs if two applications run in one process', async () => {
    await using first = await start();
    await using second = await start();
    for (const app of [first, second, first, second]) {
      expect(await get(app, 'guarded')).toEqual({ clientId: testClientId, isOwn: true });
    }
  });
});

describe('the caller on a request', () => {
  it.each([null, undefined])('is the user if middleware has said that there is none: %s', async (none) => {
    const middleware = (request: M2MRequest, _response: unknown, next: () => void): void => {
      request.user = none;
      next();
    };
    await using app = await startGuardedApp({ ...setup(FieldsController), configure: (made) => made.use(middleware) });
    for (let count = 0; count < 3; count += 1) {
      expect(await get(app, 'guarded')).toEqual({ clientId: testClientId, isOwn: true });
      expect(await get(app, 'user-removed')).toEqual({ clientId: testClientId, user: null });
      expect(await get(app, 'open')).toEqual({ m2m: null, user: null });
    }
  });
});
