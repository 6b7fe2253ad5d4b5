import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Controller, Get, Req, UseGuards, type CanActivate, type ExecutionContext, type Type } from '@nestjs/common';
import { Caller } from '../../../lib/resource-server/authorization/decorators/caller.decorator.js';
import { M2MGuard } from '../../../lib/resource-server/m2m.guard.js';
import type { M2MRequest } from '../../../lib/resource-server/transports/m2m-request.js';
import { putCaller, wasJudged } from '../../../lib/resource-server/transports/request-fields.js';
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
    return { clientId: caller.clientId, isSame: request.m2m === caller && request.user === caller };
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
    return { m2m: request.m2m ?? null, user: request.user ?? null, wasJudged: wasJudged(request) };
  }
}

@Controller('caller')
class CallerController {
  @Get()
  caller(@Caller() caller: M2MCaller): string {
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
    const answer = { clientId: testClientId, isSame: true };
    for (let count = 0; count < 3; count += 1) expect(await get(app, 'guarded')).toEqual(answer);
  });

  it('is no user where the application has one, be it before or after the guard, or none', async () => {
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
    expect(await get(app, 'open')).toEqual({ m2m: null, user: null, wasJudged: false });
    expect(await get(app, 'caller')).toMatchObject({ statusCode: 500 });
  });

  it('is theirs where two applications run in one process', async () => {
    await using first = await start();
    await using second = await start();
    for (const app of [first, second, first, second]) {
      expect(await get(app, 'guarded')).toEqual({ clientId: testClientId, isSame: true });
    }
  });
});

describe('the caller on a request', () => {
  const caller = { clientId: 'orders' } as M2MCaller;

  it('is no property of a request of Express, which would cost more than the guard', async () => {
    const own: unknown[] = [];

    @Controller()
    class OwnController {
      @UseGuards(M2MGuard)
      @Get()
      list(@Req() request: M2MRequest): object {
        own.push(Object.hasOwn(request, 'm2m') || Object.hasOwn(request, 'user'), request.m2m?.clientId);
        return {};
      }
    }

    await using app = await startGuardedApp(setup(OwnController));
    for (let count = 0; count < 2; count += 1) await get(app, '');
    expect(own).toEqual([false, testClientId, false, testClientId]);
  });

  it.each([null, undefined])('is the user where middleware has said that there is none: %s', async (none) => {
    const middleware = (request: M2MRequest, _response: unknown, next: () => void): void => {
      request.user = none;
      next();
    };
    await using app = await startGuardedApp({ ...setup(FieldsController), configure: (made) => made.use(middleware) });
    for (let count = 0; count < 3; count += 1) {
      expect(await get(app, 'guarded')).toEqual({ clientId: testClientId, isSame: true });
      expect(await get(app, 'user-removed')).toEqual({ clientId: testClientId, user: null });
      expect(await get(app, 'open')).toEqual({ m2m: null, user: null, wasJudged: false });
    }
  });

  it('leaves a user alone that can only be read', () => {
    const readOnly = Object.defineProperty({}, 'user', { get: () => undefined });
    for (const request of [frozenRequest(readOnly), Object.create(readOnly) as M2MRequest]) {
      putCaller(request, caller);
      expect([wasJudged(request), request.m2m, request.user]).toEqual([true, caller, undefined]);
    }
  });

  it.each([
    ['a plain object', (): M2MRequest => ({ headers: {} })],
    ['one without a prototype', (): M2MRequest => Object.assign(Object.create(null) as object, { headers: {} })],
    ['one whose prototype is frozen', (): M2MRequest => frozenRequest({})],
    ['one whose prototype has a user', (): M2MRequest => frozenRequest({ user: undefined })],
  ])('is one of %s', (_name, make) => {
    for (let count = 0; count < 2; count += 1) {
      const request = make();
      expect(wasJudged(request)).toBe(false);
      putCaller(request, undefined);
      expect([wasJudged(request), request.m2m, request.user]).toEqual([true, undefined, undefined]);
      putCaller(request, caller);
      expect([wasJudged(request), request.m2m, request.user]).toEqual([true, caller, caller]);
    }
  });
});

/** A request as Express makes it, of an application that allows no additions. */
function frozenRequest(members: object): M2MRequest {
  const app: { request?: object } = {};
  app.request = Object.preventExtensions(Object.defineProperties({ app }, Object.getOwnPropertyDescriptors(members)));
  return Object.assign(Object.create(app.request) as object, { headers: {} });
}
