import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { Test } from '@nestjs/testing';
import nock from 'nock';
import { firstValueFrom } from 'rxjs';
import { M2MClientService, M2MModule, oidc } from '../../../../lib/index.js';

beforeAll(() => nock.disableNetConnect());
afterAll(() => nock.restore());

it('calls products with its token', async () => {
  const id = nock('https://id.example.com');
  id.get('/.well-known/openid-configuration').reply(200, {
    issuer: 'https://id.example.com',
    token_endpoint: 'https://id.example.com/token',
    jwks_uri: 'https://id.example.com/keys',
  });
  id.post('/token', { grant_type: 'client_credentials', scope: 'read:products' })
    .basicAuth({ user: 'orders', pass: 's3cret' })
    .reply(200, { access_token: 'a-token', token_type: 'Bearer', expires_in: 3600 });
  nock('https://products.internal', { reqheaders: { authorization: 'Bearer a-token' } })
    .get('/products')
    .reply(200, [{ name: 'Tea' }]);

  const m2m = M2MModule.forRoot({
    authorizationServer: oidc({ issuer: 'https://id.example.com' }),
    client: {
      clientId: 'orders',
      clientSecret: 's3cret',
      targets: { products: { url: 'https://products.internal', scope: 'read:products' } },
    },
  });
  const module = await Test.createTestingModule({ imports: [m2m] }).compile();
  const { data } = await firstValueFrom(module.get(M2MClientService).for('products').get('/products'));
  expect(data).toEqual([{ name: 'Tea' }]);
  expect(nock.pendingMocks()).toEqual([]);
});
