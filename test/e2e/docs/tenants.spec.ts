import { afterAll, describe, expect, it } from '@jest/globals';
import type { Type } from '@nestjs/common';
import { decodeJwt } from 'jose';
import { TestAuthorizationServer } from '../../../lib/testing/index.js';
import { blockWith, CodeRunner } from '../../support/documentation.js';
import { json, TestHttpServer } from '../../support/http-server.js';
import { testAudience, TestIssuer } from '../../support/issuer.js';
import { answerOf, startModule } from './running-module.js';

const TENANT = 'https://id.acme.example/shop';

interface Recipe {
  readonly AppModule: Type;
  readonly ProductsController: Type<{ removeTenant(issuer: string): Promise<void> }>;
}

interface OutboundRecipe {
  readonly AppModule: Type;
  readonly OrdersController: Type<{ removeTenant(tenant: string): Promise<void> }>;
}

describe('docs/tenants.md', () => {
  const runner = new CodeRunner();
  afterAll(() => runner[Symbol.dispose]());

  it('accepts the tokens of a tenant until it is removed', async () => {
    await using issuer = await TestIssuer.start();
    const { AppModule, ProductsController } = await runner.run<Recipe>(
      'tenants',
      blockWith('docs/tenants.md', 'resolve: async'),
      {
        'oidc({ issuer })': `{ ...oidc({ issuer }), jwksUri: '${issuer.jwksUri}' }`,
        'resolve: async': "allowedHosts: ['127.0.0.1'], resolve: async",
        'https://shop-api': testAudience,
      },
    );
    await using api = await startModule(AppModule);
    const get = async (iss: string) => answerOf(`${api.url}/products`, await issuer.mint({ iss }));
    expect(await get(TENANT)).toEqual([200, 'products of acme']);
    expect(await get('https://id.other.example/shop')).toEqual([401, '']);
    await api.app.get(ProductsController).removeTenant(TENANT);
    expect(await get(TENANT)).toEqual([401, '']);
  });

  it('calls with the clients of tenants until one is removed', async () => {
    await using server = await TestAuthorizationServer.start({ clients: { 'acme-orders': 's3cret-of-acme' } });
    await using products = await TestHttpServer.start(({ headers: { authorization = '' } }, response) =>
      json(response, 200, decodeJwt(authorization.slice('Bearer '.length))['client_id']),
    );
    const recipe = blockWith('docs/tenants.md', 'clients: async');
    const { AppModule, OrdersController } = await runner.run<OutboundRecipe>('tenants-outbound', recipe, {
      'https://id.example.com': server.issuer,
      'https://products.example.com': products.url,
    });
    await using orders = await startModule(AppModule);
    const get = (tenant: string) => answerOf(`${orders.url}/orders/${tenant}`);
    expect(await get('acme')).toEqual([200, 'acme-orders']);
    expect(await get('other')).toEqual([500, '']);
    await orders.app.get(OrdersController).removeTenant('acme');
    expect(await get('acme')).toEqual([500, '']);
    expect(products.requests).toHaveLength(1);
  });
});
