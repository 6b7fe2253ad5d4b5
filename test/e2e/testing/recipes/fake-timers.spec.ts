import { afterEach, expect, it, jest } from '@jest/globals';
import { Test } from '@nestjs/testing';
import { M2MClientService } from '../../../../lib/index.js';
import { M2MTestingModule, TestAuthorizationServer } from '../../../../lib/testing/index.js';

afterEach(() => void jest.useRealTimers());

it('requests another token after an hour', async () => {
  await using server = await TestAuthorizationServer.start();
  const module = await Test.createTestingModule({
    imports: [M2MTestingModule.forRoot({ server, client: {} })],
  }).compile();
  const m2m = module.get(M2MClientService);

  jest.useFakeTimers({ doNotFake: ['nextTick', 'setImmediate', 'queueMicrotask'] });
  const first = await m2m.getToken({ scope: 'read:products' });
  jest.setSystemTime(Date.now() + 60 * 60 * 1000);
  expect(await m2m.getToken({ scope: 'read:products' })).not.toBe(first);
  server.expectTokenRequests(2);
});
