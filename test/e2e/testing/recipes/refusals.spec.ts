import { expect, it } from '@jest/globals';
import { Test } from '@nestjs/testing';
import { cognito, M2MClientService, M2MModule } from '../../../../lib/index.js';
import { TestAuthorizationServer } from '../../../../lib/testing/index.js';

it('shows what Cognito says to a wrong secret', async () => {
  await using server = await TestAuthorizationServer.start({ dialect: 'cognito', clients: { orders: 's3cret' } });
  const { issuer, tokenEndpoint } = server;
  const authorizationServer = {
    ...cognito({ region: 'eu-west-1', userPoolId: 'eu-west-1_AbCdEfGhI' }),
    issuer,
    tokenEndpoint,
  };
  const m2m = M2MModule.forRoot({ authorizationServer, client: { clientId: 'orders', clientSecret: 'wrong' } });
  const module = await Test.createTestingModule({ imports: [m2m] }).compile();

  await expect(module.get(M2MClientService).getToken()).rejects.toMatchObject({
    code: 'ERR_M2M_TOKEN_REQUEST',
    error: 'invalid_client',
    upstreamStatus: 400,
  });
});
