import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { Controller, Get, Inject, type CanActivate, type Type } from '@nestjs/common';
import { APP_GUARD } from '@nestjs/core';
import { RequireScopes } from '../../../lib/resource-server/authorization/decorators/require-scopes.decorator.js';
import { M2MHandlers } from '../../../lib/resource-server/handler-audit/m2m-handlers.js';
import { blockWith, CodeRunner } from '../../support/documentation.js';
import { platforms, startGuardedApp } from '../../support/guarded-app.js';
import { TestIssuer, testAudience } from '../../support/issuer.js';

@Controller('products')
class ProductsController {
  @RequireScopes('read:products')
  @Get()
  list(): string {
    return 'in';
  }

  constructor(@Inject(M2MHandlers) readonly handlers: M2MHandlers) {}
}

describe.each(platforms)('the guard of the reference that takes a token or an API key, on %s', (platform) => {
  beforeEach(() => {
    process.env['API_KEY'] = 'the-key';
  });
  afterEach(() => {
    delete process.env['API_KEY'];
  });

  it('holds tokens to the conditions, lets the key in, and is listed as claimed', async () => {
    using runner = new CodeRunner();
    await using issuer = await TestIssuer.start();
    const { MachineOrApiKeyGuard } = await runner.run<{ MachineOrApiKeyGuard: Type<CanActivate> }>(
      'guard',
      blockWith('docs/reference.md', 'class MachineOrApiKeyGuard'),
    );
    await using app = await startGuardedApp({
      platform,
      options: { authorizationServer: issuer.authorizationServer, resourceServer: { audience: testAudience } },
      controllers: [ProductsController],
      providers: [{ provide: APP_GUARD, useClass: MachineOrApiKeyGuard }],
    });
    const status = async (headers: Record<string, string>): Promise<number> =>
      (await fetch(`${app.url}/products`, { headers })).status;
    const bearer = async (scope: string) => `Bearer ${await issuer.mint({ scope })}`;
    expect(await status({ authorization: await bearer('read:products') })).toBe(200);
    expect(await status({ authorization: await bearer('other') })).toBe(403);
    expect(await status({})).toBe(401);
    expect(await status({ 'x-api-key': 'the-key' })).toBe(200);
    expect(await status({ 'x-api-key': 'another' })).toBe(401);
    delete process.env['API_KEY'];
    expect(await status({ 'x-api-key': 'undefined' })).toBe(401);
    expect(app.app.get(ProductsController).handlers.list()).toMatchObject([{ method: 'list', guarded: 'claimed' }]);
  });
});
