import { describe, expect, it } from '@jest/globals';
import { EndpointOutage } from '../../../../../lib/client/tokens/acquisition/endpoint-outage.js';
import { outagesOf } from '../../../../../lib/client/tokens/acquisition/outages.js';
import { FailureCache } from '../../../../../lib/client/tokens/acquisition/failure-cache.js';
import { FailureRecords } from '../../../../../lib/client/tokens/acquisition/failure-records.js';
import type { FailureClass } from '../../../../../lib/client/tokens/endpoint/failure-class.js';
import { TokenRequestFailure } from '../../../../../lib/client/tokens/endpoint/token-request-failure.js';
import { TokenRequestError } from '../../../../../lib/errors/token-request.error.js';
import { TestClock } from '../../../../../lib/testing/test-clock.js';
import { resolvedClient } from '../../../../support/resolved-client.js';

/** A cache for a client whose current credential has the fingerprint `state.credential`. */
function failureCache() {
  const clock = new TestClock();
  const state = { credential: 'old' };
  const endpoint = {
    request: () => Promise.reject(new Error('not called')),
    credential: {
      isCached: true,
      changedSince: (refused: string) => Promise.resolve(refused !== state.credential),
    },
  };
  const requests = new FailureRecords(clock);
  const client = resolvedClient();
  const outage = new EndpointOutage(clock, () => 1);
  const failures = new FailureCache({
    client,
    clock,
    clientKey: 'client',
    endpoint,
    outages: outagesOf(outage),
    requests,
    credentials: requests,
  });
  const isPostponed = (key: string) =>
    failures.check(key).then(
      () => false,
      () => true,
    );
  return { clock, state, failures, outage, client, isPostponed };
}

const failureOf = (failureClass: FailureClass, retryAfter?: number) =>
  new TokenRequestFailure(
    new TokenRequestError('no', { error: 'no', upstreamStatus: 400, retryAfter }),
    failureClass,
    true,
    'old',
  );

describe('FailureCache', () => {
  it.each<[FailureClass, number | undefined, [boolean, boolean]]>([
    ['refused', undefined, [true, false]],
    ['throttled', undefined, [true, true]],
    ['throttled', 30, [true, true]],
    ['transient', undefined, [false, false]],
    ['unclear', undefined, [false, false]],
    ['credentials', undefined, [true, true]],
    ['no-credential', undefined, [true, true]],
    ['local', undefined, [false, false]],
  ])(
    'postpones the same request, and others, after a failure of the class %s',
    async (failureClass, retryAfter, expected) => {
      const { failures, isPostponed } = failureCache();
      failures.failed('a', failureOf(failureClass, retryAfter));
      expect([await isPostponed('a'), await isPostponed('b')]).toEqual(expected);
    },
  );

  it('throws the last failure, and how long the pause still takes', async () => {
    const { clock, failures } = failureCache();
    failures.failed('a', failureOf('refused'));
    await clock.advance(2000);
    await expect(failures.check('a')).rejects.toMatchObject({
      pause: 3000,
      failure: { code: 'ERR_M2M_TOKEN_REQUEST', message: 'no (The next attempt is made in 3 s.)' },
    });
    await clock.advance(3000);
    await expect(failures.check('a')).resolves.toBeUndefined();
  });

  it('postpones all requests during an outage of the endpoint', async () => {
    const { failures, outage, client, isPostponed } = failureCache();
    outage.failed(failureOf('transient'), client, 0);
    expect([await isPostponed('a'), await isPostponed('b')]).toEqual([true, true]);
    await expect(failures.check('a')).rejects.toMatchObject({ pause: 200 });
  });

  it('ends the pause after refused credentials if there are other ones', async () => {
    const { state, failures, isPostponed } = failureCache();
    failures.failed('a', failureOf('credentials'));
    expect(await isPostponed('b')).toBe(true);
    state.credential = 'new';
    expect(await isPostponed('b')).toBe(false);
  });

  it('forgets the failures of a request that succeeds', async () => {
    const { failures, isPostponed } = failureCache();
    failures.failed('a', failureOf('refused'));
    failures.failed('a', failureOf('credentials'));
    failures.succeeded('a');
    expect([await isPostponed('a'), await isPostponed('b')]).toEqual([false, false]);
  });
});
