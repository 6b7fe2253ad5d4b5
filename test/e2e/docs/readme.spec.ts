import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Type } from '@nestjs/common';
import { blockWith, CodeRunner, manifest, page } from '../../support/documentation.js';
import { TestOidcProvider } from '../../support/oidc-provider.js';
import { root, TypeCheck } from '../../support/type-check.js';
import { startModule } from './running-module.js';

const readme = page('README.md');
const fixtures = join(root, 'test/package/fixtures/shared');

describe('README.md', () => {
  it('has at most 9 KB', () => {
    expect(Buffer.byteLength(readme.text)).toBeLessThanOrEqual(9216);
  });

  it('shows commands that exist', () => {
    expect(readme.blocks('sh').slice(0, 2)).toEqual(['npm ci && npm start\n', 'npm ci && npm test\n']);
    expect(manifest.scripts).toMatchObject({ start: expect.any(String), test: expect.any(String) });
  });

  it('installs every peer that a Nest application lacks', () => {
    const inEveryApplication = new Set(['@nestjs/common', '@nestjs/core', 'reflect-metadata', 'rxjs']);
    const needed = Object.keys(manifest.peerDependencies).filter(
      (name) => !inEveryApplication.has(name) && !manifest.peerDependenciesMeta?.[name]?.optional,
    );
    const [, , install = ''] = readme.blocks('sh');
    expect(install.trim().split(' ').slice(2).toSorted()).toEqual(['nestjs-m2m', ...needed].toSorted());
  });

  it('names settings that exist in its diagram', () => {
    const types = new TypeCheck({ 'test/index.ts': "export * from 'nestjs-m2m';" });
    const names = [
      ...types.membersOf('M2MModuleOptions'),
      ...types.membersOf('M2MClientOptions').map((name) => `client.${name}`),
      ...types.membersOf('M2MTarget').map((name) => `client.targets.*.${name}`),
      ...types.membersOf('M2MResourceServerOptions').map((name) => `resourceServer.${name}`),
    ];
    const [diagram = ''] = readme.blocks('mermaid');
    const shown = diagram.match(/authorizationServer|(?:client|resourceServer)\.[\w.*]+/g) ?? [];
    expect(names).toEqual(expect.arrayContaining(shown));
    expect(shown.length).toBeGreaterThan(5);
  }, 60_000);

  it.each([
    ['src/products.module.ts', 'class ProductsController'],
    ['test/products.e2e-spec.ts', "describe('products (e2e)'"],
  ])('shows what the stock Nest starters compile and run as %s', (file, text) => {
    expect(blockWith('README.md', text)).toBe(readFileSync(join(fixtures, file), 'utf8'));
  });
});

describe('the quick starts of README.md', () => {
  const runner = new CodeRunner();
  const environment = { ...process.env };

  beforeAll(() => {
    process.env['ORDERS_SECRET'] = 'orders-secret';
  });

  afterAll(() => {
    runner[Symbol.dispose]();
    process.env = environment;
  });

  it('run: one service calls the other, and nobody else can', async () => {
    await using authorizationServer = await TestOidcProvider.start();
    const issuer = { 'https://id.example.com': authorizationServer.issuer };

    const inbound = blockWith('README.md', 'class ProductsController');
    const { ProductsModule } = await runner.run<{ ProductsModule: Type }>('api', inbound, issuer);
    await using products = await startModule(ProductsModule);
    const addresses = { ...issuer, 'https://products.internal/api': products.url };
    const { OrdersModule, OrdersService } = await runner.run<{
      OrdersModule: Type;
      OrdersService: Type<{ listProducts(): Promise<{ data: unknown }> }>;
    }>('orders', blockWith('README.md', 'class OrdersService'), addresses);
    await using orders = await startModule(OrdersModule);

    const { data } = await orders.app.get(OrdersService).listProducts();
    expect(data).toEqual([{ name: 'Tea', listedFor: 'orders' }]);
    expect((await fetch(`${products.url}/products`)).status).toBe(401);
    expect(authorizationServer.tokenRequests).toBe(1);
  }, 30_000);
});
