import { describe, expect, it } from '@jest/globals';
import { errorOf, recordOf, failurePause } from '../../../../../lib/client/tokens/acquisition/failure-record.js';
import { TokenRequestFailure } from '../../../../../lib/client/tokens/endpoint/token-request-failure.js';
import { CallbackError } from '../../../../../lib/errors/callback.error.js';
import { TokenRequestError } from '../../../../../lib/errors/token-request.error.js';

describe('failurePause', () => {
  it.each(['credentials', 'refused'] as const)('doubles from 5 s to 5 min if the failure is of the kind %s', (kind) => {
    const pauses = [1, 2, 3, 7, 100].map((count) => failurePause(kind, count, 1));
    expect(pauses).toEqual([5000, 10_000, 20_000, 300_000, 300_000]);
  });

  it.each([undefined, 0])(
    'doubles from 1 s to 5 min if there were too many requests, and Retry-After is %s',
    (seconds) => {
      const pauses = [1, 2, 3, 9, 10, 100].map((count) => failurePause('throttled', count, seconds));
      expect(pauses).toEqual([1000, 2000, 4000, 256_000, 300_000, 300_000]);
    },
  );

  it('doubles from 200 ms to 2 s if the client has no credential', () => {
    expect([1, 2, 4, 5, 100].map((count) => failurePause('no-credential', count))).toEqual([
      200, 400, 1600, 2000, 2000,
    ]);
  });

  it('is what a server asks for that takes no more requests', () => {
    expect([1, 9].map((count) => failurePause('throttled', count, 30))).toEqual([30_000, 30_000]);
  });
});

describe('errorOf', () => {
  it('is of the class of the error before it, if a function of the options failed', () => {
    const failure = new TokenRequestFailure(new CallbackError('a.b', 'failed with Error'), 'refused', true);
    const error = errorOf(recordOf(failure, { kind: 'refused', count: 1, pause: 5000 }), 5000);
    expect(error).toMatchObject({ code: 'ERR_M2M_CALLBACK', option: 'a.b' });
    expect(error.message).toBe('the function a.b failed with Error (The next attempt is made in 5 s.)');
  });

  it('tells how much of the pause is left, whatever the server asked for', () => {
    const error = new TokenRequestError('no', { error: 'slow_down', upstreamStatus: 429, retryAfter: 60 });
    const failure = new TokenRequestFailure(error, 'throttled', true);
    const record = recordOf(failure, { kind: 'throttled', count: 1, pause: 60_000 });
    expect(errorOf(record, 12_001)).toMatchObject({
      message: 'no (The next attempt is made in 13 s.)',
      retryAfter: 13,
      error: 'slow_down',
    });
  });
});
