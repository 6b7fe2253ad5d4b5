import { describe, expect, it } from '@jest/globals';
import type { Type } from '@nestjs/common';
import { blockWith, CodeRunner } from '../../support/documentation.js';
import { sendQuery } from '../../support/graphql-app.js';
import { TestIssuer, testAudience, testClientId } from '../../support/issuer.js';
import { startModule } from './running-module.js';

describe('docs/graphql.md', () => {
  it('guards the resolvers of its module', async () => {
    using runner = new CodeRunner();
    await using issuer = await TestIssuer.start();
    const { AppModule } = await runner.run<{ AppModule: Type }>(
      'graphql',
      blockWith('docs/graphql.md', 'class ProductsResolver'),
      {
        "auth0({ domain: 'acme.eu.auth0.com' })": `{ name: 'test', issuer: '${issuer.issuer}' }`,
        'https://products-api': testAudience,
      },
    );
    await using api = await startModule(AppModule);
    const headers = { Authorization: `Bearer ${await issuer.mint({ scope: 'read:products' })}` };
    expect((await sendQuery(api.url, '{ products }', headers)).data).toEqual({
      products: [`a product for ${testClientId}`],
    });
    const { errors } = await sendQuery(api.url, 'mutation { createProduct(name: "tea") }', headers);
    expect(errors).toMatchObject([{ extensions: { code: 'FORBIDDEN', scope: 'write:products' } }]);
  });
});
