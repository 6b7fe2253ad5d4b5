import { describe, expect, it } from '@jest/globals';
import { oidc } from '../../../lib/authorization-servers/oidc.js';
import { EndpointOutages } from '../../../lib/client/tokens/acquisition/endpoint-outages.js';
import { createTokenManager } from '../../../lib/client/tokens/create-token-manager.js';
import { EndpointResolver } from '../../../lib/authorization-servers/endpoint-resolver.js';
import { TestClock } from '../../../lib/testing/test-clock.js';
import { asking, simulatedTokenManager } from '../../support/client-token-manager.js';
import { resolvedClient } from '../../support/resolved-client.js';
import { granted, passing, refused, ScriptedUpstream, type Step } from '../../support/scripted-upstream.js';

/** Requests at an endpoint that is down for 20 s, while calls for each of the tokens come every half a second. */
async function requestsFor(tokenCount: number, down: Step, areTogether = false): Promise<number> {
  const { manager, parameters, clock, upstream } = simulatedTokenManager({}, () =>
    clock.monotonic() < 20_000 ? down : granted('t', 3600),
  );
  const tokens = Array.from({ length: tokenCount }, (_, index) => ({ ...parameters, audience: `api-${index}` }));
  while (clock.monotonic() < 20_000) {
    for (const token of tokens) {
      void manager.getAccessToken(token).catch(() => undefined);
      if (!areTogether) await clock.advance(500 / tokenCount);
    }
    if (areTogether) await clock.advance(500);
  }
  return upstream.times.filter((time) => time < 20_000).length;
}

/** Named clients of one application at one endpoint. */
function clientsOf(names: string[], answer: (clock: TestClock) => Step) {
  const clock = new TestClock();
  const upstream = new ScriptedUpstream(clock, () => answer(clock));
  const surroundings = {
    http: upstream,
    endpoints: new EndpointResolver((request) => upstream.request(request), clock),
    clock,
    outages: new EndpointOutages(clock, () => 1),
    emit: () => undefined,
  };
  const authorizationServer = oidc({ issuer: 'https://id.example.com' });
  const managers = names.map((clientId) => {
    const server = { ...authorizationServer, tokenEndpoint: 'https://id.example.com/token' };
    return createTokenManager(resolvedClient({ authorizationServer: server, clientId }), surroundings, {
      random: () => 1,
    });
  });
  return { clock, upstream, get: (index: number) => managers[index]!.getAccessToken(asking()) };
}

describe('an outage of the token endpoint', () => {
  it.each<[string, Step]>([
    ['refuses connections', { broken: true }],
    ['answers 503', refused(503)],
    ['answers with a page of maintenance', { body: '<html>' }],
  ])('causes as many requests for 50 tokens as for one if it %s', async (_name, down) => {
    const [one, fifty] = [await requestsFor(1, down), await requestsFor(50, down)];
    expect(one).toBeGreaterThan(5);
    expect(Math.abs(fifty - one)).toBeLessThanOrEqual(1);
  });

  it.each<[string, Step]>([
    ['refuses connections', { broken: true }],
    ['never answers', { ...granted('late'), delay: 3_600_000 }],
  ])('causes one request more for each token that is requested when it begins if it %s', async (_name, down) => {
    const [one, fifty] = [await requestsFor(1, down, true), await requestsFor(50, down, true)];
    expect(fifty).toBeLessThanOrEqual(one + 49);
  });

  it('is shared by all clients: one of them finds out that it is over (claim 7.4)', async () => {
    const { clock, upstream, get } = clientsOf(['orders', 'billing'], (its) =>
      its.monotonic() < 1000 ? { broken: true } : { ...granted('t'), delay: 100 },
    );
    expect(await passing(clock, get(0))).toMatchObject({ status: 'rejected' });
    const requests = upstream.requests.length;
    await expect(get(1)).rejects.toThrow(/ECONNREFUSED \(The next attempt is made in \d s\.\)$/);
    await clock.advance(1000);
    const both = passing(clock, Promise.all([get(0), get(1)]));
    await clock.advance(50);
    expect(upstream.requests).toHaveLength(requests + 1);
    expect(await both).toMatchObject({ status: 'fulfilled' });
    expect(upstream.requests).toHaveLength(requests + 2);
  });

  it('fails the calls that wait for the probe together with it, after one request', async () => {
    const { clock, upstream, get } = clientsOf(['orders', 'billing'], () => ({ broken: true }));
    await passing(clock, get(0));
    await clock.advance(200);
    const requests = upstream.requests.length;
    const results = await passing(clock, Promise.allSettled([get(0), get(1)]));
    expect(results).toMatchObject({ value: [{ status: 'rejected' }, { status: 'rejected' }] });
    expect(upstream.requests).toHaveLength(requests + 1);
  });

  it('is over if the endpoint refuses a request', async () => {
    let step: Step = { broken: true };
    const { clock, get } = clientsOf(['orders', 'billing'], () => step);
    await passing(clock, get(0));
    await clock.advance(200);
    step = refused(400, 'invalid_scope');
    await expect(get(0)).rejects.toMatchObject({ error: 'invalid_scope' });
    step = granted('t');
    await expect(get(1)).resolves.toMatchObject({ value: 't' });
  });

  it('is not what it is if the function for the secret fails', async () => {
    let isVaultDown = true;
    const clientSecret = () => (isVaultDown ? Promise.reject(new Error('vault')) : 'secret');
    const { manager, parameters, clock, get } = simulatedTokenManager({ clientSecret });
    expect(await passing(clock, get())).toMatchObject({ status: 'rejected' });
    isVaultDown = false;
    await clock.advance(200);
    await expect(manager.getAccessToken({ ...parameters, audience: 'b' })).resolves.toMatchObject({ value: 't1' });
  });
});

describe('too many requests', () => {
  it.each<[string, Step, number[]]>([
    ['without a word when', refused(429), [0, 1000, 3000, 7000, 15_000]],
    ['with Retry-After', refused(429, undefined, { 'retry-after': '8' }), [0, 8000, 16_000]],
    ['with the end of the period', refused(429, undefined, { 'x-ratelimit-reset': '12' }), [0, 12_000]],
  ])('%s are answered by pauses, for all tokens of the client', async (_name, step, expected) => {
    const { manager, parameters, clock, upstream } = simulatedTokenManager({}, () => step);
    for (let call = 0; clock.monotonic() < 20_000; call++) {
      const token = { ...parameters, audience: `api-${call % 50}` };
      await manager.getAccessToken(token).catch(() => undefined);
      await clock.advance(100);
    }
    expect(upstream.times).toEqual(expected);
  });

  it('bring a token although refused requests count: 3 a minute are allowed', async () => {
    const requests: number[] = [];
    const { clock, get } = simulatedTokenManager({}, () => {
      requests.push(clock.monotonic());
      const isAllowed = requests.filter((time) => time > clock.monotonic() - 60_000).length <= 3;
      return isAllowed && clock.monotonic() > 10_000 ? granted('t') : refused(429);
    });
    let token: string | undefined;
    while (!token && clock.monotonic() < 300_000) {
      token = await get().catch(() => undefined);
      await clock.advance(100);
    }
    expect(token).toBe('t');
  });
});

describe('a request that the server accepts and never answers', () => {
  const hangs = { ...granted('late'), delay: 3_600_000 };

  it.each([
    [10_000, 3333],
    [2000, 1000],
    [60_000, 20_000],
  ])('is given up after a third of a timeout of %d ms, a second at least', async (timeout, expected) => {
    const { clock, get, upstream } = simulatedTokenManager({ timeout }, (count) =>
      count === 1 ? hangs : granted('t'),
    );
    expect(await passing(clock, get())).toMatchObject({ value: 't' });
    expect(upstream.times[1]).toBeCloseTo(expected + 200, -1);
  });

  it.each([
    [3, 6000],
    [1, 9000],
  ])('is awaited if it is only slow: with %d attempts, %d ms', async (attempts, delay) => {
    const { clock, get } = simulatedTokenManager({ retry: { attempts } }, () => ({ ...granted('slow'), delay }));
    expect(await passing(clock, get())).toMatchObject({ value: 'slow' });
    expect(clock.monotonic()).toBeLessThanOrEqual(10_000);
  });

  it('is repeated in an outage too, so that a slow server ends it', async () => {
    const { clock, get } = simulatedTokenManager({}, () =>
      clock.monotonic() < 1000 ? { broken: true } : { ...granted('slow'), delay: 6000 },
    );
    await passing(clock, get());
    await clock.advance(1000);
    expect(await passing(clock, get())).toMatchObject({ value: 'slow' });
  });
});
