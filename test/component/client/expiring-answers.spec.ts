import { describe, expect, it } from '@jest/globals';
import { UnsecuredJWT } from 'jose';
import { TestClock } from '../../../lib/testing/test-clock.js';
import { asking, clientTokenManager, simulatedTokenManager } from '../../support/client-token-manager.js';
import { json } from '../../support/http-server.js';
import { MemoryTokenStore } from '../../support/memory-token-store.js';
import { granted, passing, type Step } from '../../support/scripted-upstream.js';
import { failureOf, ScriptedTokenEndpoint } from '../../support/scripted-token-endpoint.js';

const endpoint = new ScriptedTokenEndpoint();

/** Seconds since the epoch. */
const seconds = (milliseconds = Date.now()) => Math.floor(milliseconds / 1000);
const jwt = (claims: Record<string, unknown>) => new UnsecuredJWT(claims).encode();
const lateAtFirst = (count: number): Step => ({ ...granted(`t${count}`, 1), delay: count === 1 ? 1500 : 0 });

describe('a JWT that ends in 4 s, in an answer whose expires_in is 3600', () => {
  it.each([
    ['right', 0],
    ['an hour ahead', 3_600_000],
    ['an hour behind', -3_600_000],
  ])('is used for 4 s if the clock of this process is %s', async (_name, skew) => {
    endpoint.answer = (_request, response) => {
      const access_token = jwt({ iat: seconds() - 3596, exp: seconds() + 4 });
      json(response, 200, { access_token, token_type: 'Bearer', expires_in: 3600 });
    };
    const clock = new TestClock(Date.now() + skew);
    const token = await endpoint.manager({}, clock).manager.getAccessToken(asking());
    const lifetime = token.expiresAt.getTime() - clock.wall();
    expect(lifetime).toBeGreaterThan(2000);
    expect(lifetime).toBeLessThanOrEqual(5000);
  });

  it('is used by another process for as long, if the token store has it', async () => {
    endpoint.answer = (_request, response) => {
      const access_token = jwt({ iat: seconds() - 3596, exp: seconds() + 4 });
      json(response, 200, { access_token, token_type: 'Bearer', expires_in: 3600 });
    };
    const tokenStore = new MemoryTokenStore();
    const [first, second] = [endpoint.manager({ tokenStore }), endpoint.manager({ tokenStore })];
    await first.manager.getAccessToken(asking());
    await first.manager.close();
    const token = await second.manager.getAccessToken(asking());
    expect(endpoint.count).toBe(1);
    expect(token.expiresAt.getTime()).toBeLessThanOrEqual(Date.now() + 5000);
  });
});

describe('a token that had expired when it came', () => {
  it.each<[string, () => object]>([
    ['expires_in 0', () => ({ access_token: 'old', token_type: 'Bearer', expires_in: 0 })],
    [
      'a JWT that has ended',
      () => ({ access_token: jwt({ iat: seconds() - 100, exp: seconds() - 40 }), expires_in: 60 }),
    ],
  ])('is not used: %s, and the next one is requested soon', async (_name, old) => {
    endpoint.answer = (_request, response) =>
      json(response, 200, endpoint.count < 3 ? old() : { access_token: 'new', expires_in: 60 });
    const { manager, types } = named(endpoint.manager());
    expect(await manager.getAccessToken(asking())).toMatchObject({ value: 'new' });
    expect(endpoint.count).toBe(3);
    expect(types()).toEqual(['issued']);
  });

  it('is asked for again after 200 ms, doubling to 2 s, within timeout; nothing is remembered', async () => {
    const { get, clock, upstream, events } = simulatedTokenManager({}, () => granted('old', 0));
    const result = await passing(clock, get());
    expect(result).toMatchObject({ reason: { code: 'ERR_M2M_TOKEN_ENDPOINT' } });
    expect(upstream.times).toEqual([0, 200, 600, 1400, 3000, 5000, 7000, 9000]);
    expect(events).toMatchObject([{ type: 'request-failed', concerns: 'token' }]);
    upstream.answer = () => granted('new');
    expect(await get()).toBe('new');
  });

  it('is not waited for by a store of failures that other processes read', async () => {
    const tokenStore = new MemoryTokenStore();
    endpoint.answer = (_request, response) => json(response, 200, { access_token: 'old', expires_in: 0 });
    const { manager } = endpoint.manager({ tokenStore, timeout: 300 });
    expect(await failureOf(manager.getAccessToken(asking()))).toMatchObject({ code: 'ERR_M2M_TOKEN_ENDPOINT' });
    endpoint.answer = (_request, response) => json(response, 200, { access_token: 'new', expires_in: 60 });
    expect(await endpoint.manager({ tokenStore }).manager.getAccessToken(asking())).toMatchObject({ value: 'new' });
  });

  it('is one that arrived too late, too', async () => {
    const { get, clock } = simulatedTokenManager({}, lateAtFirst);
    expect(await passing(clock, get())).toMatchObject({ value: 't2' });
  });
});

describe('a server that hands out one token to its very end', () => {
  const LIFE = 30_000;
  const ANSWERS: readonly (readonly [string, (left: number, clock: TestClock) => Step])[] = [
    ['with the seconds left, rounded down', (left) => ({ body: { expires_in: Math.floor(left / 1000) } })],
    ['with the seconds left, rounded up', (left) => ({ body: { expires_in: Math.ceil(left / 1000) } })],
    [
      'as a JWT in a cached answer',
      (left, clock) => ({
        body: {
          access_token: jwt({ iat: (clock.wall() + left - LIFE) / 1000, exp: (clock.wall() + left) / 1000 }),
          expires_in: LIFE / 1000,
        },
        headers: { date: new Date(clock.wall()).toUTCString() },
      }),
    ],
  ];

  it.each(ANSWERS)('%s: no call fails', async (_name, stated) => {
    const clock = new TestClock(1_700_000_000_000);
    const requests: number[] = [];
    const http = {
      request: async () => {
        const at = clock.monotonic();
        requests.push(at);
        await new Promise<void>((resolve) => void clock.after(30, resolve));
        const left = LIFE - (clock.monotonic() % LIFE);
        const { body, headers = {} } = stated(left, clock);
        const value = `token-${Math.floor(clock.monotonic() / LIFE)}`;
        const members = { access_token: value, token_type: 'Bearer', ...(body as object) };
        return { status: 200, headers, body: Buffer.from(JSON.stringify(members)) };
      },
    };
    const authorizationServer = { issuer: 'https://id.example.com', tokenEndpoint: 'https://id.example.com/token' };
    const { manager, events } = clientTokenManager({ authorizationServer }, clock, http, { random: () => 0.5 });
    const parameters = asking();
    const calls: Promise<unknown>[] = [];
    for (let call = 0; call < 1200; call++) {
      calls.push(manager.getAccessToken(parameters));
      await clock.advance(100);
    }
    await clock.advance(10_000);
    const results = await Promise.allSettled(calls);
    expect(results.filter(({ status }) => status === 'rejected')).toEqual([]);
    expect(events.filter(({ type }) => type.endsWith('failed'))).toEqual([]);
    // Four lives: few requests for each.
    expect(requests.length).toBeLessThan(50);
  });
});

function named({ manager, events }: ReturnType<ScriptedTokenEndpoint['manager']>) {
  return { manager, types: () => events.map(({ type }) => type) };
}
