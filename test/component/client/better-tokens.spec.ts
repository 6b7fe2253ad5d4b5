import { describe, expect, it } from '@jest/globals';
import { oidc } from '../../../lib/authorization-servers/oidc.js';
import type { TokenStore } from '../../../lib/options/token-store.js';
import { TestClock } from '../../../lib/testing/test-clock.js';
import { asking, clientTokenManager } from '../../support/client-token-manager.js';
import { MemoryTokenStore } from '../../support/memory-token-store.js';
import { granted, passing, ScriptedUpstream, type Step } from '../../support/scripted-upstream.js';

const tokenEndpoint = 'https://id.example.com/token';
const authorizationServer = { ...oidc({ issuer: 'https://id.example.com' }), tokenEndpoint };
const parameters = asking({ scope: 'read' });

/** Two processes with one store, which each of them may lose. */
function twoProcesses(outage: Step = { broken: true }) {
  const clock = new TestClock();
  const upstream = new ScriptedUpstream(clock, (count) => (down.upstream ? outage : granted(`t${count}`, 3600)));
  const down = { a: false, b: false, upstream: false };
  const shared = new MemoryTokenStore(clock);
  const processOf = (name: 'a' | 'b') => {
    const tokenStore = new Proxy<TokenStore>(shared, {
      get: (store, method: keyof TokenStore) =>
        down[name] ? () => Promise.reject(new Error('down')) : store[method]?.bind(store),
    });
    const { manager } = clientTokenManager({ authorizationServer, tokenStore }, clock, upstream, { random: () => 0.5 });
    return (forceRenewal = false) =>
      passing(clock, manager.getAccessToken(parameters, { forceRenewal })).then((result) =>
        result.status === 'fulfilled' ? result.value.value : 'failed',
      );
  };
  return { clock, down, a: processOf('a'), b: processOf('b') };
}

describe('a token in the store', () => {
  it('that ends sooner than the one at hand does not take its place', async () => {
    const { clock, down, a, b } = twoProcesses();
    // B has requested t1 for all, and A, cut off from the store, t2 for itself two minutes later.
    expect(await b()).toBe('t1');
    await clock.advance(120_000);
    down.a = true;
    expect(await a()).toBe('t2');
    down.a = false;
    down.upstream = true;
    await clock.advance(3_200_000);
    for (let second = 3322; second < 3715; second += 1) {
      expect(await a()).toBe('t2');
      await clock.advance(1000);
    }
  });

  it.each(['breaks', 'hangs'])('that is about to expire serves a process without one if the server %s', async (how) => {
    const { clock, down, a, b } = twoProcesses(how === 'hangs' ? { delay: 60_000 } : { broken: true });
    expect(await a()).toBe('t1');
    await clock.advance(3_592_000);
    down.upstream = true;
    for (let calls = 0; calls < 3; calls++) expect(await b()).toBe('t1');
    expect(clock.monotonic()).toBeLessThanOrEqual(3_592_000 + 1100);
    await clock.advance(8000);
    expect(await b()).toBe('failed');
  });

  it('that is about to expire is renewed by a process without one', async () => {
    const { clock, b, a } = twoProcesses();
    expect(await a()).toBe('t1');
    await clock.advance(3_592_000);
    expect(await b()).toBe('t2');
  });

  it('takes the place of one that was rejected, however soon it ends', async () => {
    const { clock, down, a, b } = twoProcesses();
    expect(await b()).toBe('t1');
    await clock.advance(120_000);
    down.a = true;
    expect(await a()).toBe('t2');
    await clock.advance(2000);
    down.a = false;
    expect(await a(true)).toBe('t1');
  });
});
