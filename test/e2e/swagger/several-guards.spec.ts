import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Controller, Get, UseGuards } from '@nestjs/common';
import { APP_GUARD } from '@nestjs/core';
import { AuthGuard } from '@nestjs/passport';
import { ApiSecurity, type OpenAPIObject } from '@nestjs/swagger';
import { M2MGuard, Public, RequireScopes } from '../../../lib/index.js';
import { platforms, startGuardedApp, type GuardedApp } from '../../support/guarded-app.js';
import { TestIssuer, testAudience } from '../../support/issuer.js';
import { documentOf, providers } from './documented-api.js';

@Controller('orders')
class OrdersController {
  @Public()
  @UseGuards(AuthGuard('user'))
  @Get('users')
  users(): string {
    return 'users';
  }

  @Public()
  @UseGuards(AuthGuard('user'))
  @ApiSecurity('user')
  @Get('documented-users')
  documentedUsers(): string {
    return 'users';
  }

  @RequireScopes('read')
  @UseGuards(AuthGuard('user'))
  @ApiSecurity({ m2m: [], user: [] })
  @Get('both')
  both(): string {
    return 'both';
  }

  @Public()
  @Get('open')
  open(): string {
    return 'open';
  }
}

describe.each(platforms)('behind M2MGuard for every route on %s, the document says of a handler', (platform) => {
  let issuer: TestIssuer;
  let api: GuardedApp;
  let document: OpenAPIObject;

  beforeAll(async () => {
    issuer = await TestIssuer.start();
    const { authorizationServer } = issuer;
    api = await startGuardedApp({
      options: { authorizationServer, resourceServer: { audience: testAudience } },
      platform,
      controllers: [OrdersController],
      providers: [...providers, { provide: APP_GUARD, useExisting: M2MGuard }],
    });
    document = documentOf(api.app);
  });
  afterAll(async () => {
    await api[Symbol.asyncDispose]();
    await issuer[Symbol.asyncDispose]();
  });

  /** Whether a request is let in: with nothing, with a user, with a token, with both. */
  async function answersOf(path: string): Promise<boolean[]> {
    const authorization = `Bearer ${await issuer.mint({ scope: 'read' })}`;
    const user = { 'x-user': 'ada' };
    const sent: Record<string, string>[] = [{}, user, { authorization }, { authorization, ...user }];
    return Promise.all(sent.map(async (headers) => (await fetch(api.url + path, { headers })).ok));
  }

  it.each([
    ['/orders/users', undefined, [false, true, false, true]],
    ['/orders/documented-users', [{ user: [] }], [false, true, false, true]],
    ['/orders/both', [{ m2m: ['read'], user: [] }], [false, false, false, true]],
    ['/orders/open', [], [true, true, true, true]],
  ])('%s what its guards do', async (path, security, answers) => {
    expect(document.paths[path]?.get?.security).toEqual(security);
    expect(await answersOf(path)).toEqual(answers);
  });
});
