import { describe, expect, it } from '@jest/globals';
import { hold, type HeldToken, type KnownToken } from '../../../../lib/client/token/life/held-token.js';
import { now } from '../../../../lib/client/token/life/instant.js';
import { TokenSlot } from '../../../../lib/client/token/token-slot.js';
import { FakeClock } from '../../../support/fake-clock.js';

const preferences = { leeway: undefined, ahead: undefined, jitter: undefined };

/** A slot whose tokens are t1, t2, ... and live for `lifetime` ms, and what it was told and asked. */
function slotOf(lifetime = 60_000) {
  const clock = new FakeClock();
  const known: (KnownToken | undefined)[] = [];
  const outages: number[] = [];
  const state = { failing: false };
  const obtain = async (token: KnownToken | undefined): Promise<HeldToken> => {
    known.push(token);
    const from = now(clock);
    await Promise.resolve();
    if (state.failing) throw new Error('down');
    return hold({ value: `t${known.length}`, lifetime, scope: undefined }, from, lifetime, preferences);
  };
  const slot = new TokenSlot({ clock, obtain, onServedDuringOutage: (remaining) => void outages.push(remaining) });
  const get = async (signal?: AbortSignal) => (slot.current() ?? (await slot.nextOrCurrent(signal))).value;
  return { slot, clock, known, outages, state, get };
}

describe('TokenSlot', () => {
  it('uses a token until its leeway begins', async () => {
    const { get, clock } = slotOf();
    expect(await get()).toBe('t1');
    await clock.advance(56_999);
    expect(await get()).toBe('t1');
    await clock.advance(1);
    expect(await get()).toBe('t2');
  });

  it('uses a token of one second, and asks for no more than one a second', async () => {
    const { get, clock, known } = slotOf(1000);
    for (let i = 0; i < 100; i++) {
      await get();
      await clock.advance(100);
    }
    expect(known).toHaveLength(10);
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
      { value: 't1', valid: true },
      { value: 't2', valid: false },
      { value: 't3', valid: false },
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
