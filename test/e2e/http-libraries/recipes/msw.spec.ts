import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { Test } from '@nestjs/testing';
import { http, HttpResponse } from 'msw';
import { setupServer } from 'msw/node';
import { firstValueFrom } from 'rxjs';
import { M2MClientService, M2MModule } from '../../../../lib/index.js';
import { TestAuthorizationServer } from '../../../../lib/testing/index.js';

const products = setupServer(
  http.get('https://products.internal/products', ({ request }) =>
    HttpResponse.json({ authorization: request.headers.get('authorization') }),
  ),
);
// The test authorization server is a real one: its requests pass.
beforeAll(() => products.listen({ onUnhandledRequest: 'bypass' }));
afterAll(() => products.close());

it('calls products with its token', async () => {
  await using server = await TestAuthorizationServer.start({ clients: { orders: 's3cret' } });
  const m2m = M2MModule.forRoot({
    authorizationServer: server.authorizationServer,
    client: {
      clientId: 'orders',
      clientSecret: 's3cret',
      targets: { products: { url: 'https://products.internal', ...server.tokenRequest() } },
    },
  });
  const module = await Test.createTestingModule({ imports: [m2m] }).compile();
  const client = module.get(M2MClientService);
  const { data } = await firstValueFrom(client.for('products').get('/products'));
  expect(data).toEqual({ authorization: `Bearer ${await client.getToken({ target: 'products' })}` });
  server.expectTokenRequests(1);
});
