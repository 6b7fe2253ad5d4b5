import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import {
  Controller,
  Get,
  Injectable,
  Req,
  UseGuards,
  UseInterceptors,
  type CallHandler,
  type CanActivate,
  type ExecutionContext,
  type NestInterceptor,
} from '@nestjs/common';
import type { Observable } from 'rxjs';
import type { M2MCaller } from '../../../lib/caller/m2m-caller.js';
import { Caller } from '../../../lib/resource-server/authorization/decorators/caller.decorator.js';
import { OptionalToken } from '../../../lib/resource-server/authorization/decorators/optional-token.decorator.js';
import { Public } from '../../../lib/resource-server/authorization/decorators/public.decorator.js';
import { RequireScopes } from '../../../lib/resource-server/authorization/decorators/require-scopes.decorator.js';
import { M2MGuard } from '../../../lib/resource-server/m2m.guard.js';
import type { M2MRequest } from '../../../lib/resource-server/transports/m2m-request.js';
import { TestIssuer, testAudience, testClientId } from '../../support/issuer.js';
import { platforms, startGuardedApp, type GuardedApp } from '../../support/guarded-app.js';

/** The ways in which other code passes a request on. */
const passedOn: Record<string, (request: M2MRequest) => M2MRequest> = {
  spread: (request) => ({ ...request }),
  assigned: (request) => Object.assign({} as M2MRequest, request),
  inherited: (request) => Object.create(request) as M2MRequest,
  proxied: (request) => new Proxy(request, {}),
  reflected: (request) => new Proxy(request, { get: (target, name) => Reflect.get(target, name, target) as unknown }),
};

/** Guards that read the credentials of something else than the request itself. */
const copies: Record<string, (request: M2MRequest) => M2MRequest> = {
  spread: (request) => ({ ...request, headers: request.headers }),
  inherited: (request) => Object.create(request) as M2MRequest,
  proxied: (request) => new Proxy(request, {}),
  frozen: (request) => Object.freeze({ headers: request.headers }),
};

function guardOfA(copy: (request: M2MRequest) => M2MRequest): new (...args: never[]) => CanActivate {
  @Injectable()
  class CopyGuard extends M2MGuard {
    protected override getRequest(context: ExecutionContext): M2MRequest {
      return copy(super.getRequest(context));
    }
  }
  return CopyGuard;
}

/** The fields that requests have gained since they came before the guards, those of Node itself aside. */
const gained: (() => string[])[] = [];

/** Notes the fields of a request before any guard of this package has seen it. */
const noting: CanActivate = {
  canActivate(context: ExecutionContext) {
    const request = context.switchToHttp().getRequest<object>();
    const before = new Set(Reflect.ownKeys(request));
    gained.push(() =>
      Reflect.ownKeys(request)
        .filter((name) => !before.has(name) && name !== '_eventsCount')
        .map(String),
    );
    return true;
  },
};

/** Hands a copy of the request to whatever asks for `request.m2m` later. */
@Injectable()
class CopyingInterceptor implements NestInterceptor {
  intercept(context: ExecutionContext, next: CallHandler): Observable<unknown> {
    const request = context.switchToHttp().getRequest<M2MRequest>();
    for (const [name, pass] of Object.entries(passedOn)) {
      const passed = pass(request);
      found[name] = [passed.m2m?.clientId, passed.m2m === passed.user, passed.m2m?.hasScope('read:products')];
    }
    return next.handle();
  }
}

let found: Record<string, unknown> = {};

@UseGuards(noting)
@Controller()
class ShapesController {
  @UseGuards(M2MGuard)
  @UseInterceptors(CopyingInterceptor)
  @Get('passed-on')
  passedOn(@Caller() caller: M2MCaller): string {
    return caller.clientId;
  }

  @Public()
  @UseGuards(M2MGuard)
  @Get('public')
  public(): string {
    return 'public';
  }

  @OptionalToken()
  @UseGuards(M2MGuard)
  @Get('optional')
  optional(): string {
    return 'optional';
  }

  @RequireScopes('admin')
  @UseGuards(M2MGuard)
  @Get('admin')
  admin(): string {
    return 'admin';
  }

  @UseGuards(guardOfA((request) => copies['spread']?.(request) as M2MRequest))
  @Get('copied/spread')
  spread(@Caller() caller: M2MCaller, @Req() request: M2MRequest): object {
    return { caller: caller.clientId, m2m: request.m2m?.clientId, isUser: request.user === caller };
  }

  @UseGuards(guardOfA((request) => copies['inherited']?.(request) as M2MRequest))
  @Get('copied/inherited')
  inherited(@Caller() caller: M2MCaller, @Req() request: M2MRequest): object {
    return { caller: caller.clientId, m2m: request.m2m?.clientId, isUser: request.user === caller };
  }

  @UseGuards(guardOfA((request) => copies['proxied']?.(request) as M2MRequest))
  @Get('copied/proxied')
  proxied(@Caller() caller: M2MCaller, @Req() request: M2MRequest): object {
    return { caller: caller.clientId, m2m: request.m2m?.clientId, isUser: request.user === caller };
  }

  @UseGuards(guardOfA((request) => copies['frozen']?.(request) as M2MRequest))
  @Get('copied/frozen')
  frozen(@Caller() caller: M2MCaller, @Req() request: M2MRequest): object {
    return { caller: caller.clientId, m2m: request.m2m?.clientId, isUser: request.user === caller };
  }
}

describe.each(platforms)('a request of %s', (platform) => {
  let issuer: TestIssuer;
  let app: GuardedApp;

  beforeAll(async () => {
    issuer = await TestIssuer.start();
    const { authorizationServer } = issuer;
    app = await startGuardedApp({
      options: { authorizationServer, resourceServer: { audience: testAudience } },
      controllers: [ShapesController],
      platform,
    });
  });

  afterAll(async () => {
    await app[Symbol.asyncDispose]();
    await issuer.stop();
  });

  const get = async (path: string, token?: string): Promise<Response> => {
    const headers: Record<string, string> = token === undefined ? {} : { authorization: `Bearer ${token}` };
    return fetch(`${app.url}/${path}`, { headers });
  };

  it('keeps its caller if other code passes a copy, an heir or a proxy of it on', async () => {
    for (let count = 0; count < 2; count += 1) {
      found = {};
      const token = await issuer.mint({ scope: 'read:products' });
      expect(await (await get('passed-on', token)).text()).toBe(testClientId);
      const kept = [testClientId, true, true];
      expect(found).toEqual({ spread: kept, assigned: kept, inherited: kept, proxied: kept, reflected: kept });
    }
  });

  it.each<[string, string, string | undefined, number]>([
    ['a public route', 'public', undefined, 200],
    ['a public route, with a token that is none', 'public', 'abc', 200],
    ['an optional token that did not come', 'optional', undefined, 200],
    ['no token', 'admin', undefined, 401],
    ['a token that is none', 'admin', 'abc', 401],
  ])('keeps its shape with %s', async (_name, path, token, status) => {
    for (let count = 0; count < 2; count += 1) {
      gained.length = 0;
      expect((await get(path, token)).status).toBe(status);
      expect(gained.map((names) => names())).toEqual([[]]);
    }
  });

  it('keeps its shape if its caller is refused, now and if the token is remembered', async () => {
    const token = await issuer.mint({ scope: '' });
    for (let count = 0; count < 2; count += 1) {
      gained.length = 0;
      expect((await get('admin', token)).status).toBe(403);
      expect(gained.map((names) => names())).toEqual([[]]);
    }
  });

  it('gets two fields with a caller, and no others', async () => {
    gained.length = 0;
    expect((await get('optional', await issuer.mint())).status).toBe(200);
    expect(gained.map((names) => names())).toEqual([['m2m', 'user']]);
  });

  it.each(Object.keys(copies))('has its caller if getRequest() of a derived guard returns a copy: %s', async (name) => {
    for (let count = 0; count < 2; count += 1) {
      const response = await get(`copied/${name}`, await issuer.mint());
      expect(await response.json()).toEqual({ caller: testClientId, m2m: testClientId, isUser: true });
      expect((await get(`copied/${name}`)).status).toBe(401);
    }
  });
});
