import { describe, expect, it } from '@jest/globals';
import { clientAssertion } from '../../../lib/client-authentication/client-assertion.js';
import { UpstreamError } from '../../../lib/http/upstream.error.js';
import type { M2MNamedClientOptions } from '../../../lib/options/client-options.js';
import { simulatedTokenManager } from '../../support/client-token-manager.js';
import { granted, passing, refused } from '../../support/scripted-upstream.js';

type Ask = () => string | Promise<string>;

const never = new Promise<string>(() => undefined);
const failing = (): Promise<string> => Promise.reject(new Error('vault'));
const timedOut = { status: 'rejected', reason: { code: 'ERR_M2M_TOKEN_ENDPOINT', cause: expect.any(UpstreamError) } };

/** A client whose function gives `answers`, one after the other; the last one again and again. */
function clientAsking(optionsOf: (ask: Ask) => Partial<M2MNamedClientOptions>, answers: Ask[], timeout = 500) {
  let asked = 0;
  const made = simulatedTokenManager({
    ...optionsOf(() => {
      asked += 1;
      return answers[Math.min(asked, answers.length) - 1]?.() ?? never;
    }),
    timeout,
  });
  return { ...made, asked: () => asked };
}

const withSecret = (clientSecret: Ask) => ({ clientSecret });
const withAssertion = (ask: Ask) => ({ clientSecret: undefined, clientAuthentication: clientAssertion(ask) });

describe.each([
  ['secret', withSecret],
  ['assertion', withAssertion],
])('a function for the %s', (_name, optionsOf) => {
  it('that hangs fails its call at the deadline, sends nothing, and is asked anew by the next call', async () => {
    const { get, manager, clock, upstream, asked } = clientAsking(optionsOf, [() => never, () => 'right']);
    expect(await passing(clock, get())).toMatchObject(timedOut);
    expect([clock.monotonic(), asked(), upstream.requests.length, manager.stats().failures]).toEqual([500, 1, 0, 0]);
    await clock.advance(1000);
    expect(await get()).toBe('t1');
    expect(asked()).toBe(2);
  });

  it('that hangs holds up no shutdown for longer than that', async () => {
    const { get, manager, clock } = clientAsking(optionsOf, [() => never]);
    void get().catch(() => undefined);
    await clock.advance(0);
    expect(await passing(clock, manager.close())).toMatchObject({ status: 'fulfilled' });
    expect(clock.monotonic()).toBe(500);
  });

  it('that answers when no time is left sends nothing', async () => {
    const { get, clock, upstream } = clientAsking(optionsOf, [
      () => new Promise((resolve) => clock.after(500, () => resolve('right'))),
    ]);
    const { reason } = (await passing(clock, get())) as PromiseRejectedResult;
    expect(reason).toMatchObject({
      message: expect.stringContaining('no time was left'),
      cause: expect.any(UpstreamError),
    });
    expect(upstream.requests).toEqual([]);
  });

  it('that takes its time leaves the rest of it to the request', async () => {
    const { get, clock, upstream } = clientAsking(optionsOf, [
      () => new Promise((resolve) => clock.after(400, () => resolve('right'))),
    ]);
    upstream.answer = () => ({ ...granted('t'), delay: 60_000 });
    expect(await passing(clock, get())).toMatchObject(timedOut);
    expect(upstream.times).toEqual([400]);
    expect(clock.monotonic()).toBe(500);
  });

  it('that fails is asked again, as a request is repeated', async () => {
    const { get, clock, upstream, asked } = clientAsking(optionsOf, [failing, failing, () => 'right'], 10_000);
    expect(await passing(clock, get())).toMatchObject({ value: 't1' });
    expect([asked(), upstream.times]).toEqual([3, [600]]);
  });

  it('that hangs once it was refused leaves the refusal as it is, and holds up no call for longer', async () => {
    const { get, clock, upstream } = clientAsking(optionsOf, [() => 'wrong', () => never]);
    upstream.answer = () => refused(401, 'invalid_client');
    for (let calls = 0; calls < 5; calls++) {
      const before = clock.monotonic();
      expect(await passing(clock, get())).toMatchObject({ reason: { error: 'invalid_client' } });
      expect(clock.monotonic() - before).toBeLessThanOrEqual(500);
      if (clock.monotonic() < 2000) await clock.advance(300);
    }
    expect(upstream.requests).toHaveLength(1);
  });
});

it('a secret that cannot be asked for again is used again when the pause is over', async () => {
  const { get, clock, upstream } = clientAsking(withSecret, [() => 'right', () => never], 10_000);
  upstream.answer = (count) => (count === 1 ? refused(401, 'invalid_client') : granted(`t${count}`));
  expect(await passing(clock, get())).toMatchObject({ reason: { error: 'invalid_client' } });
  await clock.advance(1000);
  expect(await passing(clock, get())).toMatchObject({ value: 't2' });
  expect(upstream.times).toEqual([0, 15_000]);
});

describe('a secret that comes late', () => {
  it('is there for the next call', async () => {
    const { get, clock, asked } = clientAsking(withSecret, [
      () => new Promise((resolve) => clock.after(2000, () => resolve('right'))),
      () => never,
    ]);
    expect(await passing(clock, get())).toMatchObject(timedOut);
    await clock.advance(1500);
    expect([await get(), asked()]).toEqual(['t1', 1]);
  });

  it('does not take the place of a newer one', async () => {
    const { get, clock, manager, parameters, upstream } = clientAsking(withSecret, [
      () => new Promise((resolve) => clock.after(2000, () => resolve('old'))),
      () => 'new',
    ]);
    await passing(clock, get());
    await clock.advance(500);
    await get();
    await clock.advance(1500);
    await manager.getAccessToken(parameters, { forceRenewal: true });
    const sent = upstream.requests.map(({ headers }) => atob(headers.get('authorization')?.slice(6) ?? ''));
    expect(sent).toEqual(['orders:new', 'orders:new']);
  });
});
