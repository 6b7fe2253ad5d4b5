import { describe, expect, it, jest } from '@jest/globals';
import { TokenStoreError } from '../../../../../lib/errors/token-store.error.js';
import { FaultTolerantTokenStore } from '../../../../../lib/client/tokens/acquisition/fault-tolerant-token-store.js';
import type { TokenStore } from '../../../../../lib/options/token-store.js';
import { TestClock } from '../../../../../lib/testing/test-clock.js';
import { MemoryTokenStore } from '../../../../support/memory-token-store.js';
import { passing } from '../../../../support/scripted-upstream.js';

function patient(broken: Partial<TokenStore>) {
  const clock = new TestClock();
  const errors: TokenStoreError[] = [];
  const inner = Object.assign(new MemoryTokenStore(clock), broken);
  return { clock, inner, errors, store: new FaultTolerantTokenStore(inner, clock, (error) => void errors.push(error)) };
}

const refuse = () => Promise.reject(new Error('READONLY'));

describe('PatientStore', () => {
  it('waits 150 ms, and leaves a store that is slower alone for a second', async () => {
    const { clock, store, errors } = patient({ get: () => new Promise(() => undefined) });
    await passing(clock, store.get('k'));
    expect(clock.monotonic()).toBe(150);
    expect(store.down).toBe(true);
    await store.set('k', 'v', 1000);
    await clock.advance(999);
    expect(await store.acquire('k', 1000)).toBeUndefined();
    await clock.advance(1);
    expect(await store.acquire('k', 1000)).toHaveProperty('release');
    expect(errors.map(({ message }) => message)).toEqual([
      'the token store did not get within 150 ms; it is left alone for 1000 ms',
    ]);
  });

  it('gives 500 ms to what nobody waits for, even while it leaves the store alone', async () => {
    const stored: string[] = [];
    const late = (what: string, wait: number) => () =>
      new Promise<void>((resolve) => void clock.after(wait, () => resolve(void stored.push(what))));
    const { clock, inner, store, errors } = patient({ get: () => new Promise(() => undefined) });
    await passing(clock, store.get('k'));
    errors.splice(0);
    inner.set = late('set', 499);
    inner.delete = late('delete', 499);
    const lease = { release: late('release', 499) };
    const done = Promise.all([store.set('k', 'v', 1000), store.delete('k'), store.release(lease)]);
    expect(await passing(clock, done)).toMatchObject({ value: [undefined, undefined, true] });
    expect([stored, errors]).toEqual([['set', 'delete', 'release'], []]);
    await clock.advance(1000);
    inner.set = late('set', 501);
    await passing(clock, store.set('k', 'v', 1000));
    expect(errors.map(({ message }) => message)).toEqual([
      'the token store did not set within 500 ms; it is left alone for 1000 ms',
    ]);
  });

  it('goes on reading from a store that refuses the rest', async () => {
    const { clock, inner, store, errors } = patient({});
    await store.set('k', 'v', 10_000);
    Object.assign(inner, { set: refuse, delete: refuse, acquire: refuse });
    expect(await store.acquire('k', 1000)).toBeUndefined();
    await store.set('k', 'w', 1000);
    await store.delete('k');
    expect(await store.release({ release: refuse })).toBe(false);
    expect([await store.get('k'), store.down]).toMatchObject([{ value: 'v' }, true]);
    expect(errors.map(({ message }) => message)).toEqual([
      'the token store failed to acquire: Error; it is left alone for 1000 ms',
    ]);
    Object.assign(inner, { acquire: () => Promise.resolve(undefined) });
    expect(await store.acquire('k', 1000)).toBeUndefined();
    await clock.advance(1000);
    expect([await store.acquire('k', 1000), store.down]).toEqual(['taken', false]);
  });

  it('says once that several operations failed at once, without repeating what they held', async () => {
    const { store, errors } = patient({ get: () => Promise.reject(new RangeError('the secret value')) });
    await Promise.all([store.get('a'), store.get('b')]);
    expect(errors.map(({ message }) => message)).toEqual([
      'the token store failed to get: RangeError; it is left alone for 1000 ms',
    ]);
    const odd = patient({ get: () => Promise.reject('the secret value') });
    await odd.store.get('a');
    expect(odd.errors[0]?.message).toContain('failed to get: string');
  });

  it('goes on with a store that cannot use one value', async () => {
    const unusable = new TokenStoreError('a value was tampered with');
    const { store, errors } = patient({ get: () => Promise.reject(unusable) });
    expect(await store.get('k')).toBeUndefined();
    expect([store.down, errors]).toEqual([false, [unusable]]);
  });

  it('goes on as well if the store is of another copy of the package', async () => {
    jest.resetModules();
    const copy = await import('../../../../../lib/errors/token-store.error.js');
    const unusable = new copy.TokenStoreError('a value was tampered with');
    expect(unusable).not.toBeInstanceOf(TokenStoreError);
    const { store, errors } = patient({ get: () => Promise.reject(unusable) });
    expect(await store.get('k')).toBeUndefined();
    expect([store.down, errors]).toEqual([false, [unusable]]);
  });

  it.each([undefined, null])('takes %p for a miss', async (answer) => {
    const { store, errors } = patient({ get: () => Promise.resolve(answer as undefined) });
    expect(await store.get('k')).toBeUndefined();
    expect([store.down, errors]).toEqual([false, []]);
  });

  it.each<[unknown]>([
    [0],
    ['v'],
    [{}],
    [{ value: 1, remaining: 1000 }],
    [{ value: 'v' }],
    [{ value: 'v', remaining: '1000' }],
    [{ value: 'v', remaining: Infinity }],
    [{ value: 'v', remaining: NaN }],
  ])('takes %p for a miss, and says so', async (answer) => {
    const { store, errors } = patient({ get: () => Promise.resolve(answer as undefined) });
    expect(await store.get('k')).toBeUndefined();
    expect(store.down).toBe(false);
    expect(errors.map(({ message }) => message)).toEqual([
      'the token store answered get with something else than a text and its remaining milliseconds',
    ]);
  });

  it('tells a lease that is taken from one that is not to be had', async () => {
    const { inner, store } = patient({});
    const lease = await store.acquire('k', 1000);
    expect(await store.acquire('k', 1000)).toBe('taken');
    if (typeof lease === 'object') await store.release(lease);
    expect(await store.acquire('k', 1000)).toHaveProperty('release');
    Object.assign(inner, { acquire: undefined });
    expect(await store.acquire('k', 1000)).toBeUndefined();
  });

  it('gives back a lease that comes too late', async () => {
    const { clock, inner, store } = patient({});
    const acquire = inner.acquire.bind(inner);
    inner.acquire = async (key, lifetime) => {
      await new Promise<void>((resolve) => void clock.after(500, resolve));
      return acquire(key, lifetime);
    };
    await passing(clock, store.acquire('k', 60_000));
    await clock.advance(1000);
    expect(await acquire('k', 60_000)).toBeDefined();
  });

  it('bears with a store that throws at once', async () => {
    const { store, errors } = patient({
      get: () => {
        throw new Error('not a promise');
      },
    });
    expect(await store.get('k')).toBeUndefined();
    expect(errors).toHaveLength(1);
  });
});
