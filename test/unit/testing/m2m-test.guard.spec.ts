import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { Controller, Get, UseGuards, type INestApplication } from '@nestjs/common';
import { Test } from '@nestjs/testing';
import request from 'supertest';
import { AllowClients } from '../../../lib/resource-server/authorization/decorators/allow-clients.decorator.js';
import { Caller } from '../../../lib/resource-server/authorization/decorators/caller.decorator.js';
import { OptionalToken } from '../../../lib/resource-server/authorization/decorators/optional-token.decorator.js';
import { Public } from '../../../lib/resource-server/authorization/decorators/public.decorator.js';
import { RequireAnyScope } from '../../../lib/resource-server/authorization/decorators/require-any-scope.decorator.js';
import { RequireAudience } from '../../../lib/resource-server/authorization/decorators/require-audience.decorator.js';
import { RequireScopes } from '../../../lib/resource-server/authorization/decorators/require-scopes.decorator.js';
import { M2MGuard } from '../../../lib/resource-server/m2m.guard.js';
import type { M2MCaller } from '../../../lib/caller/m2m-caller.js';
import { M2MTestGuard, testCaller } from '../../../lib/testing/index.js';

@Controller()
@UseGuards(M2MGuard)
class ProductsController {
  @Get('list')
  @RequireScopes('read:products')
  list(@Caller() caller: M2MCaller): string {
    return caller.clientId;
  }

  @Get('change')
  @RequireAnyScope('write:products', 'admin')
  @AllowClients('orders')
  change(): string {
    return 'changed';
  }

  @Get('admin')
  @RequireAudience('https://admin-api')
  admin(@Caller('clientId') clientId: string): string {
    return clientId;
  }

  @Get('optional')
  @OptionalToken()
  optional(@Caller() caller: M2MCaller | undefined): string {
    return caller?.clientId ?? 'nobody';
  }

  @Get('health')
  @Public()
  health(): string {
    return 'ok';
  }
}

describe('M2MTestGuard', () => {
  let guard: M2MTestGuard;
  let app: INestApplication;
  beforeEach(async () => {
    guard = new M2MTestGuard({ clientId: 'orders', scopes: ['read:products'] });
    const builder = Test.createTestingModule({ controllers: [ProductsController] });
    const module = await builder.overrideGuard(M2MGuard).useValue(guard).compile();
    app = module.createNestApplication({ logger: false });
    await app.init();
  });
  afterEach(() => app.close());

  const statuses = async (): Promise<number[]> => {
    const paths = ['/list', '/change', '/health'];
    const answers = await Promise.all(paths.map((path) => request(app.getHttpServer()).get(path)));
    return answers.map(({ status }) => status);
  };

  it('asks for the audience of a handler', async () => {
    const { status } = await request(app.getHttpServer()).get('/admin');
    guard.callAs({ clientId: 'orders', audience: ['https://shop-api', 'https://admin-api'] });
    const admitted = await request(app.getHttpServer()).get('/admin');
    expect([status, admitted.status, admitted.text]).toEqual([401, 200, 'orders']);
    guard.callAs({ clientId: 'https://admin-api', audience: ['https://admin-api'] });
    expect((await request(app.getHttpServer()).get('/admin')).status).toBe(401);
  });

  it('lets a request without a token in where it is optional', async () => {
    expect((await request(app.getHttpServer()).get('/optional')).text).toBe('orders');
    guard.callAs(undefined);
    expect((await request(app.getHttpServer()).get('/optional')).text).toBe('nobody');
    expect((await request(app.getHttpServer()).get('/list')).status).toBe(401);
  });

  it('needs neither M2MModule nor a token, and hands the caller on', async () => {
    const { status, text } = await request(app.getHttpServer()).get('/list');
    expect([status, text]).toEqual([200, 'orders']);
  });

  it.each([
    [{ scopes: ['read:products'] }, [200, 403, 200]],
    [{ clientId: 'orders', scopes: ['admin'] }, [403, 200, 200]],
    [{ clientId: 'billing', scopes: ['admin'] }, [403, 403, 200]],
    [{}, [403, 403, 200]],
    [undefined, [401, 401, 200]],
  ])('holds %j to the conditions of each route', async (caller, expected) => {
    guard.callAs(caller);
    expect(await statuses()).toEqual(expected);
  });
});

it('takes a machine without scopes where it is not told otherwise', () => {
  expect(new M2MTestGuard()).toHaveProperty('caller.scopes', []);
});

it('testCaller makes what the guard hands to a handler', () => {
  const caller = testCaller({ clientId: 'orders', scopes: ['a'], claims: { sub: 'ö', org: 1 }, organization: 'acme' });
  expect(caller).toMatchObject({ clientId: 'orders', kind: 'machine', subject: 'ö', organization: 'acme' });
  expect(caller.claims).toEqual({ sub: 'ö', org: 1 });
  expect([caller.hasScope('a'), caller.hasScope('b')]).toEqual([true, false]);
  expect(caller.expiresAt).toBeGreaterThan(Date.now());
  expect(() => (caller.scopes as string[]).push('b')).toThrow(TypeError);
  expect(testCaller()).toMatchObject({ clientId: 'test-client', scopes: [], audience: [], claims: {} });
});
