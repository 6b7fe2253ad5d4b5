import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Type } from '@nestjs/common';
import { Test } from '@nestjs/testing';
import { blockWith, CodeRunner } from '../../support/documentation.js';
import { testAudience, TestIssuer } from '../../support/issuer.js';

const TENANT = 'https://id.acme.example/shop';

interface Recipe {
  readonly AppModule: Type;
  readonly ProductsController: Type<{ removeTenant(issuer: string): Promise<void> }>;
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
});
