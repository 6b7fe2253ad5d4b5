import { describe, expect, it } from '@jest/globals';
import { oidc } from '../../../lib/authorization-servers/oidc.js';
import { TestClock } from '../../../lib/testing/test-clock.js';
import { asking, clientTokenManager } from '../../support/client-token-manager.js';
import { MemoryTokenStore } from '../../support/memory-token-store.js';
import { granted, passing, ScriptedUpstream, type Step } from '../../support/scripted-upstream.js';
import { seeded } from '../../support/simulation/random.js';
import { slow } from '../../support/slow-token-store.js';

const authorizationServer = {
  ...oidc({ issuer: 'https://id.example.com' }),
  tokenEndpoint: 'https://id.example.com/token',
};
const parameters = asking({ scope: 'read' });

/** So many processes with one store, which takes `latency.now` milliseconds for an answer. */
function fleetOf(size: number, latency: { now: number }, answer?: (count: number) => Step) {
  const clock = new TestClock();
  const memory = new MemoryTokenStore(clock);
  const tokenStore = slow(memory, () => latency.now, clock);
  const upstream = new ScriptedUpstream(clock, answer);
  const members = Array.from({ length: size }, (_, index) =>
    clientTokenManager({ authorizationServer, tokenStore }, clock, upstream, { random: seeded(index) }),
  );
  const get = async (index: number) => (await members[index]?.manager.getAccessToken(parameters))?.value;
  /** How many milliseconds each waits for its token. */
  const waits = () => {
    const startedAt = clock.monotonic();
    return members.map((_, index) => get(index).then(() => clock.monotonic() - startedAt));
  };
  const types = () => members.flatMap(({ events }) => events.map(({ type }) => type));
  return { clock, memory, tokenStore, upstream, members, get, waits, types };
}

describe('a store that is slow', () => {
  it.each([
    [1, 2],
    [40, 80],
    [75, 75],
    [140, 140],
  ])('(%d ms) adds %d ms to a call that fetches, and spares others the request', async (now, added) => {
    const { clock, upstream, waits, types } = fleetOf(8, { now }, () => ({ ...granted('t'), delay: 300 }));
    const waited = await passing(clock, Promise.all(waits()), 1);
    expect(Math.min(...(waited.status === 'fulfilled' ? waited.value : []))).toBe(added + 300);
    expect(upstream.requests).toHaveLength(1);
    expect(types()).toEqual(['issued']);
  });

  it('(50 ms, then 5 s) adds 200 ms to a call that fetches', async () => {
    const latency = { now: 50 };
    const { clock, get } = fleetOf(1, latency);
    clock.after(49, () => (latency.now = 5000));
    await passing(clock, get(0), 1);
    expect(clock.monotonic()).toBe(200);
  });

  it('(160 ms) is left alone, and every process fetches for itself', async () => {
    const { clock, upstream, waits } = fleetOf(3, { now: 160 });
    await passing(clock, Promise.all(waits()), 1);
    expect(upstream.times).toEqual([150, 150, 150]);
  });

  it('(140 ms) holds up nobody who withdraws a token, and removes it nevertheless', async () => {
    const latency = { now: 0 };
    const { clock, memory, members, get } = fleetOf(1, latency);
    await get(0);
    await clock.advance(0);
    latency.now = 140;
    const invalidated = members[0]?.manager.invalidate(parameters, 't1');
    await passing(clock, Promise.resolve(invalidated), 1);
    expect([clock.monotonic(), memory.size]).toEqual([150, 1]);
    await clock.advance(3 * 140 - 150);
    expect(memory.size).toBe(0);
  });
});

describe('a store that is', () => {
  it.each([
    ['slow', 5000],
    ['dead', Infinity],
  ])('%s fails no call, and adds at most 200 ms to one that fetches', async (_name, now) => {
    const { clock, members, get, types } = fleetOf(1, { now });
    expect(await passing(clock, get(0))).toMatchObject({ value: 't1' });
    expect(clock.monotonic()).toBeLessThanOrEqual(200);
    expect(types()).toContain('store-failed');
    await passing(clock, Promise.resolve(members[0]?.manager.close()));
  });

  it('down is left alone for a second', async () => {
    const { clock, tokenStore, members } = fleetOf(1, { now: 0 });
    let asked = 0;
    tokenStore.get = () => {
      asked += 1;
      return Promise.reject(new Error('down'));
    };
    for (let i = 0; i < 20; i++) {
      await members[0]?.manager.getAccessToken(asking({ audience: `a${i}` }));
      await clock.advance(100);
    }
    expect(asked).toBeLessThanOrEqual(6);
  });

  it('full, so that it can only be read, gives the tokens that it has', async () => {
    const { clock, tokenStore, upstream, members, get, types } = fleetOf(2, { now: 0 });
    await get(0);
    await clock.advance(0);
    tokenStore.acquire = () => Promise.reject(new Error('OOM'));
    await members[1]?.manager.getAccessToken(asking({ scope: 'write' }));
    expect(await get(1)).toBe('t1');
    expect([upstream.requests.length, types()]).toEqual([2, ['issued', 'store-failed', 'issued']]);
  });
});

describe('a store that is down when tokens are due', () => {
  it('makes the fleet spread its renewals over the time that is left', async () => {
    const latency = { now: 0 };
    const { clock, upstream, members, get } = fleetOf(40, latency, (count) => granted(`t${count}`, 3600));
    for (const index of members.keys()) await passing(clock, get(index));
    expect(upstream.requests).toHaveLength(1);
    latency.now = Infinity;
    for (let second = 0; second < 3600; second += 5) {
      for (const index of members.keys()) expect(await get(index)).toBeDefined();
      await clock.advance(5000);
    }
    const times = upstream.times.slice(1).map((time) => time / 1000);
    expect(times).toHaveLength(40);
    const [first, last] = [Math.min(...times), Math.max(...times)];
    expect(first).toBeGreaterThan(3240);
    expect(last).toBeLessThan(3590);
    expect(last - first).toBeGreaterThan(100);
  });

  it.each([
    [300, 2000],
    [120, 2000],
    [60, 500],
    [20, 300],
  ])('holds up no call for a token of %d s, if the endpoint takes %d ms', async (lifetime, delay) => {
    for (const name of ['a', 'b', 'c']) {
      const latency = { now: 0 };
      const answer = (count: number) => ({ ...granted(`${name}${count}`, lifetime), delay });
      // All but one know only from the store how long a fetch takes.
      const { clock, upstream, waits } = fleetOf(20, latency, answer);
      await passing(clock, Promise.all(waits()));
      latency.now = Infinity;
      await clock.advance(lifetime * 890);
      const waited: number[] = [];
      for (let passed = 0; passed < lifetime * 120; passed += 50) {
        for (const wait of waits()) void wait.then((milliseconds) => waited.push(milliseconds));
        await clock.advance(0);
        await clock.advance(50);
      }
      expect(Math.max(...waited)).toBe(0);
      expect(upstream.requests).toHaveLength(21);
    }
  });
});
