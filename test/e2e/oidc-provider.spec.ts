import { expect, it } from '@jest/globals';
import { decodeJwt, decodeProtectedHeader } from 'jose';
import { ORDERS_API, PRODUCTS_API, TestOidcProvider } from '../support/oidc-provider.js';

it('issues tokens to machines', async () => {
  await using server = await TestOidcProvider.start();
  const ask = async (resource: string, scope: string) => {
    const response = await fetch(server.tokenEndpoint, {
      method: 'POST',
      headers: { authorization: `Basic ${btoa('orders:orders-secret')}` },
      body: new URLSearchParams({ grant_type: 'client_credentials', resource, scope }),
    });
    return { status: response.status, body: (await response.json()) as Record<string, string> };
  };

  const products = await ask(PRODUCTS_API, 'read:products');
  expect(products).toMatchObject({ status: 200, body: { token_type: 'Bearer', expires_in: 3600 } });
  expect(decodeJwt(products.body['access_token'] ?? '')).toMatchObject({
    iss: server.issuer,
    aud: PRODUCTS_API,
    client_id: 'orders',
    scope: 'read:products',
  });
  const orders = await ask(ORDERS_API, '');
  expect(orders.status).toBe(200);
  expect(decodeProtectedHeader(orders.body['access_token'] ?? '')).toMatchObject({ alg: 'ES256', typ: 'at+jwt' });
  expect(await ask('https://nowhere.example.com', '')).toMatchObject({
    status: 400,
    body: { error: 'invalid_target' },
  });
  expect(server.tokenRequests).toBe(3);
});
