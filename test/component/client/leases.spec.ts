import { describe, expect, it } from '@jest/globals';
import { oidc } from '../../../lib/authorization-servers/oidc.js';
import { FaultTolerantTokenStore } from '../../../lib/client/tokens/acquisition/fault-tolerant-token-store.js';
import { Lease } from '../../../lib/client/tokens/acquisition/lease.js';
import type { TokenStore } from '../../../lib/options/token-store.js';
import { TestClock } from '../../../lib/testing/test-clock.js';
import { Sleeper } from '../../../lib/time/sleeper.js';
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
        return lease && { ...lease, release: () => send(() => lease.release()) };
      }),
    renew: (lease, lifetime) => send(() => store.renew(lease, lifetime)),
  };
}

interface HeldFetch {
  /** Milliseconds that the first process's request takes. */
  readonly takes: number;
  /** @default true */
  readonly renews?: boolean;
}

/** Two processes that want a token. The request of the first takes some time, that of the second none. */
async function heldFetch({ takes, renews = true }: HeldFetch) {
  const clock = new TestClock();
  const store = new MemoryTokenStore(clock);
  const upstream = new ScriptedUpstream(clock, (count) => ({
    ...granted(`t${count}`, 3600),
    delay: count === 1 ? takes : 0,
  }));
  const line = { isCut: false, sent: 0 };
  const renewals: number[] = [];
  const renew = store.renew.bind(store);
  store.renew = (lease, lifetime) => {
    renewals.push(clock.monotonic());
    return renew(lease, lifetime);
  };
  const member = (tokenStore: TokenStore) =>
    clientTokenManager(
      {
        authorizationServer,
        // One that may take all of the timeout.
        retry: { attempts: 1 },
        tokenStore: { ...tokenStore, ...(!renews && { renew: undefined }) },
      },
      clock,
      upstream,
      { random: () => 1 },
    ).manager;
  const value = (holder: TokenStore) =>
    member(holder)
      .getAccessToken(parameters)
      .then((token) => token.value);
  const first = value(over(line, store));
  await clock.advance(0);
  const second = value(over({ isCut: false, sent: 0 }, store));
  return { clock, upstream, store, line, renewals, first, second };
}

describe('the lease of a process', () => {
  it('is renewed while it waits for its token, and not once it has that', async () => {
    const { clock, upstream, renewals, first, second } = await heldFetch({ takes: 7900 });
    expect(await passing(clock, Promise.all([first, second]))).toMatchObject({ value: ['t1', 't1'] });
    expect(upstream.requests).toHaveLength(1);
    expect(renewals).toEqual(Array.from({ length: 15 }, (_, index) => 500 * (index + 1)));
    await clock.advance(60_000);
    expect(renewals).toHaveLength(15);
  });

  it('is not renewed if the token comes soon', async () => {
    const { clock, renewals, first } = await heldFetch({ takes: 400 });
    await passing(clock, first);
    await clock.advance(10_000);
    expect(renewals).toEqual([]);
  });

  it('is renewed no longer than a token request may take', async () => {
    const { clock, store, renewals } = await heldFetch({ takes: 400 });
    const lease = new Lease(
      { store: new FaultTolerantTokenStore(store, clock, () => undefined), clock, sleeper: new Sleeper(clock) },
      'other',
      11_000,
    );
    await lease.state();
    await clock.advance(60_000);
    expect([renewals.at(-1), lease.isHeld]).toEqual([9000, false]);
    expect(await store.acquire('other', 1000)).toBeDefined();
  });

  it('ends 2 s after the process died, and the next one has a token 3 s after that', async () => {
    const { clock, upstream, line, second } = await heldFetch({ takes: 9900 });
    await clock.advance(5100);
    line.isCut = true;
    expect(await passing(clock, second)).toMatchObject({ value: 't2' });
    expect(clock.monotonic()).toBeGreaterThan(7000);
    expect(clock.monotonic()).toBeLessThanOrEqual(5100 + 3000);
    expect(upstream.requests).toHaveLength(2);
  });

  it('is not renewed again if it is given back during a renewal', async () => {
    const { clock, store, renewals, first } = await heldFetch({ takes: 550 });
    store.renew = (_lease, lifetime) => {
      renewals.push(lifetime);
      return new Promise<boolean>((resolve) => clock.after(100, () => resolve(true)));
    };
    await passing(clock, first);
    await clock.advance(10_000);
    expect(renewals).toEqual([2000]);
  });

  it('is not asked for again once it is lost', async () => {
    const { clock, store, renewals } = await heldFetch({ takes: 9900 });
    store.renew = () => Promise.resolve(renewals.push(clock.monotonic()) < 0);
    await clock.advance(9000);
    expect(renewals).toEqual([500]);
  });

  it('lasts as long as a token request may take if the store renews none', async () => {
    const { clock, upstream, line, renewals, second } = await heldFetch({ takes: 9900, renews: false });
    await clock.advance(5100);
    line.isCut = true;
    expect(await passing(clock, second)).toMatchObject({ value: 't2' });
    expect(clock.monotonic()).toBeGreaterThan(11_000);
    expect(clock.monotonic()).toBeLessThanOrEqual(11_500);
    expect([upstream.requests.length, renewals]).toEqual([2, []]);
  });
});

describe('a process that was suspended while it fetched the token for all', () => {
  it.each(['that looks itself', 'that does not'])('leaves the newer token in a store %s', async (kind) => {
    const [suspended, running] = [new TestClock(), new TestClock()];
    const store = new MemoryTokenStore(running);
    const [get, set] = [store.get.bind(store), store.set.bind(store)];
    const kept: (boolean | undefined)[] = [];
    store.set = async (key, value, lifetime, keepLonger) => {
      if (!key.startsWith('lease:')) kept.push(keepLonger);
      const looks = kind === 'that looks itself' && keepLonger === true;
      const left = looks ? ((await get(key))?.remaining ?? 0) : 0;
      if (left <= lifetime) await set(key, value, lifetime);
    };
    const member = (clock: TestClock, value: string, delay: number) =>
      clientTokenManager(
        { authorizationServer, tokenStore: store },
        clock,
        new ScriptedUpstream(clock, () => ({ ...granted(value, 3600), delay })),
        { random: () => 1 },
      ).manager;
    const older = member(suspended, 'older', 300).getAccessToken(parameters);
    await suspended.advance(0);
    expect(await passing(running, member(running, 'newer', 0).getAccessToken(parameters))).toMatchObject({
      value: { value: 'newer' },
    });
    // One that looks itself had nothing when it was read.
    if (kind === 'that looks itself') store.get = () => Promise.resolve(undefined);
    suspended.jump(running.monotonic() + 1000);
    await suspended.advance(300);
    expect((await older).value).toBe('older');
    await suspended.advance(0);
    store.get = get;
    expect(kept).toEqual(kind === 'that looks itself' ? [false, true] : [false]);
    const found = await passing(running, member(running, 'none', 0).getAccessToken(parameters));
    expect(found).toMatchObject({ value: { value: 'newer' } });
  });
});

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

  it('tries that after a second, and not once the lease has ended', async () => {
    const { clock, line } = await fetchedWhileCut(granted('t'));
    const { sent } = line;
    await clock.advance(10_000);
    // It looks whether there is a newer token, writes its own, and releases the lease.
    expect(line.sent - sent).toBe(3);
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
