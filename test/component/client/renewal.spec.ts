import { describe, expect, it } from '@jest/globals';
import { oidc } from '../../../lib/authorization-servers/oidc.js';
import { simulatedTokenManager } from '../../support/client-token-manager.js';
import { granted, passing } from '../../support/scripted-upstream.js';

describe('1000 calls a second across the renewal of a token of 120 s, at an endpoint that takes 2 s', () => {
  it('wait for nothing and cause one request', async () => {
    const { manager, parameters, clock, upstream, get, types } = simulatedTokenManager({}, (count) => ({
      ...granted(`t${count}`, 120),
      delay: 2000,
    }));
    await passing(clock, get());
    await clock.advance(100_000);
    const served = new Set<string>();
    for (let i = 0; i < 15_000; i++) {
      served.add((await manager.getAccessToken(parameters)).value);
      await clock.advance(1);
    }
    expect([...served]).toEqual(['t1', 't2']);
    expect(manager.stats()).toMatchObject({ waits: 1, servedFromMemory: 15_000, tokenRequests: 2 });
    expect(upstream.requests).toHaveLength(2);
    expect(types()).toEqual(['issued', 'renewed']);
  });
});

describe('renewal as the options have it', () => {
  it('begins and ends when they say', async () => {
    const renewal = { leeway: 20_000, ahead: 60_000, jitter: 0 };
    const { clock, upstream, get } = simulatedTokenManager({ renewal }, (count) => granted(`t${count}`, 300));
    await get();
    await clock.advance(239_999);
    await get();
    expect(upstream.requests).toHaveLength(1);
    await clock.advance(1);
    expect(await get()).toBe('t1');
    await clock.advance(0);
    expect(await get()).toBe('t2');
  });
});

describe('an authorization server that cannot be discovered', () => {
  it('is asked again after a pause, and the error stays the same', async () => {
    const { clock, upstream, get } = simulatedTokenManager(
      { authorizationServer: oidc({ issuer: 'https://id.example.com' }) },
      () => ({ status: 404 }),
    );
    const first = await passing(clock, get());
    expect(first).toMatchObject({ reason: { code: 'ERR_M2M_DISCOVERY' } });
    const asked = upstream.requests.length;
    await expect(get()).rejects.toMatchObject({
      code: 'ERR_M2M_DISCOVERY',
      message: expect.stringContaining('next attempt'),
    });
    expect(upstream.requests).toHaveLength(asked);
  });
});
