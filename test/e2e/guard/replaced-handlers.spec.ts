import { expect, it } from '@jest/globals';
import { Controller, Get, UseGuards } from '@nestjs/common';
import { RequireScopes } from '../../../lib/resource-server/guard/decorators/require-scopes.decorator.js';
import { M2MGuard } from '../../../lib/resource-server/guard/m2m.guard.js';
import { platforms, startGuardedApp } from '../../support/guarded-app.js';
import { TestIssuer, testAudience } from '../../support/issuer.js';

@Controller()
@UseGuards(M2MGuard)
class ProductsController {
  constructor() {
    // What Nest then calls is a function that no decorator was put on.
    this.list = this.list.bind(this);
  }

  @RequireScopes('admin')
  @Get('products')
  list(): string {
    return 'in';
  }
}

it.each(platforms)('lets nobody reach a handler that the constructor has replaced, on %s', async (platform) => {
  await using issuer = await TestIssuer.start();
  await using guarded = await startGuardedApp({
    platform,
    options: { authorizationServer: issuer.authorizationServer, resourceServer: { audience: testAudience } },
    controllers: [ProductsController],
  });
  const token = await issuer.mint({ scope: 'read:products' });
  const response = await fetch(`${guarded.url}/products`, { headers: { authorization: `Bearer ${token}` } });
  expect(response.status).toBe(500);
  expect(await response.text()).not.toContain('in"');
  expect(guarded.log.map(({ text }) => text).join('\n')).toContain('ProductsController.bound list');
});
