import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Controller, Get, UseGuards, type LoggerService } from '@nestjs/common';
import { M2MGuard } from '../../../lib/resource-server/m2m.guard.js';
import { M2MTokenVerifier } from '../../../lib/resource-server/m2m-token-verifier.js';
import { TestClock } from '../../../lib/testing/test-clock.js';
import { startGuardedApp } from '../../support/guarded-app.js';
import { testAudience, TestIssuer } from '../../support/issuer.js';

@UseGuards(M2MGuard)
@Controller('products')
class ProductsController {
  @Get()
  list(): string {
    return 'list';
  }
}

/** As one whose disk is full: it fails for the lines of the inbound half, once the application is up. */
class FailingLogger implements LoggerService {
  failures = 0;

  log = (): void => undefined;
  warn = (...line: unknown[]): void => this.fail(line);
  error = (...line: unknown[]): void => this.fail(line);
  debug = (...line: unknown[]): void => this.fail(line);

  private fail(line: readonly unknown[]): void {
    if (!['M2MGuard', 'M2MTokenVerifier'].includes(String(line.at(-1)))) return;
    this.failures += 1;
    throw new Error('ENOSPC');
  }
}

describe('a logger that throws (claim 7.14)', () => {
  let issuer: TestIssuer;
  beforeAll(async () => {
    issuer = await TestIssuer.start();
  });
  afterAll(() => issuer.stop());

  it('changes no answer, and ends neither timers nor the end of the application', async () => {
    const logger = new FailingLogger();
    const clock = new TestClock();
    const options = {
      authorizationServer: issuer.authorizationServer,
      resourceServer: { audience: testAudience, keySet: { maxAge: 60_000 } },
    };
    const api = await startGuardedApp({ options, logger, clock, controllers: [ProductsController] });
    api.app.get(M2MTokenVerifier).events$.subscribe(() => {
      throw new Error('a subscriber');
    });
    const get = async (token?: string): Promise<number> => {
      const headers: Record<string, string> = token === undefined ? {} : { authorization: `Bearer ${token}` };
      return (await fetch(`${api.url}/products`, { headers })).status;
    };
    const good = await issuer.mint();
    expect([await get('x'), await get('x'), await get(), await get(good)]).toEqual([401, 401, 401, 200]);
    // The counts of the lines that were held back.
    await clock.advance(60_000);
    // A renewal in the background that fails: nobody waits for it.
    issuer.breakKeySet((response) => response.writeHead(500).end());
    await clock.advance(1000);
    expect(await get(await issuer.mint({}))).toBe(200);
    issuer.heal();
    expect(await get('x')).toBe(401);
    await expect(api.app.close()).resolves.toBeUndefined();
    expect(logger.failures).toBeGreaterThan(3);
  });
});
