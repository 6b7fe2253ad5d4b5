import { describe, expect, it } from '@jest/globals';
import { clientSecretPost } from '../../../lib/client-authentication/client-secret-post.js';
import { simulatedTokenManager } from '../../support/client-token-manager.js';
import { granted, refused } from '../../support/scripted-upstream.js';

/** A client whose secret is asked for with `secret`, at a server that takes only the secret `right`. */
function clientOf(secret: () => string | Promise<string>, state: { right: string }) {
  let asked = 0;
  const made = simulatedTokenManager({
    clientAuthentication: clientSecretPost(),
    clientSecret: () => {
      asked += 1;
      return secret();
    },
  });
  made.upstream.answer = (count, body) =>
    body.get('client_secret') === state.right ? granted(`t${count}`) : refused(401, 'invalid_client');
  return { ...made, asked: () => asked };
}

describe('a secret given as a function', () => {
  it('is asked for again when it is refused, and the request is repeated once with the new one', async () => {
    let current = 'old';
    const state = { right: 'old' };
    const { get, clock, upstream, asked, types } = clientOf(() => current, state);
    await get();
    current = state.right = 'new';
    await clock.advance(60_000);
    expect(await get()).toBe('t3');
    expect([asked(), upstream.requests.length]).toEqual([2, 3]);
    expect(types()).toEqual(['issued', 'credential-changed', 'issued']);
  });

  it('is not tried again if it is the same', async () => {
    const { get, clock, upstream, asked } = clientOf(() => 'wrong', { right: 'right' });
    await clock.advance(5000);
    await expect(get()).rejects.toMatchObject({ error: 'invalid_client' });
    expect([asked(), upstream.requests.length]).toEqual([2, 1]);
  });

  it('is asked for again at once if it is refused soon after it was read, and then at most every 5 s', async () => {
    const secrets = ['old', 'new', 'newer'];
    const state = { right: 'new' };
    const { get, manager, parameters, clock, upstream, asked } = clientOf(() => secrets[asked() - 1] ?? 'none', state);
    expect(await get()).toBe('t2');
    expect([asked(), upstream.times]).toEqual([2, [0, 0]]);
    state.right = 'newer';
    const again = () => manager.getAccessToken(parameters, { forceRenewal: true });
    await expect(again()).rejects.toMatchObject({ error: 'invalid_client' });
    expect(asked()).toBe(2);
    await clock.advance(4999);
    await expect(again()).rejects.toMatchObject({ error: 'invalid_client' });
    await clock.advance(1);
    expect((await again()).value).toBe('t5');
    expect(asked()).toBe(3);
  });

  it('is asked for every 5 s while it is refused, and a new one ends the pause', async () => {
    let current = 'wrong';
    const { get, clock, upstream, asked } = clientOf(() => current, { right: 'right' });
    for (let i = 0; i < 64; i++) {
      await get().catch(() => undefined);
      await clock.advance(1000);
    }
    expect(upstream.times).toEqual([0, 5000, 15_000, 35_000]);
    expect(asked()).toBeGreaterThan(10);
    expect(asked()).toBeLessThan(15);
    current = 'right';
    for (let i = 0; i < 5; i++) {
      await get().catch(() => undefined);
      await clock.advance(1000);
    }
    expect(await get()).toBe('t5');
  });

  it('that fails when it is asked again leaves the refusal as it is', async () => {
    let failing = false;
    const { get, clock } = clientOf(() => (failing ? Promise.reject(new Error('vault')) : 'wrong'), { right: 'right' });
    await get().catch(() => undefined);
    failing = true;
    await clock.advance(5000);
    await expect(get()).rejects.toMatchObject({ error: 'invalid_client' });
  });

  it('is asked for at most every 5 s if it is none', async () => {
    let current = '';
    const { get, clock, asked } = clientOf(() => current, { right: 'right' });
    for (let i = 0; i < 50; i++) {
      await expect(get()).rejects.toMatchObject({ code: 'ERR_M2M_CONFIGURATION' });
      await clock.advance(100);
    }
    expect(asked()).toBe(1);
    current = 'right';
    expect(await get()).toBe('t1');
  });

  it('that is renewed for one token serves the next without being asked', async () => {
    let current = 'old';
    const state = { right: 'old' };
    const { manager, parameters, get, clock, asked } = clientOf(() => current, state);
    await get();
    current = state.right = 'new';
    await clock.advance(60_000);
    await Promise.all([get(), manager.getAccessToken({ ...parameters, audience: 'b' })]);
    expect(asked()).toBe(2);
  });
});
