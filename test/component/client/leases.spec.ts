import { describe, expect, it } from '@jest/globals';
import { oidc } from '../../../lib/authorization-servers/oidc.js';
import type { TokenStore } from '../../../lib/options/token-store.js';
import { TestClock } from '../../../lib/testing/test-clock.js';
import { asking, clientTokenManager } from '../../support/client-token-manager.js';
import { MemoryTokenStore } from '../../support/memory-token-store.js';
import { granted, passing, refused, ScriptedUpstream, type Step } from '../../support/scripted-upstream.js';

const authorizationServer = {
  ...oidc({ issuer: 'https://id.example.com' }),
  tokenEndpoint: 'https://id.example.com/token',
};
const parameters = asking({ scope: 'read' });

/** What a process has its store at the end of. */
interface Line {
  isCut: boolean;
  /** Commands that were sent. */
  sent: number;
}

function over(line: Line, store: MemoryTokenStore): TokenStore {
  const send = <T>(run: () => Promise<T>): Promise<T> => {
    line.sent += 1;
    return line.isCut ? Promise.reject(new Error('cut')) : run();
  };
  return {
    get: (key) => send(() => store.get(key)),
    set: (key, value, lifetime) => send(() => store.set(key, value, lifetime)),
    delete: (key, ifValue) => send(() => store.delete(key, ifValue)),
    acquire: (key, lifetime) =>
      send(async () => {
        const lease = await store.acquire(key, lifetime);
        return lease && { release: () => send(() => lease.release()) };
      }),
  };
}

/** Two processes; the line of the first is cut 100 ms after it began to fetch a token, which takes 300 ms. */
async function fetchedWhileCut(answer: Step) {
  const clock = new TestClock();
  const store = new MemoryTokenStore(clock);
  const upstream = new ScriptedUpstream(clock, () => ({ ...answer, delay: 300 }));
  const line = { isCut: false, sent: 0 };
  const member = (tokenStore: TokenStore) =>
    clientTokenManager({ authorizationServer, tokenStore }, clock, upstream, { random: () => 1 }).manager;
  const [first, second] = [member(over(line, store)), member(store)];
  const fetching = Promise.allSettled([first.getAccessToken(parameters)]);
  await clock.advance(0);
  await clock.advance(100);
  line.isCut = true;
  await clock.advance(200);
  // No call waits for what the other processes get to know.
  const [fetched] = await fetching;
  return { clock, upstream, line, first, second, fetched };
}

describe('a process that is cut off from the store while it fetches the token for all', () => {
  it('leaves the token there, and gives back its lease, as soon as it can', async () => {
    const { clock, upstream, line, second, fetched } = await fetchedWhileCut(granted('t'));
    expect(fetched.status).toBe('fulfilled');
    line.isCut = false;
    const found = await passing(clock, second.getAccessToken(parameters));
    expect(found).toMatchObject({ value: { value: 't' } });
    expect(clock.monotonic()).toBeLessThanOrEqual(300 + 1000 + 500);
    expect(upstream.requests).toHaveLength(1);
  });

  it('gives back its lease if it got no token', async () => {
    const { clock, upstream, line, second, fetched } = await fetchedWhileCut(refused(400, 'invalid_scope'));
    expect(fetched.status).toBe('rejected');
    line.isCut = false;
    expect((await passing(clock, second.getAccessToken(parameters))).status).toBe('rejected');
    expect(clock.monotonic()).toBeLessThanOrEqual(300 + 1000 + 500 + 300);
    expect(upstream.requests).toHaveLength(2);
  });

  it('tries that once a second, and not once the lease has ended', async () => {
    const { clock, line } = await fetchedWhileCut(granted('t'));
    const { sent } = line;
    await clock.advance(10_000);
    // It writes the token, and releases the lease.
    expect(line.sent - sent).toBe(2 * 10);
    await clock.advance(1000);
    const all = line.sent;
    await clock.advance(60_000);
    expect(line.sent).toBe(all);
  });

  it('leaves it when it shuts down', async () => {
    const { clock, line, first } = await fetchedWhileCut(granted('t'));
    const { sent } = line;
    await first.close();
    await clock.advance(60_000);
    expect([clock.monotonic(), line.sent]).toEqual([60_300, sent]);
  });
});

describe('a process that asks for the lease', () => {
  it('finds the token of the one that just gave it back', async () => {
    const clock = new TestClock();
    const store = new MemoryTokenStore(clock);
    const upstream = new ScriptedUpstream(clock, () => ({ ...granted('t'), delay: 100 }));
    const member = (tokenStore: TokenStore) =>
      clientTokenManager({ authorizationServer, tokenStore }, clock, upstream, { random: () => 1 }).manager;
    const fetching = member(store).getAccessToken(parameters);
    await clock.advance(0);
    // After the first command of one look the token is fetched, left there, and the lease given back.
    const line = { isCut: false, sent: 0 };
    const asked = over(line, store);
    const { get, acquire } = asked;
    let fetched: Promise<void> | undefined;
    const inTurn = async <T>(run: () => Promise<T>): Promise<T> => {
      if (line.sent === 1) await (fetched ??= clock.advance(100));
      return run();
    };
    asked.get = (key) => inTurn(() => get(key));
    asked.acquire = acquire && ((key, lifetime) => inTurn(() => acquire(key, lifetime)));
    const found = await passing(clock, member(asked).getAccessToken(parameters));
    expect([found.status, (await fetching).value]).toEqual(['fulfilled', 't']);
    expect(upstream.requests).toHaveLength(1);
  });

  it.each([
    ['token', granted('t'), 'fulfilled'],
    ['failure', refused(400, 'invalid_scope'), 'rejected'],
  ])('finds the %s of the one before if the store reads before it grants leases', async (_name, answer, status) => {
    const clock = new TestClock();
    const store = new MemoryTokenStore(clock);
    const upstream = new ScriptedUpstream(clock, () => ({ ...answer, delay: 15 }));
    const member = (acquire: TokenStore['acquire']) => {
      const tokenStore = over({ isCut: false, sent: 0 }, store);
      return clientTokenManager({ authorizationServer, tokenStore: { ...tokenStore, acquire } }, clock, upstream)
        .manager;
    };
    const first = member((key, lifetime) => store.acquire(key, lifetime));
    const second = member(async (key, lifetime) => {
      await new Promise<void>((resolve) => clock.after(40, resolve));
      return store.acquire(key, lifetime);
    });
    const fetching = Promise.allSettled([first.getAccessToken(parameters)]);
    await clock.advance(5);
    const found = await passing(clock, second.getAccessToken(parameters));
    expect([found.status, (await fetching)[0].status, upstream.requests.length]).toEqual([status, status, 1]);
  });
});
