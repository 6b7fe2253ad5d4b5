import { describe, expect, it } from '@jest/globals';
import { clientAssertion } from '../../../lib/client-authentication/client-assertion.js';
import { oidc } from '../../../lib/authorization-servers/oidc.js';
import { simulatedTokenManager } from '../../support/client-token-manager.js';
import { granted, passing } from '../../support/scripted-upstream.js';

const HOUR = 3_600_000;

describe('a budget of token requests', () => {
  it('fails fast beyond it, serves what is valid, and says so (claim 7.5)', async () => {
    const { manager, parameters, upstream, events } = simulatedTokenManager({ budget: { perHour: 5 } });
    const ask = (audience: string) => manager.getAccessToken({ ...parameters, audience });
    for (const audience of ['a', 'b', 'c', 'd']) await ask(audience);
    const refusal = { code: 'ERR_M2M_BUDGET_EXCEEDED', message: expect.stringContaining('5 token requests per hour') };
    await expect(ask('e')).rejects.toMatchObject(refusal);
    await expect(ask('a')).resolves.toMatchObject({ value: 't1' });
    expect(upstream.requests).toHaveLength(4);
    expect(events.at(-1)).toMatchObject({ type: 'request-failed', error: refusal });
  });

  it('keeps a fifth for renewing the keys in use', async () => {
    const { manager, parameters, clock, upstream } = simulatedTokenManager({ budget: { perHour: 10 } });
    const ask = (audience: string) => manager.getAccessToken({ ...parameters, audience });
    await ask('in use');
    for (let i = 0; i < 100; i++) await ask(`endless ${i}`).catch(() => undefined);
    expect(upstream.requests).toHaveLength(8);
    for (let i = 0; i < 2; i++) {
      await clock.advance(60_000);
      await ask('in use');
    }
    await clock.advance(60_000);
    await expect(ask('in use')).rejects.toMatchObject({ code: 'ERR_M2M_BUDGET_EXCEEDED' });
  });

  it.each([
    [1, 1, ''],
    [2, 1, ', 1 of them kept for renewals'],
    [4, 3, ', 1 of them kept for renewals'],
    [9, 8, ', 1 of them kept for renewals'],
    [10, 8, ', 2 of them kept for renewals'],
  ])('of %d requests has %d for new tokens', async (perHour, newTokens, kept) => {
    const { manager, parameters, upstream, get } = simulatedTokenManager({ budget: { perHour } });
    await get();
    for (let i = 1; i < newTokens; i++) await manager.getAccessToken({ ...parameters, audience: `a${i}` });
    const message = `the budget of ${perHour} token requests per hour is used up${kept}`;
    await expect(manager.getAccessToken({ ...parameters, audience: 'b' })).rejects.toThrow(new RegExp(`${message}$`));
    for (let i = newTokens; i < perHour; i++) await manager.getAccessToken(parameters, { forceRenewal: true });
    await expect(manager.getAccessToken(parameters, { forceRenewal: true })).rejects.toThrow('used up');
    expect(upstream.requests).toHaveLength(perHour);
  });

  it.each([
    ['hour', { perHour: 3 }, HOUR],
    ['day', { perDay: 3 }, 24 * HOUR],
  ])('never allows more in any %s, and allows as much again after it', async (_name, budget, period) => {
    const { manager, parameters, clock, upstream } = simulatedTokenManager({ budget }, (count) =>
      granted(`t${count}`, 1),
    );
    const step = period / 120;
    for (let i = 0; i < 600; i++) {
      await manager.getAccessToken(parameters, { forceRenewal: true }).catch(() => undefined);
      await clock.advance(step);
    }
    const { times } = upstream;
    for (const start of times) {
      expect(times.filter((time) => time >= start && time < start + period).length).toBeLessThanOrEqual(3);
    }
    expect(times.length).toBeGreaterThanOrEqual(12);
  });

  it('counts every request from when it was made, and not from when the first of them was', async () => {
    const { manager, parameters, clock, upstream } = simulatedTokenManager({ budget: { perHour: 3 } }, (count) =>
      granted(`t${count}`, 1),
    );
    const renew = () => manager.getAccessToken(parameters, { forceRenewal: true }).catch(() => undefined);
    await renew();
    await clock.advance(HOUR / 2);
    for (let i = 0; i < 2; i++) await renew();
    await clock.advance(HOUR / 2 + 120_000);
    for (let i = 0; i < 3; i++) await renew();
    expect(upstream.requests).toHaveLength(4);
  });

  it('counts retries too', async () => {
    const { get, clock, upstream } = simulatedTokenManager({ budget: { perHour: 3 } }, () => ({ broken: true }));
    await passing(clock, get());
    expect(upstream.requests).toHaveLength(2);
  });

  it('is taken from before the secret is asked for', async () => {
    const asked: number[] = [];
    const { manager, parameters, clock, upstream } = simulatedTokenManager({
      budget: { perHour: 1 },
      clientSecret: undefined,
      clientAuthentication: clientAssertion(() => {
        asked.push(clock.monotonic());
        return new Promise((resolve) => clock.after(100, () => resolve('assertion')));
      }),
    });
    const ask = (audience: string) => manager.getAccessToken({ ...parameters, audience });
    const { value } = (await passing(
      clock,
      Promise.allSettled([ask('a'), ask('b')]),
    )) as PromiseFulfilledResult<unknown>;
    const exceeded = { code: 'ERR_M2M_BUDGET_EXCEEDED' };
    expect(value).toMatchObject([{ status: 'fulfilled' }, { reason: exceeded }]);
    await expect(ask('c')).rejects.toMatchObject(exceeded);
    expect([asked, upstream.times]).toEqual([[0], [100]]);
  });

  it('loses nothing to a secret that cannot be had', async () => {
    let down = true;
    const { manager, clock, get } = simulatedTokenManager({
      budget: { perHour: 1 },
      clientSecret: () => (down ? Promise.reject(new Error('vault')) : 'secret'),
    });
    for (let i = 0; i < 5; i++) {
      await passing(clock, get());
      await clock.advance(2000);
    }
    expect(manager.stats()).toMatchObject({ tokenRequests: 0, failures: 0 });
    down = false;
    expect(await get()).toBe('t1');
  });

  it('loses nothing to a discovery that fails', async () => {
    const issuer = 'https://id.example.com';
    const { manager, clock, get, upstream } = simulatedTokenManager(
      { budget: { perHour: 1 }, authorizationServer: oidc({ issuer }) },
      () => ({ broken: true }),
    );
    for (let i = 0; i < 5; i++) {
      expect(await passing(clock, get())).toMatchObject({ reason: { code: 'ERR_M2M_DISCOVERY' } });
      await clock.advance(10_000);
    }
    expect(manager.stats()).toMatchObject({ tokenRequests: 0, failures: 0 });
    const metadata = { issuer, token_endpoint: `${issuer}/token` };
    upstream.answer = (_count, body) => (body.size === 0 ? { body: metadata } : granted('t'));
    expect(await get()).toBe('t');
    expect(manager.stats()).toMatchObject({ tokenRequests: 1, failures: 0 });
  });
});

describe('statistics', () => {
  it('count what tokens cost', async () => {
    const { manager, parameters, clock, get } = simulatedTokenManager({}, (count) =>
      count === 1 ? { broken: true } : granted(`t${count}`),
    );
    await passing(clock, Promise.all([get(), get()]));
    await get();
    await manager.getAccessToken(parameters, { forceRenewal: true });
    expect(manager.stats()).toEqual({
      tokenRequests: 3,
      failures: 1,
      servedFromMemory: 1,
      servedDuringOutage: 0,
      servedFromStore: 0,
      waits: 3,
      quota: [],
      clockSkew: undefined,
    });
  });

  it('have the quota that the server said last', async () => {
    const header = 'b=per_hour;q=10;r=7;t=3540,b=per_day;q=100;r=90;t=80000, nonsense;q=1';
    const { manager, clock, get } = simulatedTokenManager({}, (count) =>
      count === 1 ? { ...granted('t'), headers: { 'auth0-client-quota-limit': header } } : granted('t'),
    );
    await get();
    await clock.advance(60_000);
    await get();
    expect(manager.stats().quota).toEqual([
      { period: 'per_hour', limit: 10, remaining: 7, resetsIn: 3_540_000 },
      { period: 'per_day', limit: 100, remaining: 90, resetsIn: 80_000_000 },
    ]);
  });
});

describe('close', () => {
  it('ends the waits between attempts, and waits for what is under way', async () => {
    const { manager, clock, get, upstream } = simulatedTokenManager({}, () => ({ broken: true, delay: 100 }));
    const failing = get().catch((error: Error) => error.message);
    await clock.advance(0);
    await passing(clock, manager.close(), 100);
    expect(await failing).toContain('ECONNREFUSED');
    expect(upstream.requests).toHaveLength(1);
  });

  it('leaves a manager that works, once', async () => {
    const { manager, get } = simulatedTokenManager({}, (count) => (count === 1 ? { broken: true } : granted('t')));
    await manager.close();
    await expect(get()).rejects.toThrow('ECONNREFUSED');
  });
});
