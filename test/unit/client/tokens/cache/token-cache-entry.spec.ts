import { describe, expect, it } from '@jest/globals';
import { TokenCacheEntry } from '../../../../../lib/client/tokens/cache/token-cache-entry.js';
import { clientCredentials } from '../../../../../lib/client/tokens/grants/client-credentials.grant.js';
import { cacheToken, type CachedToken } from '../../../../../lib/client/tokens/token/cached-token.js';
import type { PreparedTokenRequest, PreviousToken } from '../../../../../lib/client/tokens/token/token-acquirer.js';
import { RenewalPostponed, RequestPostponed } from '../../../../../lib/client/tokens/token/postponed.js';
import { TestClock } from '../../../../../lib/testing/test-clock.js';
import { now } from '../../../../../lib/time/moment.js';
import { asking } from '../../../../support/client-token-manager.js';
import { resolvedClient } from '../../../../support/resolved-client.js';

const preferences = { leeway: undefined, ahead: undefined, jitter: 0 };

/**
 * An entry whose tokens are t1, t2, ... and live for `lifetime` ms, and the previous tokens that its acquirer was given.
 * Its pauses are 100 ms, 200 ms, 400 ms, and so on up to 1 s.
 */
function entryOf(lifetime = 60_000, renewsAhead = true) {
  const clock = new TestClock();
  const client = resolvedClient({ retry: { delay: 200, maxDelay: 2000 } });
  const previous: (PreviousToken | undefined)[] = [];
  const outages: number[] = [];
  const state = {
    failing: false,
    postponing: false,
    requestPause: undefined as number | undefined,
    delay: Promise.resolve(),
  };
  const acquire = async (_request: PreparedTokenRequest, token: PreviousToken | undefined): Promise<CachedToken> => {
    previous.push(token);
    const value = `t${previous.length}`;
    const requestedAt = now(clock);
    await state.delay;
    if (state.postponing && token?.spare) throw new RenewalPostponed(token.spare / 2);
    if (state.requestPause) throw new RequestPostponed(new Error('down a moment ago'), state.requestPause);
    if (state.failing) throw new Error('down');
    return cacheToken({ value, lifetime, scope: undefined, isBound: false, requestedAt }, preferences);
  };
  const grant = { ...clientCredentials(client.authorizationServer, asking()), renewsAhead };
  const entry = new TokenCacheEntry(
    { key: 'key', grant },
    {
      client,
      acquirer: { acquire },
      clock,
      random: () => 0,
      emit: (event) => event.type === 'served-during-outage' && outages.push(event.remaining),
    },
  );
  const get = async (signal?: AbortSignal) => (entry.current() ?? (await entry.nextOrCurrent(signal))).value;
  return { entry, clock, previous, outages, state, get };
}

describe('TokenCacheEntry', () => {
  it('waits for a new token if the leeway of the last one has begun', async () => {
    const { get, clock } = entryOf();
    expect(await get()).toBe('t1');
    await clock.advance(57_000);
    expect(await get()).toBe('t2');
  });

  it('renews ahead in the background, and nobody waits', async () => {
    const { get, clock, previous } = entryOf();
    await get();
    await clock.advance(53_999);
    await get();
    expect(previous).toHaveLength(1);
    await clock.advance(1);
    expect(await Promise.all([get(), get()])).toEqual(['t1', 't1']);
    expect(previous).toEqual([undefined, { value: 't1', valid: true, remaining: 6000, spare: 3000 }]);
    await clock.advance(0);
    expect(await get()).toBe('t2');
  });

  it('waits for the next token if its grant renews none ahead', async () => {
    const { get, clock, previous } = entryOf(60_000, false);
    await get();
    await clock.advance(56_999);
    expect(await get()).toBe('t1');
    await clock.advance(1);
    expect(await get()).toBe('t2');
    expect(previous).toHaveLength(2);
  });

  it('leaves growing pauses between renewals that fail, and goes on serving', async () => {
    const { get, clock, previous, state } = entryOf();
    await get();
    state.failing = true;
    await clock.advance(54_000);
    const attempts: number[] = [];
    for (let i = 0; i < 290; i++) {
      const before = previous.length;
      expect(await get()).toBe('t1');
      await clock.advance(0);
      await clock.advance(10);
      if (previous.length > before) attempts.push(i * 10);
    }
    expect(attempts).toEqual([0, 100, 300, 700, 1500, 2500]);
  });

  it('postpones a renewal once, and not for a call that waits', async () => {
    const { entry, get, clock, previous, state } = entryOf();
    await get();
    state.postponing = true;
    await clock.advance(54_000);
    await get();
    await clock.advance(0);
    await clock.advance(1400);
    await get();
    expect(previous).toHaveLength(2);
    await clock.advance(100);
    await get();
    expect(previous.at(-1)).toEqual({ value: 't1', valid: true, remaining: 4500, spare: 0 });

    await clock.advance(54_000);
    state.delay = new Promise((resolve) => void clock.after(10, resolve));
    await get();
    const forced = entry.next(undefined);
    await clock.advance(10);
    expect(await forced).toMatchObject({ value: 't5' });
  });

  it('uses a token of one second, and acquires the next one when nine tenths of it are over', async () => {
    const { get, clock, previous } = entryOf(1000);
    for (let i = 0; i < 100; i++) {
      await get();
      await clock.advance(100);
    }
    expect(previous).toHaveLength(12);
  });

  it('acquires one token for all callers', async () => {
    const { get, previous } = entryOf();
    expect(new Set(await Promise.all(Array.from({ length: 1000 }, () => get())))).toEqual(new Set(['t1']));
    expect(previous).toHaveLength(1);
  });

  it.each(['the wall clock', 'the monotonic clock'])('takes a token for expired when %s says so', async (which) => {
    const { get, clock } = entryOf();
    await get();
    if (which === 'the wall clock') {
      clock.jump(60_000);
    } else {
      clock.jump(-60_000);
      await clock.advance(60_000);
    }
    expect(await get()).toBe('t2');
  });

  it('gives a failure to all callers, and acquires again for a later one', async () => {
    const { get, previous, state } = entryOf();
    state.failing = true;
    const results = await Promise.allSettled([get(), get(), get()]);
    expect(results.map(({ status }) => status)).toEqual(['rejected', 'rejected', 'rejected']);
    state.failing = false;
    expect(await get()).toBe('t2');
    expect(previous).toHaveLength(2);
  });

  it('ends the wait of the caller who aborts, and no other one', async () => {
    const { get, previous } = entryOf();
    const controller = new AbortController();
    const [aborting, waiting] = [get(controller.signal), get(new AbortController().signal)];
    controller.abort(new Error('enough'));
    await expect(aborting).rejects.toThrow('enough');
    expect(await waiting).toBe('t1');
    expect(previous).toHaveLength(1);
  });

  it('waits for a newer token no longer than a second, and not twice', async () => {
    const { get, clock, state, outages } = entryOf(600_000);
    await get();
    await clock.advance(590_000);
    state.delay = new Promise(() => undefined);
    const slow = get();
    await clock.advance(999);
    await expect(Promise.race([slow, Promise.resolve('waiting')])).resolves.toBe('waiting');
    await clock.advance(1);
    expect(await slow).toBe('t1');
    expect(await get()).toBe('t1');
    expect(outages).toEqual([9000]);
  });

  it('does not fall back on a token that is rejected meanwhile', async () => {
    const { entry, get, clock, state } = entryOf();
    await get();
    await clock.advance(57_000);
    state.delay = new Promise((resolve) => void clock.after(2000, resolve));
    const waiting = get();
    entry.forget('t1');
    await clock.advance(1500);
    await expect(Promise.race([waiting, Promise.resolve('waiting')])).resolves.toBe('waiting');
    await clock.advance(500);
    expect(await waiting).toBe('t2');
  });

  it('does not fall back on a token that expires while the machine is suspended', async () => {
    const { get, clock, state } = entryOf(600_000);
    await get();
    await clock.advance(590_000);
    state.delay = new Promise((resolve) => void clock.after(20_000, resolve));
    const waiting = get();
    clock.jump(3_600_000);
    await clock.advance(20_000);
    expect(await waiting).toBe('t3');
  });

  it('leaves a pause after a request that was postponed, and does not count it as one that failed', async () => {
    const { get, clock, previous, state } = entryOf();
    await get();
    await clock.advance(54_000);
    const attempts: number[] = [];
    state.requestPause = 30;
    for (let time = 0; time < 600; time += 10) {
      const before = previous.length;
      if (time === 60) Object.assign(state, { requestPause: undefined, failing: true });
      expect(await get()).toBe('t1');
      await clock.advance(0);
      await clock.advance(10);
      if (previous.length > before) attempts.push(time);
    }
    expect(attempts).toEqual([0, 30, 60, 160, 360]);
  });

  it('gives the caller the failure because of which a request was postponed', async () => {
    const { get, state } = entryOf();
    state.requestPause = 30;
    await expect(get()).rejects.toThrow('down a moment ago');
  });

  it('acquires a token for a call that waits for a renewal which fails', async () => {
    const { get, clock, state, previous } = entryOf();
    await get();
    await clock.advance(56_900);
    Object.assign(state, { failing: true, delay: new Promise<void>((resolve) => void clock.after(4000, resolve)) });
    await get();
    await clock.advance(3500);
    const waiting = [get(), get()];
    Object.assign(state, { delay: Promise.resolve() });
    await clock.advance(499);
    expect(previous).toHaveLength(2);
    state.failing = true;
    await clock.advance(0);
    const results = Promise.allSettled(waiting);
    await clock.advance(1);
    expect((await results).map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    expect(previous).toHaveLength(3);
  });

  it('begins another acquisition if the last one takes longer than its timeout, and keeps the token that comes first', async () => {
    const { get, clock, state, previous } = entryOf();
    state.delay = new Promise((resolve) => void clock.after(20_000, resolve));
    const first = get();
    await clock.advance(10_000);
    const joined = get();
    await clock.advance(1);
    state.delay = Promise.resolve();
    expect(await get()).toBe('t2');
    expect(previous).toHaveLength(2);
    await clock.advance(10_000);
    expect(await Promise.all([first, joined, get()])).toEqual(['t1', 't1', 't2']);
  });

  it('is settled when nothing is under way any more', async () => {
    const { entry, get, clock, state } = entryOf();
    await entry.settled();
    state.failing = true;
    state.delay = new Promise((resolve) => void clock.after(10, resolve));
    const failing = get().catch((error: Error) => error.message);
    const settled = entry.settled();
    await clock.advance(10);
    await settled;
    expect(await failing).toBe('down');
  });

  it('serves a token within its leeway while none newer can be had, and fails when it is expired', async () => {
    const { get, clock, state, outages } = entryOf();
    await get();
    state.failing = true;
    await clock.advance(58_000);
    expect(await get()).toBe('t1');
    expect(outages).toEqual([2000]);
    await clock.advance(2000);
    await expect(get()).rejects.toThrow('down');
  });

  it('gives its acquirer what is known of the previous token', async () => {
    const { entry, get, clock, previous } = entryOf();
    await get();
    await entry.next(undefined);
    await clock.advance(60_000);
    await get();
    entry.forget('t3');
    await get();
    expect(previous).toEqual([
      undefined,
      { value: 't1', valid: true, remaining: 0, spare: 0 },
      { value: 't2', valid: false, remaining: 0, spare: 0 },
      { value: 't3', valid: false, remaining: 0, spare: 0 },
    ]);
  });

  it('forgets a token only if it is still the one meant', async () => {
    const { entry, get } = entryOf();
    await get();
    entry.forget('another');
    expect(await get()).toBe('t1');
    entry.forget('t1');
    expect(await get()).toBe('t2');
    entry.forget(undefined);
    expect(await get()).toBe('t3');
  });
});
