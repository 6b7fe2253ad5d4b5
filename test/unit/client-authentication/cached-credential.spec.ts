import { EventEmitter, once } from 'node:events';
import { describe, expect, it } from '@jest/globals';
import { fingerprint } from '../../../lib/client-authentication/credential-callback.js';
import { textOption } from '../../../lib/client-authentication/credential-option.js';
import { CachedCredential, type CredentialWatch } from '../../../lib/client-authentication/cached-credential.js';
import { TestClock } from '../../../lib/testing/test-clock.js';

const place = { option: 'client.clientSecret', remedy: 'clientSecret: () => secret' };

/** A callback whose function gives `secrets`, one after the other; the last one again and again. */
function callbackOf(...secrets: (string | Promise<string>)[]) {
  const clock = new TestClock();
  let calls = 0;
  const read = (): string | Promise<string> => {
    calls += 1;
    return secrets[Math.min(calls, secrets.length) - 1] ?? '';
  };
  const seen: string[] = [];
  const watch: CredentialWatch = {
    failed: ({ message }) => void seen.push(message),
    recovered: () => void seen.push('recovered'),
    changed: () => void seen.push('changed'),
  };
  return {
    clock,
    seen,
    callback: new CachedCredential(textOption('clientSecret', place, read), clock, watch),
    calls: () => calls,
  };
}

const never = new Promise<string>(() => undefined);

describe('CachedCredential', () => {
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

  it('calls its function again after 10 minutes, and gives what it returns then', async () => {
    const { callback, clock, calls, seen } = callbackOf('first', 'second');
    await callback.value(100);
    await clock.advance(10 * 60_000 - 1);
    expect([await callback.value(100), calls()]).toEqual(['first', 1]);
    await clock.advance(1);
    expect([await callback.value(100), calls()]).toEqual(['second', 2]);
    expect(seen).toEqual(['changed']);
    await clock.advance(10 * 60_000 - 1);
    expect([await callback.value(100), calls()]).toEqual(['second', 2]);
  });

  it('tells nobody of a credential that is the same', async () => {
    const { callback, clock, seen } = callbackOf('same');
    await callback.value(100);
    await clock.advance(10 * 60_000);
    await callback.value(100);
    expect(seen).toEqual([]);
  });

  it('keeps the credential at hand while its function fails, and calls it again after 5 s', async () => {
    const failing = Promise.reject(new TypeError('s3cret'));
    failing.catch(() => undefined);
    const { callback, clock, calls, seen } = callbackOf('good', failing, '', 'new');
    await callback.value(100);
    await clock.advance(10 * 60_000);
    expect([await callback.value(100), await callback.value(100), calls()]).toEqual(['good', 'good', 2]);
    await clock.advance(5000);
    expect([await callback.value(100), calls()]).toEqual(['good', 3]);
    await clock.advance(5000);
    expect([await callback.value(100), calls()]).toEqual(['new', 4]);
    const [first, second, ...others] = seen;
    expect(first).toBe('the clientSecret function failed with TypeError');
    expect(second).toContain('returned an empty string');
    expect(others).toEqual(['recovered', 'changed']);
  });

  it('asks at once after a refusal, even if its function failed a moment ago', async () => {
    const { callback, clock } = callbackOf('old', '', 'new');
    await callback.value(100);
    await clock.advance(10 * 60_000);
    expect(await callback.value(100)).toBe('old');
    expect(await callback.changedSince(fingerprint('old'), 100)).toBe(true);
    expect(await callback.value(100)).toBe('new');
  });

  it('waits 1 s at most for a newer credential, and only one request waits', async () => {
    const { callback, clock, seen } = callbackOf('good', never);
    await callback.value(10_000);
    await clock.advance(10 * 60_000);
    const waiting = callback.value(10_000);
    expect(await callback.value(10_000)).toBe('good');
    await clock.advance(999);
    expect(seen).toEqual([]);
    await clock.advance(1);
    expect([await waiting, seen]).toEqual(['good', ['the clientSecret function did not answer in 1000 ms']]);
  });

  it('in doubt, calls its function for the next value, every 5 s at most', async () => {
    const { callback, clock, calls } = callbackOf('same');
    await callback.value(100);
    for (let i = 0; i < 3; i++) {
      callback.doubt();
      await callback.value(100);
    }
    expect(calls()).toBe(2);
    await clock.advance(5000);
    callback.doubt();
    await callback.value(100);
    expect(calls()).toBe(3);
  });
});
