import { describe, expect, it } from '@jest/globals';
import { EndpointOutage } from '../../../../../lib/client/tokens/acquisition/endpoint-outage.js';
import { outagesOf } from '../../../../../lib/client/tokens/acquisition/outages.js';
import { FailureCache } from '../../../../../lib/client/tokens/acquisition/failure-cache.js';
import { FaultTolerantTokenStore } from '../../../../../lib/client/tokens/acquisition/fault-tolerant-token-store.js';
import { FailureRecords } from '../../../../../lib/client/tokens/acquisition/failure-records.js';
import { SharedTokenAcquirer } from '../../../../../lib/client/tokens/acquisition/shared-token-acquirer.js';
import { SharedTokens } from '../../../../../lib/client/tokens/acquisition/shared-tokens.js';
import { clientCredentials } from '../../../../../lib/client/tokens/grants/client-credentials.grant.js';
import { cacheToken } from '../../../../../lib/client/tokens/token/cached-token.js';
import { noCounts } from '../../../../../lib/client/events/stats.js';
import { TestClock } from '../../../../../lib/testing/test-clock.js';
import { now } from '../../../../../lib/time/moment.js';
import { Sleeper } from '../../../../../lib/time/sleeper.js';
import { asking } from '../../../../support/client-token-manager.js';
import { MemoryTokenStore } from '../../../../support/memory-token-store.js';
import { resolvedClient } from '../../../../support/resolved-client.js';
import { passing } from '../../../../support/scripted-upstream.js';

const client = resolvedClient();
const shareable = clientCredentials(client.authorizationServer, asking());

/** Processes with one store. Each has an acquirer of its own, which takes 100 ms for a token named after the process. */
function processes() {
  const clock = new TestClock();
  const memory = new MemoryTokenStore(clock);
  const acquired: string[] = [];
  const start = (name: string) => {
    const store = new FaultTolerantTokenStore(memory, clock, () => undefined);
    const records = new FailureRecords(clock, store);
    const endpoint = { request: () => Promise.reject(new Error('not called')) };
    const outage = new EndpointOutage(clock, () => 1);
    const failures = new FailureCache({
      client,
      clock,
      outages: outagesOf(outage),
      clientKey: 'c',
      endpoint,
      requests: records,
      credentials: records,
    });
    const inner = {
      acquire: async () => {
        acquired.push(name);
        const requestedAt = now(clock);
        await new Promise<void>((resolve) => clock.after(100, resolve));
        return cacheToken(
          { value: name, lifetime: 60_000, scope: undefined, isBound: false, requestedAt },
          client.renewal,
        );
      },
    };
    const shared = new SharedTokenAcquirer({
      client,
      clientKey: 'c',
      acquirer: inner,
      endpoint,
      store,
      tokens: new SharedTokens(store, clock),
      failures,
      records,
      counts: noCounts(),
      clock,
      sleeper: new Sleeper(clock),
      random: () => 1,
    });
    const get = async (grant = shareable) => (await shared.acquire({ key: 'key', grant }, undefined)).token.value;
    return { shared, get };
  };
  return { clock, memory, acquired, start };
}

describe('SharedTokenAcquirer', () => {
  it('acquires one token for all processes that need it at once', async () => {
    const { clock, acquired, start } = processes();
    const all = Promise.all(['a', 'b', 'c'].map((name) => start(name).get()));
    expect(await passing(clock, all)).toMatchObject({ value: ['a', 'a', 'a'] });
    expect(acquired).toEqual(['a']);
  });

  it('finds the token that another process left', async () => {
    const { clock, acquired, start } = processes();
    await passing(clock, start('a').get());
    await clock.advance(0);
    expect(await passing(clock, start('b').get())).toMatchObject({ value: 'a' });
    expect(acquired).toEqual(['a']);
  });

  it('acquires a token of a grant that is not shareable for its process alone', async () => {
    const { clock, memory, acquired, start } = processes();
    const grant = { ...shareable, isShareable: false };
    expect(await passing(clock, Promise.all([start('a').get(grant), start('b').get(grant)]))).toMatchObject({
      value: ['a', 'b'],
    });
    expect([acquired, memory.size]).toEqual([['a', 'b'], 0]);
  });

  it('is settled when other processes can find its token', async () => {
    const { clock, memory, start } = processes();
    const { shared, get } = start('a');
    await passing(clock, get());
    await shared.settled();
    expect(memory.size).toBe(1);
  });

  it('forgets a token only if it is still the one meant', async () => {
    const { clock, memory, start } = processes();
    const { shared, get } = start('a');
    await passing(clock, get());
    await shared.settled();
    await shared.forget('key', 'b');
    expect(memory.size).toBe(1);
    await shared.forget('key', 'a');
    expect(memory.size).toBe(0);
  });
});
