import { inspect } from 'node:util';
import { describe, expect, it } from '@jest/globals';
import { callBack } from '../../../lib/time/callback.js';
import { TestClock } from '../../../lib/testing/test-clock.js';
import { failureOf } from '../../support/scripted-token-endpoint.js';

describe('callBack', () => {
  it.each([
    ['a value', () => 5],
    ['a promise', () => Promise.resolve(5)],
  ])('resolves with the result of a function that returns %s', async (_name, call) => {
    expect(await callBack('a.b', call, 1000, new TestClock())).toBe(5);
  });

  it.each<[string, () => never]>([
    [
      'throws',
      () => {
        throw new RangeError('s3cret');
      },
    ],
    ['rejects', () => Promise.reject(new RangeError('s3cret', { cause: 's3cret' })) as never],
  ])('tells only the class of what a function %s (claim 6.4)', async (_name, call) => {
    const error = await failureOf(callBack('a.b', call, 1000, new TestClock()));
    expect(error).toMatchObject({
      code: 'ERR_M2M_CALLBACK',
      option: 'a.b',
      message: 'the function a.b failed with RangeError',
    });
    expect(inspect(error, { depth: 9, showHidden: true })).not.toContain('s3cret');
  });

  it('takes nothing that a polluted Object.prototype holds for a failure (claim 6.2)', async () => {
    Object.assign(Object.prototype, { failure: 'polluted' });
    try {
      expect(await callBack('a.b', () => 5, 1000, new TestClock())).toBe(5);
    } finally {
      Reflect.deleteProperty(Object.prototype, 'failure');
    }
  });

  it('fails if the function takes too long (claim 6.4)', async () => {
    const clock = new TestClock();
    const failure = failureOf(callBack('a.b', () => new Promise(() => {}), 1000, clock));
    await clock.advance(1000);
    expect((await failure).message).toBe('the function a.b did not answer in 1000 ms');
  });
});
