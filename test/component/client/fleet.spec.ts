import { describe, expect, it } from '@jest/globals';
import { oidc } from '../../../lib/authorization-servers/oidc.js';
import type { M2MNamedClientOptions } from '../../../lib/options/client-options.js';
import { asking, clientTokenManager } from '../../support/client-token-manager.js';
import { TestClock } from '../../../lib/testing/test-clock.js';
import { MemoryTokenStore } from '../../support/memory-token-store.js';
import { granted, passing, refused, ScriptedUpstream, type Step } from '../../support/scripted-upstream.js';
import { seeded } from '../../support/simulation/random.js';

const tokenEndpoint = 'https://id.example.com/token';
const authorizationServer = { ...oidc({ issuer: 'https://id.example.com' }), tokenEndpoint };
const parameters = asking({ scope: 'read' });

/** So many processes with one store, on one clock. */
function fleetOf(size: number, options: Partial<M2MNamedClientOptions> = {}, answer?: (count: number) => Step) {
  const clock = new TestClock();
  const store = new MemoryTokenStore(clock);
  const upstream = new ScriptedUpstream(clock, answer);
  const random = seeded(1);
  const members = Array.from({ length: size }, () =>
    clientTokenManager({ authorizationServer, tokenStore: store, ...options }, clock, upstream, { random }),
  );
  const get = (index: number) => members[index]?.manager.getAccessToken(parameters).then(({ value }) => value);
  const all = () => Promise.all(members.map(async ({ manager }) => (await manager.getAccessToken(parameters)).value));
  const types = () => members.flatMap(({ events }) => events.map(({ type }) => type));
  return { clock, store, upstream, members, get, all, types };
}

describe('a fleet with one store', () => {
  it('requests one token when it starts', async () => {
    const { clock, upstream, members, types } = fleetOf(8, {}, () => ({ ...granted('t'), delay: 300 }));
    const calls = members.flatMap(({ manager }) =>
      Array.from({ length: 1000 }, () => manager.getAccessToken(parameters)),
    );
    const result = await passing(clock, Promise.all(calls));
    expect(result.status).toBe('fulfilled');
    expect(upstream.requests).toHaveLength(1);
    expect(types()).toEqual(['issued']);
    expect(members.map(({ manager }) => manager.stats().servedFromStore).reduce((a, b) => a + b)).toBe(7);
  });

  it('requests one token when it renews', async () => {
    const { clock, upstream, all } = fleetOf(20, {}, (count) => ({ ...granted(`t${count}`), delay: 300 }));
    await passing(clock, all());
    for (let second = 0; second < 120; second++) {
      expect((await passing(clock, all())).status).toBe('fulfilled');
      await clock.advance(1000);
    }
    expect(upstream.requests).toHaveLength(3);
  });

  it('gets a token within 3 s and one fetch if the holder of the lease has crashed', async () => {
    const { clock, store, upstream, members, all } = fleetOf(5, {}, () => ({ ...granted('t'), delay: 2000 }));
    // What a process leaves behind that is killed while it fetches.
    const acquire = store.acquire.bind(store);
    store.acquire = async (key, lifetime) => {
      store.acquire = acquire;
      await acquire(key, lifetime);
      return undefined;
    };
    expect((await passing(clock, all())).status).toBe('fulfilled');
    // Before the fetch, and after it, there is the pause between two looks.
    expect(clock.monotonic()).toBeGreaterThan(2000 + 2000);
    expect(clock.monotonic()).toBeLessThanOrEqual(2000 + 500 + 2000 + 500);
    expect([upstream.requests.length, members.length]).toEqual([1, 5]);
  });

  it('obeys a failure of the one that fetched, instead of trying one after the other', async () => {
    const { clock, upstream, members, types } = fleetOf(10, {}, () => ({
      ...refused(400, 'invalid_scope'),
      delay: 100,
    }));
    const calls = Promise.allSettled(members.map(({ manager }) => manager.getAccessToken(parameters)));
    const result = await passing(clock, calls);
    const errors = result.status === 'fulfilled' ? result.value : [];
    expect(errors).toHaveLength(10);
    for (const error of errors)
      expect(error).toMatchObject({ reason: { error: 'invalid_scope', upstreamStatus: 400 } });
    expect(upstream.requests).toHaveLength(1);
    expect(types()).toEqual(['request-failed']);
  });

  it('of 1000 processes asks a server that refuses its credentials every 5 s, and every 5 min in the end', async () => {
    const { clock, upstream, members } = fleetOf(1000, {}, () => refused(401, 'invalid_client'));
    // Every process calls once a minute, and so some of them every second.
    for (let second = 0; second < 1500; second++) {
      const calling = members.filter((_member, index) => index % 60 === second % 60);
      for (const { manager } of calling) manager.getAccessToken(parameters).catch(() => undefined);
      await clock.advance(1000);
    }
    const pauses = upstream.times.map((time, index, times) => time - (times[index - 1] ?? 0)).slice(1);
    expect(pauses[0]).toBeGreaterThanOrEqual(5000);
    expect(Math.min(...pauses)).toBeGreaterThanOrEqual(5000);
    expect(pauses.at(-1)).toBeGreaterThanOrEqual(300_000);
    expect(upstream.requests.length).toBeLessThanOrEqual(10);
  });

  it('is not kept from fetching by the refusal of another secret', async () => {
    const { clock, store, members } = fleetOf(1, { clientSecret: 'old' }, () => refused(401, 'invalid_client'));
    const options = { authorizationServer, tokenStore: store, clientSecret: 'new' };
    const newer = clientTokenManager(options, clock, new ScriptedUpstream(clock), { random: () => 0.5 });
    await members[0]?.manager.getAccessToken(parameters).catch(() => undefined);
    const call = newer.manager.getAccessToken(parameters);
    expect(await passing(clock, call)).toMatchObject({ value: { value: 't1' } });
  });

  it('shares a pause that the server asked for', async () => {
    const quota = refused(429, 'quota', { 'retry-after': '600' });
    const { clock, upstream, get } = fleetOf(2, {}, () => quota);
    await expect(get(0)).rejects.toMatchObject({ retryAfter: 600 });
    await clock.advance(300_000);
    await expect(get(1)).rejects.toThrow('next attempt is made in 300 s');
    expect(upstream.requests).toHaveLength(1);
  });

  it('gets over an outage: no call fails, one renews within 31 s, the others find its token', async () => {
    let down = false;
    const { clock, upstream, all, types } = fleetOf(10, {}, (count) =>
      down ? { broken: true } : { ...granted(`t${count}`, 3600), delay: 100 },
    );
    await passing(clock, all());
    down = true;
    await clock.advance(3_240_000);
    for (let i = 0; i < 300; i++) {
      expect(new Set(await all())).toEqual(new Set(['t1']));
      await clock.advance(1000);
    }
    down = false;
    const before = upstream.requests.length;
    for (let i = 0; i < 310; i++) {
      await all();
      await clock.advance(100);
    }
    expect(new Set(await all())).toEqual(new Set([`t${before + 1}`]));
    expect(upstream.requests.length).toBe(before + 1);
    expect(types()).not.toContain('request-failed');
  });

  it('leaves the wait for another’s token when the application shuts down', async () => {
    const { clock, store, members, get } = fleetOf(1);
    store.acquire = () => Promise.resolve(undefined);
    const failing = get(0)?.catch((error: Error) => error.message);
    await clock.advance(10);
    await members[0]?.manager.close();
    expect(await failing).toContain('shutting down');
  });

  it('fetches directly if a lease is never free', async () => {
    const { clock, store, get } = fleetOf(1);
    store.acquire = () => Promise.resolve(undefined);
    expect(await passing(clock, Promise.resolve(get(0)), 100)).toMatchObject({ value: 't1' });
    expect(clock.monotonic()).toBeLessThan(23_000);
  });
});
