import { describe, expect, it } from '@jest/globals';
import { cacheToken } from '../../../lib/client/tokens/token/cached-token.js';
import { now } from '../../../lib/time/moment.js';
import { TestClock } from '../../../lib/testing/test-clock.js';
import { acquiringManager } from '../../support/acquiring-manager.js';
import { asking } from '../../support/client-token-manager.js';
import { resolvedClient } from '../../support/resolved-client.js';

describe('a token manager that closes', () => {
  it('waits for the request that follows a token from the store which is about to expire', async () => {
    const clock = new TestClock();
    const client = resolvedClient({});
    let answer: (() => void) | undefined;
    const issued = (value: string) => ({
      value,
      lifetime: 60_000,
      scope: undefined,
      isBound: false,
      requestedAt: now(clock),
    });
    let flights = 0;
    const acquire = async () => {
      flights += 1;
      if (flights === 1) return { ...cacheToken(issued('ending'), client.renewal), isEnding: true };
      await new Promise<void>((resolve) => (answer = resolve));
      return cacheToken(issued('next'), client.renewal);
    };
    const manager = acquiringManager(client, clock, acquire);

    const token = manager.getAccessToken(asking());
    await clock.advance(0);
    expect(flights).toBe(2);
    let isClosed = false;
    const closed = manager.close().then(() => (isClosed = true));
    await clock.advance(0);
    expect(isClosed).toBe(false);
    answer?.();
    await closed;
    await expect(token).resolves.toMatchObject({ value: 'next' });
  });
});
