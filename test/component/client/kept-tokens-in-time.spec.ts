import { describe, expect, it } from '@jest/globals';
import type { KeptToken } from '../../../lib/client/tokens/cache/kept-token.js';
import { TestClock } from '../../../lib/testing/test-clock.js';
import type { M2MNamedClientOptions } from '../../../lib/options/client-options.js';
import { clientTokenManager, simulatedTokenManager } from '../../support/client-token-manager.js';
import { MemoryTokenStore } from '../../support/memory-token-store.js';
import { granted, refused, ScriptedUpstream, type Step } from '../../support/scripted-upstream.js';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** A kept token of a client on the injected clock, and the values that it had. */
async function keptToken(options: Partial<M2MNamedClientOptions> = {}, answer?: (count: number) => Step) {
  const made = simulatedTokenManager({ renewal: { jitter: 0 }, ...options }, answer);
  const token = await made.manager.keepToken(made.parameters);
  const values: string[] = [];
  token.changes$.subscribe((value) => values.push(value));
  return { ...made, token, values };
}

/** The error in place of a value. */
function errorOf(token: KeptToken): unknown {
  try {
    return token.value;
  } catch (error) {
    return error;
  }
}

/** The most requests in any second. */
const mostInASecond = (times: readonly number[]): number =>
  Math.max(0, ...times.map((start) => times.filter((time) => time >= start && time < start + 1000).length));

describe('a kept token is renewed', () => {
  it('ahead of its end, though nobody uses it', async () => {
    const { clock, upstream, token, values } = await keptToken();
    await clock.advance(53_999);
    expect(upstream.requests).toHaveLength(1);
    await clock.advance(1);
    expect(token.value).toBe('t2');
    await clock.advance(HOUR);
    expect(values).toHaveLength(upstream.requests.length - 1);
    expect(upstream.requests).toHaveLength(1 + Math.floor((HOUR + 54_000) / 54_000));
  });

  it('when `leeway` and `ahead` say', async () => {
    const renewal = { leeway: 20_000, ahead: 60_000, jitter: 0 };
    const { clock, upstream } = await keptToken({ renewal }, (count) => granted(`t${count}`, 300));
    await clock.advance(DAY);
    expect(upstream.times.slice(0, 4)).toEqual([0, 240_000, 480_000, 720_000]);
  });

  it('once a lifetime of one second, not without end', async () => {
    const { clock, upstream, token } = await keptToken({}, (count) => granted(`t${count}`, 1));
    await clock.advance(10_000);
    expect(token.value).toBe('t12');
    expect(upstream.requests).toHaveLength(12);
  });

  it('200 ms after it came at the earliest, though its end is nearer', async () => {
    const { clock, upstream } = await keptToken({}, (count) => ({
      ...granted(`t${count}`, 1),
      delay: count === 1 ? 0 : 999,
    }));
    await clock.advance(60_000);
    const pauses = upstream.times.slice(2).map((time, index) => time - (upstream.times[index + 1] ?? 0));
    expect(Math.min(...pauses)).toBe(1199);
    expect(pauses.length).toBeGreaterThan(40);
  });

  it('after more milliseconds than a timer can count', async () => {
    const { clock, upstream, token } = await keptToken({}, (count) => granted(`t${count}`, 30 * 24 * 3600));
    await clock.advance(30 * DAY - 10 * MINUTE - 1);
    expect(upstream.requests).toHaveLength(1);
    await clock.advance(1);
    expect(token.value).toBe('t2');
  });

  it('within 30 s after the machine was suspended, although its timers stood still', async () => {
    const { clock, upstream, token } = await keptToken({}, (count) => granted(`t${count}`, 3600));
    await clock.advance(MINUTE);
    clock.jump(8 * HOUR);
    await clock.advance(30_000);
    expect(upstream.requests).toHaveLength(2);
    expect(token.value).toBe('t2');
  });

  it('at once if it is read after that', async () => {
    const { clock, upstream, token } = await keptToken({}, (count) => granted(`t${count}`, 3600));
    await clock.advance(MINUTE);
    clock.jump(8 * HOUR);
    expect(errorOf(token)).toMatchObject({
      code: 'ERR_M2M_TOKEN_ENDPOINT',
      message: expect.stringContaining('under way'),
    });
    await clock.advance(0);
    expect(token.value).toBe('t2');
    expect(upstream.requests).toHaveLength(2);
  });

  it('beside a request that hung while the machine was suspended', async () => {
    const { clock, token } = await keptToken({}, (count) => ({
      ...granted(`t${count}`),
      delay: count === 2 ? 9000 : 0,
    }));
    await clock.advance(54_000);
    clock.jump(HOUR);
    expect(errorOf(token)).toMatchObject({ code: 'ERR_M2M_TOKEN_ENDPOINT' });
    await clock.advance(0);
    expect(token.value).toBe('t3');
  });

  it('as before if the wall clock is set back', async () => {
    const { clock, upstream, token } = await keptToken();
    clock.jump(-DAY);
    await clock.advance(54_000);
    expect(upstream.requests).toHaveLength(2);
    expect(token.value).toBe('t2');
  });

  it('together with the calls of the same token, and once for all that is kept', async () => {
    const { clock, upstream, manager, parameters, token, get } = await keptToken();
    const others = await Promise.all(Array.from({ length: 10 }, () => manager.keepToken(parameters)));
    for (let second = 0; second < 60; second++) {
      await clock.advance(1000);
      await get();
    }
    expect(upstream.requests).toHaveLength(2);
    expect([token, ...others].map(({ value }) => value)).toEqual(Array.from({ length: 11 }, () => 't2'));
  });

  it('though 10,000 other tokens took its place in memory, and calls share it', async () => {
    const { clock, upstream, manager, parameters, token } = await keptToken({}, (count) => granted(`t${count}`, 3600));
    const others = Array.from({ length: 10_050 }, (_, index) => ({ ...parameters, scope: [`s${index}`] }));
    await Promise.all(others.map((other) => manager.getAccessToken(other)));
    const requests = upstream.requests.length;
    expect((await manager.getAccessToken({ ...parameters })).value).toBe('t1');
    await clock.advance(HOUR);
    expect(upstream.requests).toHaveLength(requests + 1);
    expect((await manager.getAccessToken({ ...parameters })).value).toBe(token.value);
  }, 30_000);
});

describe('a kept token whose renewal fails', () => {
  it('has its value to the very end, then the reason, and a new value as soon as there is one', async () => {
    let down = false;
    const { clock, token, types } = await keptToken({}, (count) => (down ? { broken: true } : granted(`t${count}`)));
    down = true;
    await clock.advance(59_999);
    expect(token.value).toBe('t1');
    expect(types()).toContain('renewal-failed');
    expect(types().filter((type) => type === 'served-during-outage')).toHaveLength(1);
    await clock.advance(1);
    expect(errorOf(token)).toMatchObject({
      code: 'ERR_M2M_TOKEN_ENDPOINT',
      message: expect.stringContaining('ECONNREFUSED'),
    });
    down = false;
    await clock.advance(30_000);
    expect(token.value).toMatch(/^t\d+$/);
  });

  it('sends one request for each pause of an outage, through its end, and repeats no value', async () => {
    let down = false;
    const { clock, upstream, values } = await keptToken({ retry: { attempts: 1 } }, (count) =>
      down ? { broken: true } : granted(`t${count}`),
    );
    down = true;
    await clock.advance(54_000 + HOUR);
    // 200 ms, doubling to 30 s.
    expect(upstream.requests.length).toBeGreaterThan(60);
    expect(upstream.requests.length).toBeLessThan(170);
    const atTheEnd = upstream.times.filter((time) => time > 59_000 && time < 90_000);
    expect(atTheEnd.length).toBeLessThan(6);
    expect(values).toEqual([]);
  });

  it('waits as long as `Retry-After` says', async () => {
    let busy = false;
    const { clock, upstream, token } = await keptToken({}, (count) =>
      busy ? refused(429, 'slow_down', { 'retry-after': '600' }) : granted(`t${count}`, 3600),
    );
    busy = true;
    await clock.advance(HOUR);
    expect(upstream.times).toEqual([0, 3_240_000]);
    expect(errorOf(token)).toMatchObject({ code: 'ERR_M2M_TOKEN_REQUEST', error: 'slow_down' });
    busy = false;
    await clock.advance(270_000);
    expect(upstream.times).toEqual([0, 3_240_000, expect.any(Number)]);
    expect(token.value).toBe('t3');
  });

  it('waits 5 s, 10 s and so on if it is refused, and says why when it has expired', async () => {
    let removed = false;
    const { clock, upstream, token } = await keptToken({}, (count) =>
      removed ? refused(400, 'unauthorized_client') : granted(`t${count}`),
    );
    removed = true;
    await clock.advance(HOUR);
    expect(errorOf(token)).toMatchObject({ code: 'ERR_M2M_TOKEN_REQUEST', error: 'unauthorized_client' });
    expect(upstream.requests.length).toBeLessThan(25);
  });

  it('is quiet while the budget is used up', async () => {
    const { clock, upstream, token, types } = await keptToken({ budget: { perHour: 2 } });
    await clock.advance(10 * MINUTE);
    expect(upstream.requests).toHaveLength(2);
    expect(errorOf(token)).toMatchObject({ code: 'ERR_M2M_BUDGET_EXCEEDED' });
    expect(types().length).toBeLessThan(40);
    await clock.advance(HOUR);
    expect(upstream.requests.length).toBeGreaterThan(2);
  });

  it('is tried again at once by `retryNow()`', async () => {
    let busy = false;
    const { clock, upstream, manager, token } = await keptToken({}, (count) =>
      busy ? refused(429, 'slow_down', { 'retry-after': '600' }) : granted(`t${count}`),
    );
    busy = true;
    await clock.advance(MINUTE);
    expect(upstream.requests).toHaveLength(2);
    busy = false;
    await manager.retryNow();
    await clock.advance(0);
    expect(token.value).toBe('t3');
  });

  it('with `verifyScope` strict has no value of fewer scopes', async () => {
    let fewer = false;
    const { clock, token } = await keptToken({ verifyScope: 'strict' }, (count) => ({
      body: { ...(granted(`t${count}`).body as object), scope: fewer ? 'other' : 'read' },
    }));
    fewer = true;
    await clock.advance(MINUTE);
    expect(errorOf(token)).toMatchObject({ code: 'ERR_M2M_TOKEN_REQUEST', error: 'invalid_scope' });
  });
});

describe('a renewal that a timer began', () => {
  it('is waited for when the manager closes', async () => {
    const { clock, upstream, manager } = await keptToken({}, (count) => ({
      ...granted(`t${count}`),
      delay: count === 1 ? 0 : 1000,
    }));
    await clock.advance(54_000);
    expect(upstream.requests).toHaveLength(2);
    let isClosed = false;
    const closed = manager.close().then(() => (isClosed = true));
    await clock.advance(999);
    expect(isClosed).toBe(false);
    await clock.advance(1);
    await closed;
  });
});

describe('a kept token follows', () => {
  it('`invalidate()`: the old value is gone at once, and the next one comes', async () => {
    const { clock, manager, parameters, token, values } = await keptToken();
    await clock.advance(1000);
    const invalidated = manager.invalidate(parameters);
    expect(errorOf(token)).toMatchObject({ code: 'ERR_M2M_TOKEN_ENDPOINT' });
    await invalidated;
    await clock.advance(0);
    expect(token.value).toBe('t2');
    expect(values).toEqual(['t2']);
  });

  it('a subscriber that invalidates every value, without a storm', async () => {
    const { clock, upstream, manager, parameters, token } = await keptToken();
    token.changes$.subscribe(() => void manager.invalidate(parameters));
    await manager.invalidate(parameters);
    await clock.advance(10_000);
    expect(upstream.requests.length).toBeGreaterThan(20);
    expect(mostInASecond(upstream.times)).toBeLessThanOrEqual(6);
  });

  it('a renewal that a call forces', async () => {
    const { manager, parameters, token, values } = await keptToken();
    await manager.getAccessToken(parameters, { forceRenewal: true });
    expect(token.value).toBe('t2');
    expect(values).toEqual(['t2']);
  });

  it('the token that another process left in the store', async () => {
    const clock = new TestClock();
    const store = new MemoryTokenStore(clock);
    const upstream = new ScriptedUpstream(clock, (count) => ({ ...granted(`t${count}`), delay: 100 }));
    const members = Array.from({ length: 3 }, () => simulatedMember(clock, store, upstream));
    const kept = Promise.all(members.map(({ manager }) => manager.keepToken(simulatedTokenManager().parameters)));
    await clock.advance(1000);
    const tokens = await kept;
    expect(upstream.requests).toHaveLength(1);
    await clock.advance(MINUTE);
    expect(tokens.map(({ value }) => value)).toEqual(['t2', 't2', 't2']);
    expect(upstream.requests).toHaveLength(2);
  });
});

/** A process of a fleet. */
function simulatedMember(clock: TestClock, tokenStore: MemoryTokenStore, upstream: ScriptedUpstream) {
  const authorizationServer = {
    name: 'test',
    issuer: 'https://id.example.com',
    tokenEndpoint: 'https://id.example.com/token',
  };
  return clientTokenManager({ authorizationServer, tokenStore, renewal: { jitter: 0 } }, clock, upstream);
}
