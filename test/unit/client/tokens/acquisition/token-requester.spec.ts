import { describe, expect, it } from '@jest/globals';
import { Budget } from '../../../../../lib/client/tokens/acquisition/budget.js';
import { EndpointOutage } from '../../../../../lib/client/tokens/acquisition/endpoint-outage.js';
import { outagesOf } from '../../../../../lib/client/tokens/acquisition/outages.js';
import { FailureCache } from '../../../../../lib/client/tokens/acquisition/failure-cache.js';
import { FailureRecords } from '../../../../../lib/client/tokens/acquisition/failure-records.js';
import { TokenRequester } from '../../../../../lib/client/tokens/acquisition/token-requester.js';
import type { FailureClass } from '../../../../../lib/client/tokens/endpoint/failure-class.js';
import { TokenRequestFailure } from '../../../../../lib/client/tokens/endpoint/token-request-failure.js';
import { clientCredentials } from '../../../../../lib/client/tokens/grants/client-credentials.grant.js';
import type { M2MClientEvent } from '../../../../../lib/client/events/m2m-client-event.js';
import { noCounts } from '../../../../../lib/client/events/stats.js';
import { TokenEndpointError } from '../../../../../lib/errors/token-endpoint.error.js';
import type { M2MNamedClientOptions } from '../../../../../lib/options/client-options.js';
import { TestClock } from '../../../../../lib/testing/test-clock.js';
import { now } from '../../../../../lib/time/moment.js';
import { Sleeper } from '../../../../../lib/time/sleeper.js';
import { asking } from '../../../../support/client-token-manager.js';
import { resolvedClient } from '../../../../support/resolved-client.js';
import { passing } from '../../../../support/scripted-upstream.js';

type Answer = { readonly lifetime: number; readonly scope?: readonly string[] } | Error;

const failureOf = (failureClass: FailureClass, sent = true) =>
  new TokenRequestFailure(new TokenEndpointError(failureClass), failureClass, sent, 'old');

/** A requester at an endpoint that gives `answers` one after the other, and the last one again and again. */
function requesterAt(answers: Answer[], options: Partial<M2MNamedClientOptions> = {}, hasNewCredential = false) {
  const clock = new TestClock();
  const client = resolvedClient(options);
  const counts = noCounts();
  const events: M2MClientEvent[] = [];
  const times: number[] = [];
  const endpoint = {
    credential: { isCached: true, changedSince: () => Promise.resolve(hasNewCredential) },
    request: () => {
      const requestedAt = now(clock);
      const answer = answers[Math.min(times.push(clock.monotonic()), answers.length) - 1];
      if (!answer || answer instanceof Error) return Promise.reject(answer ?? new Error('no answer'));
      return Promise.resolve({ value: 't', scope: undefined, isBound: false, ...answer, requestedAt });
    },
  };
  const records = new FailureRecords(clock);
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
  const sleeper = new Sleeper(clock);
  const budget = new Budget(client, clock);
  const rest = { budgetOf: () => budget, counts, clock, sleeper, random: () => 1 };
  const requester = new TokenRequester({
    client,
    endpoint,
    outages: outagesOf(outage),
    failures,
    ...rest,
    emit: (event) => events.push(event),
  });
  const grant = clientCredentials(client.authorizationServer, asking({ scope: 'read write' }));
  const acquire = () => passing(clock, requester.acquire({ key: 'key', grant }, undefined));
  return { acquire, clock, counts, events, sleeper, times, types: () => events.map(({ type }) => type) };
}

describe('TokenRequester', () => {
  it('requests a token, and says so', async () => {
    const { acquire, counts, types } = requesterAt([{ lifetime: 60_000 }]);
    expect(await acquire()).toMatchObject({ value: { token: { value: 't' } } });
    expect([types(), counts]).toEqual([['issued'], { ...noCounts(), tokenRequests: 1 }]);
  });

  it('repeats a request whose failure is transient, after growing pauses', async () => {
    const { acquire, times } = requesterAt([failureOf('transient'), failureOf('transient'), { lifetime: 60_000 }]);
    expect((await acquire()).status).toBe('fulfilled');
    expect(times).toEqual([0, 200, 600]);
  });

  it('says how long a request took, with further attempts and the pauses between them', async () => {
    const good = requesterAt([failureOf('transient'), failureOf('transient'), { lifetime: 60_000 }]);
    await good.acquire();
    expect(good.events).toMatchObject([{ type: 'issued', duration: 600 }]);
    const bad = requesterAt([failureOf('transient')]);
    await bad.acquire();
    expect(bad.events).toMatchObject([{ type: 'request-failed', duration: 600 }]);
  });

  it.each<FailureClass>(['unclear', 'refused', 'credentials', 'local'])(
    'does not repeat a request whose failure is of the class %s',
    async (failureClass) => {
      const { acquire, times, types } = requesterAt([failureOf(failureClass)]);
      expect(await acquire()).toMatchObject({ reason: { code: 'ERR_M2M_TOKEN_ENDPOINT', message: failureClass } });
      expect([times, types()]).toEqual([[0], ['request-failed']]);
    },
  );

  it('repeats a request once, at once, if there is a new credential in place of the refused one', async () => {
    const { acquire, times } = requesterAt([failureOf('credentials')], {}, true);
    expect((await acquire()).status).toBe('rejected');
    expect(times).toEqual([0, 0]);
  });

  it('does not repeat a request when the application shuts down', async () => {
    const { acquire, sleeper, times } = requesterAt([failureOf('transient')]);
    sleeper.close();
    expect((await acquire()).status).toBe('rejected');
    expect(times).toEqual([0]);
  });

  it('takes requests that were sent out of the budget, and no others', async () => {
    const options = { budget: { perHour: 1 }, retry: { attempts: 1 } };
    const { acquire, counts } = requesterAt([failureOf('local', false), failureOf('local'), { lifetime: 1 }], options);
    await acquire();
    expect(counts).toMatchObject({ tokenRequests: 0, failures: 0 });
    await acquire();
    expect(counts).toMatchObject({ tokenRequests: 1, failures: 1 });
    expect(await acquire()).toMatchObject({ reason: { code: 'ERR_M2M_BUDGET_EXCEEDED' } });
  });

  it('sends no request while the pause after a failure lasts', async () => {
    const { acquire, times } = requesterAt([failureOf('refused')]);
    await acquire();
    expect(await acquire()).toMatchObject({ reason: { pause: 5000 } });
    expect(times).toEqual([0]);
  });

  it.each([
    ['off', 'fulfilled', ['issued']],
    ['warn', 'fulfilled', ['scope-missing', 'issued']],
    ['strict', 'rejected', ['scope-missing', 'request-failed']],
  ] as const)('treats missing scopes as verifyScope %s says', async (verifyScope, status, expected) => {
    const { acquire, types } = requesterAt([{ lifetime: 60_000, scope: ['read'] }], { verifyScope });
    expect((await acquire()).status).toBe(status);
    expect(types()).toEqual(expected);
  });
});
