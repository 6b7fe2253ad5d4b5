import { describe, expect, it } from '@jest/globals';
import { oidc } from '../../../lib/authorization-servers/oidc.js';
import { UpstreamError } from '../../../lib/http/upstream.error.js';
import { simulatedTokenManager } from '../../support/client-token-manager.js';
import { granted, passing, refused, type Step } from '../../support/scripted-upstream.js';

const reasonOf = (result: PromiseSettledResult<unknown>): unknown =>
  result.status === 'rejected' ? result.reason : undefined;

describe('a token request', () => {
  it.each<[string, Step]>([
    ['a broken connection', { broken: true }],
    ['a 500', refused(500)],
    ['a 503 with an OAuth error', refused(503, 'temporarily_unavailable')],
    ['a 400 that says it is temporary', refused(400, 'temporarily_unavailable')],
    ['a 408', refused(408)],
  ])('is repeated after %s, with growing pauses', async (_name, failure) => {
    const { get, clock, upstream } = simulatedTokenManager({}, (count) => (count < 3 ? failure : granted('t')));
    expect(await passing(clock, get())).toEqual({ status: 'fulfilled', value: 't' });
    expect(upstream.times).toEqual([0, 200, 600]);
  });

  it('is repeated after any part of the pause, so that processes do not come back together', async () => {
    const { get, clock, upstream } = simulatedTokenManager({}, () => ({ broken: true }), 0.5);
    await passing(clock, get());
    expect(upstream.times).toEqual([0, 100, 300]);
  });

  it.each([
    ['an OAuth error', refused(400, 'invalid_scope')],
    ['a 429', refused(429, undefined, { 'retry-after': '1' })],
    ['a 404', refused(404)],
    ['an answer that makes no sense', { body: 'hello' }],
  ])('is not repeated after %s', async (_name, failure) => {
    const { get, clock, upstream } = simulatedTokenManager({}, () => failure);
    expect((await passing(clock, get())).status).toBe('rejected');
    expect(upstream.times).toEqual([0]);
  });

  it('is tried as often as the options say', async () => {
    const retry = { attempts: 5, delay: 100, maxDelay: 250 };
    const { get, clock, upstream } = simulatedTokenManager({ retry }, () => ({ broken: true }));
    await passing(clock, get());
    expect(upstream.times).toEqual([0, 100, 300, 550, 800]);
  });

  it('waits for Retry-After of a 503 if that fits into the deadline', async () => {
    const { get, clock, upstream } = simulatedTokenManager({}, (count) =>
      count === 1 ? refused(503, undefined, { 'retry-after': '3' }) : granted('t'),
    );
    await passing(clock, get());
    expect(upstream.times).toEqual([0, 3200]);
  });

  it('keeps one deadline for all tries', async () => {
    const { get, clock, upstream } = simulatedTokenManager({ timeout: 1000 }, () => ({ ...refused(500), delay: 450 }));
    expect(reasonOf(await passing(clock, get()))).toMatchObject({ message: expect.stringContaining('350 ms') });
    expect(upstream.times).toEqual([0, 650]);
    expect(clock.monotonic()).toBe(1000);
  });

  it('is ended at the deadline', async () => {
    const { get, clock } = simulatedTokenManager({ timeout: 1000 }, () => ({ ...granted('t'), delay: 60_000 }));
    expect(reasonOf(await passing(clock, get()))).toMatchObject({ cause: expect.any(UpstreamError) });
    expect(clock.monotonic()).toBe(1000);
  });
});

describe('a failure', () => {
  it('of one request keeps that request away for 5 s, doubling to 5 min (claim 7.5)', async () => {
    const { get, clock, upstream } = simulatedTokenManager({}, () => refused(400, 'invalid_scope'));
    for (let i = 0; i < 4000; i++) {
      await expect(get()).rejects.toMatchObject({ error: 'invalid_scope', upstreamStatus: 400 });
      await clock.advance(500);
    }
    const pauses = upstream.times.map((time, index, times) => time - (times[index - 1] ?? 0)).slice(1);
    expect(pauses).toEqual([
      5000, 10_000, 20_000, 40_000, 80_000, 160_000, 300_000, 300_000, 300_000, 300_000, 300_000,
    ]);
  });

  it('says when the next attempt is made', async () => {
    const { get, clock } = simulatedTokenManager({}, () => refused(400, 'invalid_scope'));
    await expect(get()).rejects.not.toThrow('next attempt');
    await clock.advance(1000);
    await expect(get()).rejects.toThrow('(The next attempt is made in 4 s.)');
  });

  it('of one request does not keep another away', async () => {
    const { manager, parameters, get } = simulatedTokenManager({}, (count) =>
      count === 1 ? refused(400, 'invalid_scope') : granted('t'),
    );
    await expect(get()).rejects.toMatchObject({ error: 'invalid_scope' });
    await expect(manager.getAccessToken({ ...parameters, audience: 'b' })).resolves.toMatchObject({ value: 't' });
  });

  it.each<[string, Step, boolean]>([
    ['invalid_client, whatever the status', refused(400, 'invalid_client'), true],
    ['what this server means by it', refused(418, 'teapot'), true],
    ['a long Retry-After', refused(429, 'too_many_requests', { 'retry-after': '30' }), true],
    ['another refusal', refused(403, 'access_denied'), false],
  ])('that concerns the client keeps all its requests away: %s', async (_name, failure, all) => {
    const authorizationServer = {
      ...oidc({ issuer: 'https://id.example.com' }),
      tokenEndpoint: 'https://id.example.com/token',
      wrongCredentials: ({ error }: { error?: string | undefined }) => error === 'teapot',
    };
    const { manager, parameters, get, clock } = simulatedTokenManager({ authorizationServer }, (count) =>
      count === 1 ? failure : granted('t'),
    );
    await expect(get()).rejects.toThrow('refused');
    const other = await passing(clock, manager.getAccessToken({ ...parameters, audience: 'b' }));
    expect(other.status).toBe(all ? 'rejected' : 'fulfilled');
  });

  it('that asks for a pause is obeyed for an hour at most (claim 7.5)', async () => {
    const { get, clock, upstream } = simulatedTokenManager({}, () => refused(429, 'quota', { 'retry-after': '86400' }));
    await expect(get()).rejects.toMatchObject({ retryAfter: 3600 });
    await clock.advance(3_599_000);
    await expect(get()).rejects.toThrow('next attempt is made in 1 s');
    await clock.advance(1000);
    await expect(get()).rejects.toMatchObject({ error: 'quota' });
    expect(upstream.times).toEqual([0, 3_600_000]);
  });

  it('of another kind is not counted on top of it', async () => {
    const { get, clock, upstream } = simulatedTokenManager({}, (count) =>
      count <= 3 ? refused(429, 'quota', { 'retry-after': '30' }) : refused(401, 'invalid_client'),
    );
    for (let i = 0; i < 110; i++) {
      await get().catch(() => undefined);
      await clock.advance(1000);
    }
    expect(upstream.times).toEqual([0, 30_000, 60_000, 90_000, 95_000, 105_000]);
  });

  it('is forgotten by a success', async () => {
    const { manager, parameters, get, clock, upstream } = simulatedTokenManager({}, (count) =>
      count === 3 ? granted('t') : refused(400, 'invalid_scope'),
    );
    for (let i = 0; i < 3; i++) {
      await get().catch(() => undefined);
      await clock.advance(10_000);
    }
    await manager.invalidate(parameters);
    await expect(get()).rejects.toThrow('refused');
    await clock.advance(5000);
    await expect(get()).rejects.toThrow('refused');
    expect(upstream.times).toEqual([0, 10_000, 20_000, 30_000, 35_000]);
  });

  it('never hides a valid token', async () => {
    const { get, clock, types, upstream } = simulatedTokenManager({}, (count) =>
      count === 1 ? granted('t1') : refused(401, 'invalid_client'),
    );
    await get();
    await clock.advance(54_000);
    for (let i = 0; i < 59; i++) {
      expect(await get()).toBe('t1');
      await clock.advance(100);
    }
    await clock.advance(100);
    await expect(get()).rejects.toMatchObject({ error: 'invalid_client' });
    expect(upstream.times).toHaveLength(3);
    expect(types()).toEqual(['issued', 'renewal-failed', 'served-during-outage', 'renewal-failed']);
  });
});

describe('an outage', () => {
  it('fails no call while the token is valid, and is over 30 s after the server is back (claim 7.3)', async () => {
    let down = false;
    const { get, clock, upstream, types } = simulatedTokenManager({}, (count) =>
      down ? { broken: true } : granted(`t${count}`, 3600),
    );
    await get();
    down = true;
    await clock.advance(3_300_000);
    for (let i = 0; i < 2600; i++) {
      expect(await get()).toBe('t1');
      await clock.advance(100);
    }
    const during = upstream.requests.length;
    expect(during).toBeLessThanOrEqual(20);
    down = false;
    for (let i = 0; i < 320; i++) {
      await get();
      await clock.advance(100);
    }
    expect(await get()).toBe(`t${during + 1}`);
    expect(types().at(-1)).toBe('renewed');
  });

  it.each([0, 0.25, 0.5, 0.75, 1])('is over within 30 s of its end, whatever the pauses are: %d', async (random) => {
    for (let end = 3_500_000; end < 3_530_000; end += 3700) {
      const { get, clock, upstream } = simulatedTokenManager(
        {},
        () => (clock.monotonic() > 3_200_000 && clock.monotonic() < end ? { broken: true } : granted('t', 3600)),
        random,
      );
      await get();
      await clock.advance(end - 60_000);
      while (clock.monotonic() < end + 31_500) {
        await get();
        await clock.advance(50);
      }
      expect(upstream.times.some((time) => time >= end)).toBe(true);
    }
  });

  it.each([
    { attempts: 1, delay: 0 },
    { attempts: 1, maxDelay: 0 },
  ])('is not made worse by who repeats requests at once: %j', async (retry) => {
    for (const known of [true, false]) {
      const { get, clock, upstream } = simulatedTokenManager({ retry }, (count) =>
        known && count === 1 ? granted('t', 3600) : { broken: true },
      );
      await get().catch(() => undefined);
      await clock.advance(known ? 3_500_000 : 0);
      for (let i = 0; i < 600; i++) {
        void get().catch(() => undefined);
        await clock.advance(100);
      }
      expect(upstream.requests.length).toBeLessThanOrEqual(12);
    }
  });

  it.each<[string, Step]>([
    ['a page of maintenance', { body: '<html>' }],
    ['the redirect to one', { redirected: true }],
  ])('in which %s comes is over within 30 s of its end, and no request is repeated at once', async (_, page) => {
    const { get, clock, upstream } = simulatedTokenManager({}, () =>
      clock.monotonic() < 120_000 ? page : granted('t'),
    );
    while (clock.monotonic() < 150_100) {
      await get().catch(() => undefined);
      await clock.advance(100);
    }
    expect(await get()).toBe('t');
    expect(upstream.requests.length).toBeLessThanOrEqual(13);
  });

  it('in which such pages and a 503 come in turns has pauses that grow all the same', async () => {
    const { get, clock, upstream } = simulatedTokenManager({ retry: { attempts: 1 } }, (count) =>
      count % 2 === 0 ? { redirected: true } : refused(503),
    );
    while (clock.monotonic() < 60_000) {
      await get().catch(() => undefined);
      await clock.advance(100);
    }
    expect(upstream.requests.length).toBeLessThanOrEqual(10);
  });

  it('of an issuer that does not exist does not go on: it is asked as seldom as one that refuses', async () => {
    const { get, clock, upstream } = simulatedTokenManager(
      { authorizationServer: oidc({ issuer: 'https://id.example.com' }) },
      () => refused(404),
    );
    for (let i = 0; i < 600; i++) {
      await get().catch(() => undefined);
      await clock.advance(100);
    }
    expect(new Set(upstream.times)).toEqual(new Set([0, 5000, 15_000, 35_000]));
  });

  it('of a server whose metadata cannot be had is over 30 s after its end', async () => {
    const issuer = 'https://id.example.com';
    const metadata = { issuer, token_endpoint: `${issuer}/token` };
    const { get, clock } = simulatedTokenManager({ authorizationServer: oidc({ issuer }) }, () => {
      if (clock.monotonic() < 60_000) return refused(503);
      return { body: { ...metadata, ...(granted('t').body as object) } };
    });
    while (clock.monotonic() < 90_000) {
      void get().catch(() => undefined);
      await clock.advance(100);
    }
    expect(await get()).toBe('t');
  });

  it('is not made worse by calls that have no token: one request at a time, with pauses', async () => {
    const { get, clock, upstream } = simulatedTokenManager({}, () => ({ broken: true }));
    for (let i = 0; i < 600; i++) {
      void get().catch(() => undefined);
      await clock.advance(100);
    }
    expect(upstream.requests.length).toBeLessThanOrEqual(12);
  });
});
