import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { TestAuthorizationServer } from '../../../lib/testing/index.js';
import { CompiledSources } from '../../support/compiled-sources.js';

const APP = 'test/component/cli/applications/app.module.ts';

describe('nestjs-m2m handlers', () => {
  let compiled: CompiledSources;
  let server: TestAuthorizationServer;
  beforeAll(async () => {
    compiled = await CompiledSources.compile([APP]);
    server = await TestAuthorizationServer.start();
  }, 60_000);
  afterAll(async () => {
    await compiled[Symbol.asyncDispose]();
    await server.stop();
  });

  async function handlers(name: string, args: readonly string[] = [], file = APP) {
    const argument = `${compiled.path(file)}${name}`;
    const env = { ISSUER: server.issuer };
    const child = spawn(process.execPath, [compiled.path('lib/cli/main.ts'), 'handlers', ...args, argument], { env });
    const [[code], out, error] = await Promise.all([once(child, 'exit'), text(child.stdout), text(child.stderr)]);
    return { code: code as number | null, out, error };
  }

  it('writes the map of an application as text, runs no hook and requests nothing', async () => {
    const { code, out, error } = await handlers('');
    expect({ code, error }).toEqual({ code: 0, error: '' });
    expect(
      out
        .trimEnd()
        .split('\n')
        .map((line) => line.split(/ {2,}/)),
    ).toEqual([
      ['Route', 'Handler', 'Access', 'Scopes', 'Clients', 'Audience'],
      ['GET /products', 'ProductsController.list', 'machines', 'read:products'],
      [
        'POST /products, /products/import',
        'ProductsController.create',
        'machines',
        'write:products, one of (admin, import|all)',
        'orders, erp of https://partner.example.com',
        'https://shop-api',
      ],
      ['GET /products/health', 'ProductsController.health', 'public'],
      ['GET /products/recommended', 'ProductsController.recommended', 'machines, token optional'],
      ['GET /products/new', 'ProductsController.renewed', 'machines'],
      ['GET /orders', 'OrdersController.list', 'UNGUARDED'],
      ['GET /orders/any', 'OrdersController.any', 'machines, users by user-jwt'],
      ['GET /orders/own', 'OrdersController.own', 'claimed', 'read:orders'],
      ['message {"cmd":"ship"}', 'OrdersController.ship', 'UNGUARDED'],
      [''],
      ['9 handlers: 5 machines, 1 claimed, 1 public, 2 UNGUARDED'],
    ]);
    expect(server.requests()).toEqual([]);
  }, 30_000);

  it('writes JSON, of an application that a function makes, with its prefix, versions and guards', async () => {
    const { code, out, error } = await handlers('#createApp', ['--json']);
    expect({ code, error }).toEqual({ code: 0, error: expect.stringMatching(/^the application writes\n.*\[Nest\]/s) });
    const rows = JSON.parse(out) as { handler: string }[];
    const row = (name: string) => rows.find(({ handler }) => handler === name);
    expect(row('ProductsController.create')).toEqual({
      handler: 'ProductsController.create',
      transport: 'http',
      httpMethod: 'POST',
      paths: ['/api/v1/products', '/api/v1/products/import'],
      versions: ['1'],
      access: 'm2m',
      userStrategies: [],
      tokenOptional: false,
      scopes: ['write:products'],
      anyScope: [['admin', 'import|all']],
      clients: [['orders', { issuer: 'https://partner.example.com', clientId: 'erp' }]],
      audiences: ['https://shop-api'],
    });
    expect(row('ProductsController.renewed')).toMatchObject({ paths: ['/api/v2/products/new'], versions: ['2'] });
    expect(row('OrdersController.list')).toMatchObject({ access: 'claimed' });
    expect(row('OrdersController.any')).toMatchObject({ access: 'm2m', userStrategies: ['user-jwt'] });
    expect(row('OrdersController.ship')).toMatchObject({ transport: 'message', pattern: { cmd: 'ship' } });
    expect(server.requests()).toEqual([]);
  }, 30_000);

  it('writes a table of Markdown', async () => {
    const { code, out } = await handlers('#default', ['--markdown']);
    expect(code).toBe(0);
    const lines = out.trimEnd().split('\n');
    expect(lines.slice(0, 3)).toEqual([
      '| Route | Handler | Access | Scopes | Clients | Audience |',
      '| --- | --- | --- | --- | --- | --- |',
      '| `GET /products` | `ProductsController.list` | machines | `read:products` |  |  |',
    ]);
    expect(lines).toHaveLength(11);
    expect(out).toContain(String.raw`one of (admin, import\|all)`);
  }, 30_000);

  it('takes an application in CommonJS, as nest build writes it by default', async () => {
    const code = `
      Object.defineProperty(exports, '__esModule', { value: true });
      const { Controller, Get, Module, UseGuards } = require('@nestjs/common');
      const { M2MGuard, M2MModule, oidc, RequireScopes } = require(${JSON.stringify(compiled.path('lib/index.ts'))});
      class ShopController { list() {} }
      const list = Object.getOwnPropertyDescriptor(ShopController.prototype, 'list');
      for (const decorate of [Get(), RequireScopes('read:shop')]) decorate(ShopController.prototype, 'list', list);
      for (const decorate of [Controller('shop'), UseGuards(M2MGuard)]) decorate(ShopController);
      class AppModule {}
      const authorizationServer = oidc({ issuer: 'https://id.example.com' });
      const options = { authorizationServer, resourceServer: { audience: 'https://shop-api' } };
      Module({ imports: [M2MModule.forRoot(options)], controllers: [ShopController] })(AppModule);
      exports.AppModule = AppModule;`;
    writeFileSync(compiled.path(APP).replace(/js$/, 'cjs'), code);
    const { code: exitCode, out } = await handlers('', ['--json'], APP.replace(/ts$/, 'cjs'));
    expect(exitCode).toBe(0);
    expect(JSON.parse(out)).toMatchObject([{ handler: 'ShopController.list', access: 'm2m', scopes: ['read:shop'] }]);
  }, 30_000);

  it.each([
    ['#Other', /app\.module\.js exports no Other\n\s+write: nestjs-m2m handlers dist\/app\.module\.js#AppModule/],
    ['#nothing', /exports no nothing/],
    ['#createsNothing', /exports a function createsNothing that returns no application\n\s+write: return NestFactory/],
    ['#WithoutM2M', /the application imports no M2MModule/],
    ['#WithProblems', /OrphansController\.list has @RequireScopes, but no M2MGuard looks at it/],
    ['.none', /does not exist/],
    ['/..', /is no file/],
    ['.ts', /is TypeScript\n\s+write: .*# after npm run build/],
  ])(
    'refuses %s with exit code 2',
    async (name, said) => {
      const { code, out, error } = await handlers(name);
      expect({ code, out, error }).toEqual({ code: 2, out: '', error: expect.stringMatching(said) });
    },
    30_000,
  );

  it('refuses an application of another copy of Nest with exit code 2', async () => {
    const other = dirname(compiled.path('other/app.ts'));
    mkdirSync(join(other, 'node_modules/@nestjs/core'), { recursive: true });
    writeFileSync(join(other, 'node_modules/@nestjs/core/index.js'), '');
    writeFileSync(join(other, 'app.js'), 'export class AppModule {}');
    const { code, error } = await handlers('', [], 'other/app.ts');
    const said = /another copy of @nestjs\/core: .*\n\s+write: npx nestjs-m2m in the folder of the application/;
    expect({ code, error }).toEqual({ code: 2, error: expect.stringMatching(said) });
  }, 30_000);

  it.each(['#endsTheProcess', '#waitsForNothing'])(
    'fails if an application never comes: %s',
    async (name) => {
      const { code, out, error } = await handlers(name);
      expect({ code, out, error }).toEqual({ code: 1, out: '', error: expect.stringContaining('ended the process') });
    },
    30_000,
  );
});
