import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Controller, ForbiddenException, Get, Injectable, UseGuards, type ExecutionContext } from '@nestjs/common';
import { ExecutionContextHost } from '@nestjs/core/helpers/execution-context-host.js';
import { RequireScopes } from '../../../lib/resource-server/authorization/decorators/require-scopes.decorator.js';
import { M2MGuard } from '../../../lib/resource-server/m2m.guard.js';
import { startGuardedApp } from '../../support/guarded-app.js';
import { TestIssuer, testAudience } from '../../support/issuer.js';

@Injectable()
class GuardWithHelpers extends M2MGuard {
  refuse(): ForbiddenException {
    return new ForbiddenException();
  }

  authenticate(): object {
    return { user: 'admin' };
  }

  letIn(): boolean {
    return true;
  }

  get resourceServer(): string {
    return 'https://products.example.com';
  }
}

@Injectable()
class GuardWithHealth extends M2MGuard {
  protected override isPublic(context: ExecutionContext): boolean {
    const { url } = context.switchToHttp().getRequest<{ url?: string }>();
    return super.isPublic(context) || url === '/health';
  }
}

/** As untyped code may have it. */
@Injectable()
class PromisingGuard extends M2MGuard {
  protected override isPublic(): boolean {
    return Promise.resolve(false) as unknown as boolean;
  }
}

@Controller()
class ProductsController {
  @Get('helpers')
  @UseGuards(GuardWithHelpers)
  @RequireScopes('admin')
  helpers(): string {
    return 'secret';
  }

  @Get('products')
  @UseGuards(GuardWithHealth)
  @RequireScopes('admin')
  products(): string {
    return 'secret';
  }

  @Get('promised')
  @UseGuards(PromisingGuard)
  promised(): string {
    return 'secret';
  }

  @Get('health')
  @UseGuards(GuardWithHealth)
  health(): string {
    return 'up';
  }
}

describe('a guard derived from M2MGuard', () => {
  let issuer: TestIssuer;
  let app: Awaited<ReturnType<typeof startGuardedApp>>;

  beforeAll(async () => {
    issuer = await TestIssuer.start();
    const { authorizationServer } = issuer;
    app = await startGuardedApp({
      options: { authorizationServer, resourceServer: { audience: testAudience } },
      controllers: [ProductsController],
      providers: [GuardWithHealth],
    });
  });

  afterAll(async () => {
    await app[Symbol.asyncDispose]();
    await issuer.stop();
  });

  const statusOf = async (path: string, token?: string): Promise<number> => {
    const headers: Record<string, string> = token === undefined ? {} : { authorization: `Bearer ${token}` };
    return (await fetch(`${app.url}${path}`, { headers })).status;
  };

  it('may have methods of any name without replacing a step of the guard', async () => {
    await expect(statusOf('/helpers')).resolves.toBe(401);
    await expect(statusOf('/helpers', await issuer.mint())).resolves.toBe(403);
    await expect(statusOf('/helpers', await issuer.mint({ scope: 'admin' }))).resolves.toBe(200);
  });

  it('decides by its own isPublic about requests', async () => {
    await expect(statusOf('/health')).resolves.toBe(200);
    await expect(statusOf('/products')).resolves.toBe(401);
  });

  it('makes nothing public by a promise', async () => {
    await expect(statusOf('/promised')).resolves.toBe(401);
  });

  it('does not ask its own isPublic about a message, which its sender made', async () => {
    const handler = ProductsController.prototype.products;
    const message = new ExecutionContextHost([{ url: '/health' }, {}], ProductsController, handler);
    message.setType('rpc');
    expect(await app.app.get(GuardWithHealth).canActivate(message)).toBe(false);
  });
});
