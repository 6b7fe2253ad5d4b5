import { inspect } from 'node:util';
import { describe, expect, it } from '@jest/globals';
import { CallbackError } from '../../../lib/errors/callback.error.js';
import { TokenRequestError } from '../../../lib/errors/token-request.error.js';
import type { M2MNamedClientOptions } from '../../../lib/options/client-options.js';
import type { M2MAccessTokenProvider, M2MAccessTokenRequest } from '../../../lib/options/access-token-provider.js';
import { TestClock } from '../../../lib/testing/test-clock.js';
import { asking, clientTokenManager } from '../../support/client-token-manager.js';
import { failureOf } from '../../support/scripted-token-endpoint.js';
import { passing, ScriptedUpstream } from '../../support/scripted-upstream.js';

const shop = asking({ audience: 'https://shop' });
const stock = asking({ audience: 'https://stock' });
const once = { attempts: 1 };

/** What the function does with the call of a number, from 1. */
type Answer = (count: number, request: M2MAccessTokenRequest) => unknown;

const numbered: Answer = (count) => ({ accessToken: `token-${count}`, expiresIn: 600 });

/** A client whose function answers on the injected clock. */
function provided(answer: Answer = numbered, options: Omit<M2MNamedClientOptions, 'accessTokenProvider'> = {}) {
  const clock = new TestClock();
  const state = { answer };
  const requests: M2MAccessTokenRequest[] = [];
  const accessTokenProvider = ((request) => {
    requests.push(request);
    return state.answer(requests.length, request);
  }) as M2MAccessTokenProvider;
  const upstream = new ScriptedUpstream(clock);
  const made = clientTokenManager({ accessTokenProvider, ...options }, clock, upstream, { random: () => 1 });
  const get = async (parameters = shop) => (await made.manager.getAccessToken(parameters)).value;
  const types = () => made.events.map(({ type }) => type);
  return { ...made, clock, state, requests, upstream, get, types };
}

const failing =
  (error: Error): Answer =>
  () => {
    throw error;
  };

const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');

function jwt(claims: object): string {
  return `${part({ alg: 'RS256' })}.${part(claims)}.c2lnbmF0dXJl`;
}

describe('accessTokenProvider', () => {
  it('is told what the token is requested for, and nothing else', async () => {
    const { get, requests } = provided();
    await get(asking({ audience: 'https://shop', resource: 'https://a', scope: 'write read' }));
    const signal = expect.any(AbortSignal) as unknown;
    expect(requests).toEqual([{ audience: 'https://shop', resource: ['https://a'], scope: ['read', 'write'], signal }]);
    expect(Object.isFrozen(requests[0])).toBe(true);
  });

  it('is called once for all callers of a token, and once more for each other token', async () => {
    const { get, requests, upstream, manager } = provided();
    const all = await Promise.all([get(), get(), get(stock), get(), get(stock)]);
    expect(all).toEqual(['token-1', 'token-1', 'token-2', 'token-1', 'token-2']);
    await expect(get()).resolves.toBe('token-1');
    expect([requests.length, upstream.requests.length]).toEqual([2, 0]);
    expect(manager.stats()).toMatchObject({ tokenRequests: 2, failures: 0, quota: [] });
  });

  it('is called ahead of the end of its token, in the background', async () => {
    const { get, clock, requests, types } = provided();
    await get();
    await clock.advance(570_000);
    await expect(get()).resolves.toBe('token-1');
    await clock.advance(0);
    expect(requests).toHaveLength(2);
    await expect(get()).resolves.toBe('token-2');
    expect(types()).toEqual(['issued', 'renewed']);
  });

  it('is called again if it fails, within one request', async () => {
    const { get, clock, manager, types } = provided((count) => {
      if (count < 3) throw new Error('starting');
      return { accessToken: 't' };
    });
    await expect(passing(clock, get())).resolves.toMatchObject({ value: 't' });
    expect(manager.stats()).toMatchObject({ tokenRequests: 3, failures: 2 });
    expect(types()).toEqual(['issued']);
  });

  it('counts in the budget', async () => {
    const { get, requests } = provided(numbered, { budget: { perHour: 1 } });
    await get();
    await expect(get(stock)).rejects.toMatchObject({ code: 'ERR_M2M_BUDGET_EXCEEDED' });
    expect(requests).toHaveLength(1);
  });

  it('is called anew for a token that was invalidated', async () => {
    const { get, manager } = provided();
    await get();
    await manager.invalidate(shop);
    await expect(get()).resolves.toBe('token-2');
  });

  it.each([
    ['organization', asking({ organization: 'acme' })],
    ['parameters', asking({ parameters: { hint: 'a' } })],
  ])('is not called for %s, which it does not get', async (name, parameters) => {
    const { get, requests } = provided();
    await expect(get(parameters)).rejects.toThrow(`${name} is not passed to accessTokenProvider`);
    expect(requests).toEqual([]);
  });
});

describe('a failure of accessTokenProvider', () => {
  class MetadataError extends Error {
    readonly secret = 'eyJ-secret';
    override readonly name = 'eyJ-name';
  }

  it('shows the name of the class, and nothing else of what was thrown (claim 2.5)', async () => {
    const thrown = new MetadataError('eyJ-message', { cause: 'eyJ-cause' });
    const { get, events } = provided(failing(thrown), { retry: once });
    const error = await failureOf<CallbackError>(get());
    expect(error).toBeInstanceOf(CallbackError);
    expect(error.message).toBe('the function client.accessTokenProvider failed with MetadataError');
    const again = await failureOf<CallbackError>(get());
    expect(again).toMatchObject({ code: 'ERR_M2M_CALLBACK', option: 'client.accessTokenProvider' });
    const seen = inspect([error, again, events], { depth: 10, showHidden: true }) + JSON.stringify([error, events]);
    expect(seen).not.toContain('eyJ');
  });

  it('that is an error of this package is shown as it is', async () => {
    const thrown = new TokenRequestError('no such client', { error: 'invalid_client', upstreamStatus: 401 });
    const { get, clock, events } = provided(failing(thrown));
    expect(await passing(clock, get())).toMatchObject({ reason: thrown });
    expect(events).toMatchObject([{ type: 'request-failed', error: thrown, concerns: 'token' }]);
  });

  it('is an outage of this token alone: the function is asked for others, and after a pause for it', async () => {
    const { get, clock, requests } = provided(
      (_count, { audience }) => {
        if (audience === 'https://shop') throw new Error('no such audience');
        return { accessToken: 'for-stock', expiresIn: 60 };
      },
      { retry: once },
    );
    for (let round = 0; round < 5; round++) await expect(get()).rejects.toThrow('failed with Error');
    expect(requests).toHaveLength(1);
    await expect(get(stock)).resolves.toBe('for-stock');
    await clock.advance(200);
    await expect(get()).rejects.toThrow('failed with Error');
    await clock.advance(200);
    await expect(get()).rejects.toThrow('(The next attempt is made in 1 s.)');
    expect(requests).toHaveLength(3);
  });

  it('is never remembered as a refusal: when the function works, the pause before is 30 s at most', async () => {
    const { get, clock, state, requests } = provided(failing(new TypeError('down')), { retry: once });
    for (let minute = 0; minute < 60; minute++) {
      await expect(get()).rejects.toThrow('failed with TypeError');
      await clock.advance(60_000);
    }
    expect(requests).toHaveLength(60);
    state.answer = numbered;
    await expect(get()).resolves.toBe('token-61');
  });

  it('ends with retryNow', async () => {
    const { get, manager, state } = provided(failing(new Error('down')), { retry: once });
    await expect(get()).rejects.toThrow('failed with Error');
    state.answer = numbered;
    await expect(get()).rejects.toThrow('next attempt');
    await manager.retryNow();
    await expect(get()).resolves.toBe('token-2');
  });

  it('leaves the token in use to its very end', async () => {
    const { get, clock, state, types } = provided(numbered, { retry: once });
    await get();
    state.answer = failing(new Error('down'));
    await clock.advance(599_000);
    await expect(passing(clock, get())).resolves.toMatchObject({ value: 'token-1' });
    await clock.advance(2000);
    await expect(passing(clock, get())).resolves.toMatchObject({ status: 'rejected' });
    expect(types()).toEqual(['issued', 'renewal-failed', 'served-during-outage', 'request-failed']);
  });

  it('can dictate a pause: by a TokenRequestError with retryAfter', async () => {
    const throttled = new TokenRequestError('slow down', { error: 'http_429', upstreamStatus: 429, retryAfter: 60 });
    const { get, clock, requests } = provided(failing(throttled));
    await expect(get()).rejects.toThrow('slow down');
    await clock.advance(59_000);
    await expect(get()).rejects.toMatchObject({ code: 'ERR_M2M_TOKEN_REQUEST', retryAfter: 1 });
    expect(requests).toHaveLength(1);
  });

  it.each<[number, number]>([
    [Number.NaN, 1],
    [-5, 1],
    ['soon' as never, 1],
    [Infinity, 3600],
    [1e9, 3600],
  ])('dictates no pause of %s s: it is %i s', async (retryAfter, pause) => {
    const refusal = { error: 'http_429', upstreamStatus: 429, retryAfter };
    const { get, requests } = provided(failing(new TokenRequestError('slow down', refusal)), { retry: once });
    await expect(get()).rejects.toThrow('slow down');
    await expect(get()).rejects.toMatchObject({ retryAfter: pause });
    expect(requests).toHaveLength(1);
  });

  it.each<[string, Answer]>([
    ['a call that never ends', () => new Promise(() => undefined)],
    [
      'a call that ends with the signal',
      (_count, { signal }) =>
        new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(signal.reason as Error))),
    ],
  ])('comes in time, and aborts the signal: %s', async (_what, hang) => {
    const { get, clock, requests, manager } = provided(hang, { timeout: 3000 });
    const begun = clock.monotonic();
    const result = await passing(clock, get());
    expect(result).toMatchObject({ reason: { message: expect.stringMatching(/did not answer in \d+ ms/) as unknown } });
    expect(clock.monotonic() - begun).toBeLessThanOrEqual(3010);
    expect(requests.map(({ signal }) => (signal.reason as Error).name)).toEqual(['TimeoutError', 'TimeoutError']);
    expect(manager.stats()).toMatchObject({ tokenRequests: 2, failures: 2 });
  });

  it('in the first third of the time leaves the rest to another call', async () => {
    const { get, clock } = provided((count, request) =>
      count === 1 ? new Promise(() => undefined) : numbered(count, request),
    );
    await expect(passing(clock, get())).resolves.toMatchObject({ value: 'token-2' });
  });
});

const ofReader: Answer = () => ({ accessToken: jwt({ scope: 'read' }) });

describe('what accessTokenProvider returns', () => {
  it.each<[string, unknown, string]>([
    ['a text', 'eyJ-secret', 'something else than an object: return { accessToken, expiresIn }'],
    ['nothing', undefined, 'something else than an object'],
    ['a list', ['eyJ-secret'], 'something else than an object'],
    ['the names of the RFC', { access_token: 'eyJ-secret' }, 'no accessToken: return { accessToken, expiresIn }'],
    ['no token', { accessToken: null }, 'no accessToken'],
    ['an empty token', { accessToken: '' }, 'an accessToken that is no text, or has characters'],
    ['a number', { accessToken: 7 }, 'an accessToken that is no text'],
    ['a token with a line break', { accessToken: 'eyJ-secret\n' }, 'an accessToken that is no text, or has characters'],
    ['a token with a space', { accessToken: 'eyJ secret' }, 'an accessToken that is no text, or has characters'],
    ['a token beyond ASCII', { accessToken: 'eyJ-é' }, 'an accessToken that is no text, or has characters'],
    ['an endless token', { accessToken: 'e'.repeat(65_537) }, 'an accessToken of more than 65536 characters'],
    ['a negative lifetime', { accessToken: 'eyJ', expiresIn: -1 }, 'an expiresIn that is no number of seconds'],
    ['no number', { accessToken: 'eyJ', expiresIn: NaN }, 'an expiresIn that is no number of seconds'],
    ['no end', { accessToken: 'eyJ', expiresIn: Infinity }, 'an expiresIn that is no number of seconds'],
    ['a date', { accessToken: 'eyJ', expiresIn: new Date() }, 'an expiresIn that is no number of seconds'],
    ['a text with a unit', { accessToken: 'eyJ', expiresIn: '1h' }, 'an expiresIn that is no number of seconds'],
    ['DPoP', { accessToken: 'eyJ', tokenType: 'DPoP' }, 'a tokenType other than Bearer'],
    ['N_A', { accessToken: 'eyJ', tokenType: 'N_A' }, 'a tokenType other than Bearer'],
    ['mac', { accessToken: 'eyJ', tokenType: 'mac' }, 'a tokenType other than Bearer'],
    ['a type that is no text', { accessToken: 'eyJ', tokenType: 7 }, 'a tokenType other than Bearer'],
  ])('is refused, and not shown (claim 2.5): %s', async (_what, returned, problem) => {
    const { get } = provided(() => returned, { retry: once });
    const error = await failureOf(get());
    expect(error.message).toContain(`the function client.accessTokenProvider returned ${problem}`);
    expect(inspect(error)).not.toContain('eyJ');
  });

  it.each<[string, unknown, object]>([
    ['accessToken', 'polluted', { status: 'rejected' }],
    ['expiresIn', 1, { value: 'token-1' }],
    ['tokenType', 'DPoP', { value: 'token-1' }],
    ['error', new Error('polluted'), { value: 'token-1' }],
    ['failure', 'polluted', { value: 'token-1' }],
  ])('has nothing that a polluted Object.prototype holds: %s (claim 6.2)', async (name, value, result) => {
    const answer = name === 'accessToken' ? {} : { accessToken: 'token-1' };
    const { get, clock } = provided(() => answer, { retry: once });
    Object.assign(Object.prototype, { [name]: value });
    try {
      await expect(passing(clock, get())).resolves.toMatchObject(result);
      if (name === 'expiresIn') await clock.advance(200_000);
      await expect(passing(clock, get())).resolves.toMatchObject(result);
    } finally {
      Reflect.deleteProperty(Object.prototype, name);
    }
  });

  it('may throw while it is read', async () => {
    const returned = {
      get accessToken(): string {
        throw new RangeError('eyJ-secret');
      },
    };
    const { get } = provided(() => returned, { retry: once });
    await expect(get()).rejects.toThrow('the function client.accessTokenProvider failed with RangeError');
  });

  it.each<[string, (now: number) => object, number]>([
    ['a number of seconds', () => ({ accessToken: 't', expiresIn: 86_399 }), 86_399_000],
    ['the text of a number', () => ({ accessToken: 't', expiresIn: '86399', tokenType: 'bearer' }), 86_399_000],
    ['nothing', () => ({ accessToken: 't', tokenType: undefined, expiresIn: undefined }), 300_000],
    ['a JWT', (now) => ({ accessToken: jwt({ iat: now, exp: now + 120 }) }), 120_000],
    ['a JWT of long ago', (now) => ({ accessToken: jwt({ iat: now - 3000, exp: now + 600 }) }), 600_000],
    ['a JWT without iat', (now) => ({ accessToken: jwt({ exp: now + 600 }) }), 600_000],
    ['a JWT that ends earlier', (now) => ({ accessToken: jwt({ iat: now, exp: now + 60 }), expiresIn: 3600 }), 60_000],
    ['a JWT of a clock ahead', (now) => ({ accessToken: jwt({ iat: now + 60, exp: now + 360 }) }), 300_000],
    ['an earlier end', (now) => ({ accessToken: jwt({ iat: now, exp: now + 3600 }), expiresIn: 60 }), 60_000],
  ])('says how long the token lives: %s', async (_what, tokenAt, lifetime) => {
    const { get, clock, events, state } = provided();
    state.answer = () => tokenAt(Math.floor(clock.wall() / 1000));
    await get();
    const [issued] = events;
    expect(issued?.type).toBe('issued');
    expect(Math.abs((issued as { lifetime: number }).lifetime - lifetime)).toBeLessThan(1000);
  });

  it('is asked for again at once if the token has expired', async () => {
    const { get, clock } = provided((count) => ({ accessToken: `t${count}`, expiresIn: count === 1 ? 0 : 60 }));
    await expect(passing(clock, get())).resolves.toMatchObject({ value: 't2' });
  });

  it('may lack scopes that were requested', async () => {
    const wanted = asking({ scope: 'read write' });
    const lenient = provided(ofReader);
    await lenient.get(wanted);
    expect(lenient.events[0]).toMatchObject({ type: 'scope-missing', missing: ['write'] });
    const strict = provided(ofReader, { verifyScope: 'strict' });
    await expect(strict.get(wanted)).rejects.toMatchObject({ error: 'invalid_scope' });
  });

  it('may be an object of a class', async () => {
    class Token {
      get accessToken(): string {
        return 'of-a-class';
      }
    }
    await expect(provided(() => new Token()).get()).resolves.toBe('of-a-class');
  });
});
