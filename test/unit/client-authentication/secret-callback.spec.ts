import { EventEmitter, once } from 'node:events';
import { describe, expect, it } from '@jest/globals';
import { fingerprint } from '../../../lib/client-authentication/credential-callback.js';
import { SecretCallback } from '../../../lib/client-authentication/secret-callback.js';
import { TestClock } from '../../../lib/testing/test-clock.js';

/** A callback whose function gives `secrets`, one after the other; the last one again and again. */
function callbackOf(...secrets: (string | Promise<string>)[]) {
  const clock = new TestClock();
  let calls = 0;
  const read = (): string | Promise<string> => {
    calls += 1;
    return secrets[Math.min(calls, secrets.length) - 1] ?? '';
  };
  return { clock, callback: new SecretCallback(read, clock), calls: () => calls };
}

const never = new Promise<string>(() => undefined);

describe('SecretCallback', () => {
  it('is cached', () => {
    expect(callbackOf('a').callback.isCached).toBe(true);
  });

  it('calls its function for the first value only', async () => {
    const { callback, calls } = callbackOf('first', 'second');
    expect([await callback.value(100), await callback.value(100), calls()]).toEqual(['first', 'first', 1]);
  });

  it('calls its function once for values that are awaited together', async () => {
    const { callback, calls } = callbackOf('first', 'second');
    expect(await Promise.all([callback.value(100), callback.value(100)])).toEqual(['first', 'first']);
    expect(calls()).toBe(1);
  });

  it('gives the new secret after it found that the refused one changed', async () => {
    const { callback } = callbackOf('old', 'new');
    await callback.value(100);
    expect(await callback.changedSince(fingerprint('old'), 100)).toBe(true);
    expect(await callback.value(100)).toBe('new');
  });

  it('tells a change that another request found, without a call', async () => {
    const { callback, calls } = callbackOf('new');
    await callback.value(100);
    expect(await callback.changedSince(fingerprint('old'), 100)).toBe(true);
    expect(calls()).toBe(1);
  });

  it('calls its function at most every 5 s for a secret that stays refused', async () => {
    const { callback, clock, calls } = callbackOf('same');
    await callback.value(100);
    const changed = () => callback.changedSince(fingerprint('same'), 100);
    expect([await changed(), await changed(), calls()]).toEqual([false, false, 2]);
    await clock.advance(4999);
    await changed();
    expect(calls()).toBe(2);
    await clock.advance(1);
    await changed();
    expect(calls()).toBe(3);
  });

  it('keeps the known secret if the function fails when it is called again', async () => {
    const failing = Promise.reject(new Error('vault'));
    failing.catch(() => undefined);
    const { callback } = callbackOf('known', failing);
    await callback.value(100);
    expect(await callback.changedSince(fingerprint('known'), 100)).toBe(false);
    expect(await callback.value(100)).toBe('known');
  });

  it('throws if there is nothing yet to compare a refused secret with', async () => {
    const { callback } = callbackOf('');
    await expect(callback.changedSince(fingerprint('x'), 100)).rejects.toHaveProperty('code', 'ERR_M2M_CONFIGURATION');
  });

  it('repeats the error for 5 s if the function returns no secret', async () => {
    const { callback, clock, calls } = callbackOf('', 'secret');
    await expect(callback.value(100)).rejects.toThrow('returned an empty string');
    await clock.advance(4999);
    await expect(callback.value(100)).rejects.toThrow('returned an empty string');
    expect(calls()).toBe(1);
    await clock.advance(1);
    expect(await callback.value(100)).toBe('secret');
  });

  it('calls its function anew after a call that hangs', async () => {
    const { callback, clock } = callbackOf(never, 'secret');
    const [hanging] = await Promise.allSettled([callback.value(100), clock.advance(100)]);
    expect(hanging).toMatchObject({ reason: { message: 'the clientSecret function did not answer in 100 ms' } });
    expect(await callback.value(100)).toBe('secret');
  });

  it('does not replace a newer secret by one that comes late', async () => {
    const late = new EventEmitter();
    const { callback, clock } = callbackOf(
      once(late, 'secret').then(([secret]) => String(secret)),
      'new',
    );
    const [hanging] = await Promise.allSettled([callback.value(100), clock.advance(100)]);
    expect(hanging.status).toBe('rejected');
    await callback.value(100);
    late.emit('secret', 'old');
    await clock.advance(0);
    expect(await callback.value(100)).toBe('new');
  });
});
