import { afterEach, expect, it } from '@jest/globals';
import { Test } from '@nestjs/testing';
import { M2MClientService, M2MModule } from '../../../../lib/index.js';
import { TestAuthorizationServer } from '../../../../lib/testing/index.js';

const before = { ...process.env };
afterEach(() => void (process.env = before));

it('gets a token with nothing but the environment', async () => {
  await using server = await TestAuthorizationServer.start({ dialect: 'keycloak', clients: { orders: 's3cret' } });
  Object.assign(process.env, server.environment());

  const module = await Test.createTestingModule({ imports: [M2MModule.forRootAsync()] }).compile();

  await expect(module.get(M2MClientService).getToken()).resolves.toEqual(expect.any(String));
});
