import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Type } from '@nestjs/common';
import { Test } from '@nestjs/testing';
import { decodeJwt } from 'jose';
import { TestAuthorizationServer } from '../../../lib/testing/index.js';
import { blockWith, CodeRunner } from '../../support/documentation.js';
import { json, TestHttpServer } from '../../support/http-server.js';
import { testAudience, TestIssuer } from '../../support/issuer.js';

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
  let issuer: TestIssuer;
  beforeAll(async () => {
    issuer = await TestIssuer.start();
  });
  afterAll(() => {
    runner[Symbol.dispose]();
    return issuer.stop();
  });

  it('accepts the tokens of a tenant until it is removed', async () => {
    const { AppModule, ProductsController } = await runner.run<Recipe>(
      'tenants',
      blockWith('docs/tenants.md', 'resolve: async'),
      {
        'oidc({ issuer })': `{ ...oidc({ issuer }), jwksUri: '${issuer.jwksUri}' }`,
        'resolve: async': "allowedHosts: ['127.0.0.1'], resolve: async",
        'https://shop-api': testAudience,
      },
    );
    const module = await Test.createTestingModule({ imports: [AppModule] }).compile();
    const app = module.createNestApplication({ logger: false });
    try {
      await app.listen(0, '127.0.0.1');
      const url = `${await app.getUrl()}/products`;
      const get = async (iss: string) => {
        const answer = await fetch(url, { headers: { authorization: `Bearer ${await issuer.mint({ iss })}` } });
        return [answer.status, answer.ok ? await answer.text() : ''];
      };
      expect(await get(TENANT)).toEqual([200, 'products of acme']);
      expect(await get('https://id.other.example/shop')).toEqual([401, '']);
      await app.get(ProductsController).removeTenant(TENANT);
      expect(await get(TENANT)).toEqual([401, '']);
    } finally {
      await app.close();
    }
  });

  it('calls with the clients of tenants until one is removed', async () => {
    await using server = await TestAuthorizationServer.start({ clients: { 'acme-orders': 's3cret-of-acme' } });
    const api = await TestHttpServer.start(({ headers: { authorization = '' } }, response) =>
      json(response, 200, decodeJwt(authorization.slice('Bearer '.length))['client_id']),
    );
    const recipe = blockWith('docs/tenants.md', 'clients: async');
    const { AppModule, OrdersController } = await runner.run<OutboundRecipe>('tenants-outbound', recipe, {
      'https://id.example.com': server.issuer,
      'https://products.example.com': api.url,
    });
    const module = await Test.createTestingModule({ imports: [AppModule] }).compile();
    const app = module.createNestApplication({ logger: false });
    try {
      await app.listen(0, '127.0.0.1');
      const url = `${await app.getUrl()}/orders`;
      const get = async (tenant: string) => {
        const answer = await fetch(`${url}/${tenant}`);
        return [answer.status, answer.ok ? await answer.text() : ''];
      };
      expect(await get('acme')).toEqual([200, 'acme-orders']);
      expect(await get('other')).toEqual([500, '']);
      await app.get(OrdersController).removeTenant('acme');
      expect(await get('acme')).toEqual([500, '']);
      expect(api.requests).toHaveLength(1);
    } finally {
      await app.close();
      await api.stop();
    }
  });
});
