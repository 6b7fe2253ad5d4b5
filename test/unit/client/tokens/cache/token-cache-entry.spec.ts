import { describe, expect, it } from '@jest/globals';
import {
  cacheToken,
  type CachedToken,
  type PreviousToken,
} from '../../../../../lib/client/tokens/token/cached-token.js';
import { RenewalPostponed } from '../../../../../lib/client/tokens/token/renewal-postponed.js';
import { RequestPostponed } from '../../../../../lib/client/tokens/token/request-postponed.js';
import { now } from '../../../../../lib/time/moment.js';
import { TokenCacheEntry } from '../../../../../lib/client/tokens/cache/token-cache-entry.js';
import { TestClock } from '../../../../../lib/testing/test-clock.js';

const preferences = { leeway: undefined, ahead: undefined, jitter: 0 };

/** A slot whose tokens are t1, t2, ... and live for `lifetime` ms, and what it was told and asked. */
function slotOf(lifetime = 60_000) {
  const clock = new TestClock();
  const known: (PreviousToken | undefined)[] = [];
  const outages: number[] = [];
  const state = {
    failing: false,
    postponing: false,
    heldBack: undefined as { pause: number } | undefined,
    delay: Promise.resolve(),
  };
  const obtain = async (token: PreviousToken | undefined): Promise<CachedToken> => {
    known.push(token);
    const value = `t${known.length}`;
    const from = now(clock);
    await state.delay;
    if (state.postponing && token?.spare) throw new RenewalPostponed(token.spare / 2);
    if (state.heldBack) throw new RequestPostponed(new Error('down a moment ago'), state.heldBack.pause);
    if (state.failing) throw new Error('down');
    return cacheToken({ value, lifetime, scope: undefined }, from, lifetime, preferences);
  };
  const slot = new TokenCacheEntry({
    clock,
    obtain,
    pauseAfter: (failures) => 100 * failures,
    onServedDuringOutage: (remaining) => void outages.push(remaining),
  });
  const get = async (signal?: AbortSignal) => (slot.current() ?? (await slot.nextOrCurrent(signal))).value;
  return { slot, clock, known, outages, state, get };
}

describe('TokenSlot', () => {
  it('waits for a new token where the leeway of the last one has begun', async () => {
    const { get, clock } = slotOf();
    expect(await get()).toBe('t1');
    await clock.advance(57_000);
    expect(await get()).toBe('t2');
  });

  it('renews ahead in the background, and nobody waits', async () => {
    const { get, clock, known } = slotOf();
    await get();
    await clock.advance(53_999);
    await get();
    expect(known).toHaveLength(1);
    await clock.advance(1);
    expect(await Promise.all([get(), get()])).toEqual(['t1', 't1']);
    expect(known).toEqual([undefined, { value: 't1', valid: true, remaining: 6000, spare: 3000 }]);
    await clock.advance(0);
    expect(await get()).toBe('t2');
  });

  it('leaves growing pauses between renewals that fail, and goes on serving', async () => {
    const { get, clock, known, state } = slotOf();
    await get();
    state.failing = true;
    await clock.advance(54_000);
    const attempts: number[] = [];
    for (let i = 0; i < 290; i++) {
      const before = known.length;
      expect(await get()).toBe('t1');
      await clock.advance(0);
      await clock.advance(10);
      if (known.length > before) attempts.push(i * 10);
    }
    expect(attempts).toEqual([0, 100, 300, 600, 1000, 1500, 2100, 2800]);
  });

  it('puts a renewal off once, and not for a call that waits', async () => {
    const { slot, get, clock, known, state } = slotOf();
    await get();
    state.postponing = true;
    await clock.advance(54_000);
    await get();
    await clock.advance(0);
    await clock.advance(1400);
    await get();
    expect(known).toHaveLength(2);
    await clock.advance(100);
    await get();
    expect(known.at(-1)).toEqual({ value: 't1', valid: true, remaining: 4500, spare: 0 });

    await clock.advance(54_000);
    state.delay = new Promise((resolve) => void clock.after(10, resolve));
    await get();
    const forced = slot.next(undefined);
    await clock.advance(10);
    expect(await forced).toMatchObject({ value: 't5' });
  });

  it('uses a token of one second, and asks for one each time that nine tenths of it are over', async () => {
    const { get, clock, known } = slotOf(1000);
    for (let i = 0; i < 100; i++) {
      await get();
      await clock.advance(100);
    }
    expect(known).toHaveLength(12);
  });

  it('makes one request for all who wait', async () => {
    const { get, known } = slotOf();
    expect(new Set(await Promise.all(Array.from({ length: 1000 }, () => get())))).toEqual(new Set(['t1']));
    expect(known).toHaveLength(1);
  });

  it.each(['the wall clock', 'the monotonic clock'])('takes a token for expired when %s says so', async (which) => {
    const { get, clock } = slotOf();
    await get();
    if (which === 'the wall clock') {
      clock.jump(60_000);
    } else {
      clock.jump(-60_000);
      await clock.advance(60_000);
    }
    expect(await get()).toBe('t2');
  });

  it('gives a failure to all who wait, and asks again for who comes later', async () => {
    const { get, known, state } = slotOf();
    state.failing = true;
    const results = await Promise.allSettled([get(), get(), get()]);
    expect(results.map(({ status }) => status)).toEqual(['rejected', 'rejected', 'rejected']);
    state.failing = false;
    expect(await get()).toBe('t2');
    expect(known).toHaveLength(2);
  });

  it('ends the wait of the one who aborts, and no one else’s', async () => {
    const { get, known } = slotOf();
    const controller = new AbortController();
    const [aborting, waiting] = [get(controller.signal), get(new AbortController().signal)];
    controller.abort(new Error('enough'));
    await expect(aborting).rejects.toThrow('enough');
    expect(await waiting).toBe('t1');
    expect(known).toHaveLength(1);
  });

  it('waits for a newer token no longer than a second, and not twice', async () => {
    const { get, clock, state, outages } = slotOf(600_000);
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
    const { slot, get, clock, state } = slotOf();
    await get();
    await clock.advance(57_000);
    state.delay = new Promise((resolve) => void clock.after(2000, resolve));
    const waiting = get();
    slot.forget('t1');
    await clock.advance(1500);
    await expect(Promise.race([waiting, Promise.resolve('waiting')])).resolves.toBe('waiting');
    await clock.advance(500);
    expect(await waiting).toBe('t2');
  });

  it('does not fall back on a token that expires while the machine is suspended', async () => {
    const { get, clock, state } = slotOf(600_000);
    await get();
    await clock.advance(590_000);
    state.delay = new Promise((resolve) => void clock.after(20_000, resolve));
    const waiting = get();
    clock.jump(3_600_000);
    await clock.advance(20_000);
    expect(await waiting).toBe('t2');
  });

  it('leaves a pause after a request that was held back, and does not count it as one that failed', async () => {
    const { get, clock, known, state } = slotOf();
    await get();
    await clock.advance(54_000);
    const attempts: number[] = [];
    state.heldBack = { pause: 30 };
    for (let time = 0; time < 600; time += 10) {
      const before = known.length;
      if (time === 60) Object.assign(state, { heldBack: undefined, failing: true });
      expect(await get()).toBe('t1');
      await clock.advance(0);
      await clock.advance(10);
      if (known.length > before) attempts.push(time);
    }
    expect(attempts).toEqual([0, 30, 60, 160, 360]);
  });

  it('tells the caller why a request was held back', async () => {
    const { get, state } = slotOf();
    state.heldBack = { pause: 30 };
    await expect(get()).rejects.toThrow('down a moment ago');
  });

  it('tells when nothing is under way any more', async () => {
    const { slot, get, clock, state } = slotOf();
    await slot.settled();
    state.failing = true;
    state.delay = new Promise((resolve) => void clock.after(10, resolve));
    const failing = get().catch((error: Error) => error.message);
    const settled = slot.settled();
    await clock.advance(10);
    await settled;
    expect(await failing).toBe('down');
  });

  it('serves a token within its leeway while none newer can be had, and fails when it is expired', async () => {
    const { get, clock, state, outages } = slotOf();
    await get();
    state.failing = true;
    await clock.advance(58_000);
    expect(await get()).toBe('t1');
    expect(outages).toEqual([2000]);
    await clock.advance(2000);
    await expect(get()).rejects.toThrow('down');
  });

  it('tells what is known of the last token when it asks for the next', async () => {
    const { slot, get, clock, known } = slotOf();
    await get();
    await slot.next(undefined);
    await clock.advance(60_000);
    await get();
    slot.forget('t3');
    await get();
    expect(known).toEqual([
      undefined,
      { value: 't1', valid: true, remaining: 0, spare: 0 },
      { value: 't2', valid: false, remaining: 0, spare: 0 },
      { value: 't3', valid: false, remaining: 0, spare: 0 },
    ]);
  });

  it('forgets a token only if it is still the one meant', async () => {
    const { slot, get } = slotOf();
    await get();
    slot.forget('another');
    expect(await get()).toBe('t1');
    slot.forget('t1');
    expect(await get()).toBe('t2');
    slot.forget(undefined);
    expect(await get()).toBe('t3');
  });
});
