import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Type } from '@nestjs/common';
import { Test } from '@nestjs/testing';
import { blockWith, CodeRunner } from '../../support/documentation.js';
import { sendQuery } from '../../support/graphql-app.js';
import { TestIssuer, testAudience, testClientId } from '../../support/issuer.js';

describe('docs/graphql.md', () => {
  const runner = new CodeRunner();
  let issuer: TestIssuer;
  beforeAll(async () => {
    issuer = await TestIssuer.start();
  });
  afterAll(() => {
    runner[Symbol.dispose]();
    return issuer.stop();
  });

  it('guards the resolvers of its module', async () => {
    const { AppModule } = await runner.run<{ AppModule: Type }>(
      'graphql',
      blockWith('docs/graphql.md', 'class ProductsResolver'),
      {
        "auth0({ domain: 'acme.eu.auth0.com' })": `{ name: 'test', issuer: '${issuer.issuer}' }`,
        'https://products-api': testAudience,
      },
    );
    const module = await Test.createTestingModule({ imports: [AppModule] }).compile();
    const app = module.createNestApplication({ logger: false });
    try {
      await app.listen(0, '127.0.0.1');
      const url = await app.getUrl();
      const headers = { Authorization: `Bearer ${await issuer.mint({ scope: 'read:products' })}` };
      expect((await sendQuery(url, '{ products }', headers)).data).toEqual({
        products: [`a product for ${testClientId}`],
      });
      const { errors } = await sendQuery(url, 'mutation { createProduct(name: "tea") }', headers);
      expect(errors).toMatchObject([{ extensions: { code: 'FORBIDDEN', scope: 'write:products' } }]);
    } finally {
      await app.close();
    }
  });
});
