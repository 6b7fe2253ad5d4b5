import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { describe, expect, it } from '@jest/globals';
import { cacheToken, type CachedToken } from '../../../lib/client/tokens/token/cached-token.js';
import type { PreparedTokenRequest } from '../../../lib/client/tokens/token/token-acquirer.js';
import { now } from '../../../lib/time/moment.js';
import { TestClock } from '../../../lib/testing/test-clock.js';
import { acquiringManager } from '../../support/acquiring-manager.js';
import { asking } from '../../support/client-token-manager.js';
import { resolvedClient } from '../../support/resolved-client.js';

const HOUR = 3_600_000;

/** A token manager whose tokens come out of nowhere, and its requests. */
function tokenManager() {
  const clock = new TestClock();
  const client = resolvedClient({});
  const requests: WeakRef<PreparedTokenRequest>[] = [];
  const state = { refusing: false, until: Promise.resolve() };
  /** Delays all requests from now on. Returns a function that ends that. */
  const delay = (): (() => void) => {
    let end: (() => void) | undefined;
    state.until = new Promise((resolve) => (end = resolve));
    return () => end?.();
  };
  const acquire = async (request: PreparedTokenRequest): Promise<CachedToken> => {
    const value = `t${requests.push(new WeakRef(request))}`;
    await state.until;
    if (state.refusing) throw new Error('refused');
    return cacheToken(
      { value, lifetime: HOUR, scope: undefined, isBound: false, requestedAt: now(clock) },
      client.renewal,
    );
  };
  const manager = acquiringManager(client, clock, acquire);
  const get = async (name: string) => (await manager.getAccessToken(asking({ audience: name }))).value;
  return { manager, get, requests, state, delay, clock };
}

/** How many of these are still in memory. */
async function alive(references: readonly WeakRef<object>[]): Promise<number> {
  setFlagsFromString('--expose-gc');
  const collectGarbage = runInNewContext('gc') as () => void;
  await new Promise((resolve) => setImmediate(resolve));
  collectGarbage();
  return references.filter((reference) => reference.deref()).length;
}

describe('the tokens in memory', () => {
  it('are 10 000 at most, of 100 000: the oldest that were not used leave', async () => {
    const { get, requests, clock } = tokenManager();
    const hot = new Set([await get('hot')]);
    for (let i = 0; i < 100_000; i++) {
      await get(`a${i}`);
      if (i % 5000 === 0) hot.add(await get('hot'));
      if (i % 5000 === 0) await clock.advance(0);
    }
    expect(hot.size).toBe(1);
    expect(requests).toHaveLength(100_001);
    for (let i = 90_001; i < 100_000; i++) await get(`a${i}`);
    expect(requests).toHaveLength(100_001);
    expect(await alive(requests)).toBe(10_000);
    await get('a90000');
    expect(requests).toHaveLength(100_002);
  });

  it('do not leave for what is refused, nor does that stay', async () => {
    const { get, requests, state } = tokenManager();
    const used = await get('used');
    state.refusing = true;
    for (let i = 0; i < 10_050; i++) await get(`a${i}`).catch(() => undefined);
    expect(requests).toHaveLength(10_051);
    expect(await get('used')).toBe(used);
    expect(await alive(requests)).toBe(1);
  });

  it('do not leave for what is under way: that is requested once, however much it is', async () => {
    const { get, requests, delay } = tokenManager();
    const used = await get('used');
    const land = delay();
    const flights = Array.from({ length: 10_050 }, (_item, i) => get(`a${i}`));
    flights.push(get('a0'));
    expect(requests).toHaveLength(10_051);
    expect(await get('used')).toBe(used);
    land();
    const values = await Promise.all(flights);
    expect(values.at(-1)).toBe(values[0]);
  });
});

describe('close', () => {
  it('waits for what is under way, even for a token that left memory', async () => {
    const { manager, get, requests, state, delay, clock } = tokenManager();
    await get('renewed');
    await clock.advance(HOUR - 15_000);
    const land = delay();
    await get('renewed');
    expect(requests).toHaveLength(2);
    state.until = Promise.resolve();
    for (let i = 0; i < 20_000; i++) await get(`a${i}`);
    let closed = false;
    const closing = manager.close().then(() => (closed = true));
    await clock.advance(0);
    expect(closed).toBe(false);
    land();
    await closing;
    await get('renewed');
    expect(requests).toHaveLength(20_002);
  });
});
