import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Controller, Get, UseGuards } from '@nestjs/common';
import { M2MGuard } from '../../../lib/resource-server/m2m.guard.js';
import { M2MTokenVerifier } from '../../../lib/resource-server/m2m-token-verifier.js';
import { TestIssuer, testAudience } from '../../support/issuer.js';
import { startGuardedApp, type GuardedApp } from '../../support/guarded-app.js';

@UseGuards(M2MGuard)
@Controller()
class ProductsController {
  @Get()
  list(): string {
    return 'products';
  }
}

async function statusAt({ url }: GuardedApp, issuer: TestIssuer): Promise<number> {
  const headers = { authorization: `Bearer ${await issuer.mint()}` };
  return (await fetch(url, { headers })).status;
}

describe('two applications in one process', () => {
  let issuers: [TestIssuer, TestIssuer];
  beforeAll(async () => {
    issuers = await Promise.all([TestIssuer.start(), TestIssuer.start()]);
  });
  afterAll(async () => {
    await Promise.all(issuers.map((issuer) => issuer.stop()));
  });

  const start = (index: 0 | 1): Promise<GuardedApp> =>
    startGuardedApp({
      options: {
        authorizationServer: issuers[index].authorizationServer,
        resourceServer: { audience: testAudience },
      },
      controllers: [ProductsController],
    });
  it.each<[first: 0 | 1, closedFirst: 0 | 1]>([
    [0, 0],
    [0, 1],
    [1, 0],
    [1, 1],
  ])('verify by their own rules: %d started first, %d closed first', async (first, closedFirst) => {
    const second = first === 0 ? 1 : 0;
    const apps = new Map([
      [first, await start(first)],
      [second, await start(second)],
    ]);
    const [a, b] = [apps.get(0), apps.get(1)] as [GuardedApp, GuardedApp];
    const events: unknown[] = [];
    a.app.get(M2MTokenVerifier).events$.subscribe(({ type }) => events.push(type));

    expect([await statusAt(a, issuers[0]), await statusAt(a, issuers[1])]).toEqual([200, 401]);
    expect([await statusAt(b, issuers[0]), await statusAt(b, issuers[1])]).toEqual([401, 200]);
    expect(events.filter((type) => type === 'token-refused')).toHaveLength(1);

    const [closed, left] = closedFirst === 0 ? [a, b] : [b, a];
    await closed.app.close();
    const own = issuers[left === a ? 0 : 1];
    expect(await statusAt(left, own)).toBe(200);
    expect(await statusAt(left, issuers[left === a ? 1 : 0])).toBe(401);
    await left.app.close();
  });
});
