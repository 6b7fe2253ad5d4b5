import { describe, expect, it } from '@jest/globals';
import { noCounts } from '../../../lib/client/events/stats.js';
import { clientCredentials } from '../../../lib/client/tokens/grants/client-credentials.grant.js';
import { TokenManager } from '../../../lib/client/tokens/token-manager.js';
import { cacheToken } from '../../../lib/client/tokens/token/cached-token.js';
import { Sleeper } from '../../../lib/time/sleeper.js';
import { now } from '../../../lib/time/moment.js';
import { TestClock } from '../../../lib/testing/test-clock.js';
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
    const endpoint = { request: () => Promise.reject(new Error('the acquirer is asked instead')) };
    const rest = { endpoint, counts: noCounts(), sleeper: new Sleeper(clock), random: () => 0.5, emit() {} };
    const prepare = () => ({ key: 'key', grant: clientCredentials(client.authorizationServer, asking()) });
    const manager = new TokenManager({
      retryNow: () => Promise.resolve(),
      client,
      acquirer: { acquire },
      prepare,
      clock,
      ...rest,
    });

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
