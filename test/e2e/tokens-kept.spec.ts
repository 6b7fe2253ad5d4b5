import { getEventListeners } from 'node:events';
import { inspect } from 'node:util';
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { Logger } from '@nestjs/common';
import { Test, type TestingModule } from '@nestjs/testing';
import type { KeptToken, M2MClientEvent, M2MClientOptions } from '../../lib/index.js';
import { M2MClientService } from '../../lib/client/m2m-client.service.js';
import { M2MTestingModule, TestAuthorizationServer, TestClock } from '../../lib/testing/index.js';
import { json, TestHttpServer } from '../support/http-server.js';
import { until } from '../support/until.js';

const LIFETIME = 600_000;
const UNKNOWN_CLIENT = { status: 401, body: { error: 'invalid_client' }, times: 100 };

let clock: TestClock;
let server: TestAuthorizationServer;
let module: TestingModule;
let m2m: M2MClientService;

async function start(client: Partial<M2MClientOptions> = {}): Promise<void> {
  const options = { retry: { attempts: 1 }, renewal: { jitter: 0 }, ...client };
  module = await Test.createTestingModule({
    imports: [M2MTestingModule.forRoot({ server, client: options })],
  }).compile();
  module.useLogger(false);
  await module.init();
  m2m = module.get(M2MClientService);
}

beforeEach(async () => {
  clock = new TestClock();
  const orders = { secret: 'the-secret-of-orders', tokenLifetime: LIFETIME };
  server = await TestAuthorizationServer.start({ clients: { orders }, scopes: ['read', 'write'], clock });
});

afterEach(async () => {
  await module.close();
  await server.stop();
});

/** Waits for the value that follows the current one. */
async function changed(token: KeptToken, cause: () => Promise<unknown>): Promise<string> {
  const values: string[] = [];
  const subscription = token.changes$.subscribe((value) => values.push(value));
  await cause();
  await until(() => values.length > 0);
  subscription.unsubscribe();
  return values[0] ?? '';
}

/** Lets time pass in steps that leave requests the time that they really take. @param holds ends it */
const passing = (holds: () => boolean): Promise<void> =>
  until(async () => {
    await clock.advance(500);
    return holds();
  });

const seen = (thing: object): string =>
  inspect(thing, { depth: Infinity, showHidden: true, getters: true }) + JSON.stringify([thing, { ...thing }]);

describe('M2MClientService.keepToken', () => {
  it('resolves with the token that calls have, and renews it though nobody uses it', async () => {
    await start();
    const token = await m2m.keepToken();
    expect(token.value).toBe(await m2m.getToken());
    const first = token.value;
    const second = await changed(token, () => clock.advance(0.9 * LIFETIME));
    expect(second).not.toBe(first);
    expect(token.value).toBe(second);
    expect(await m2m.getToken()).toBe(second);
    server.expectTokenRequests(2);
  });

  it('shares one token request and one renewal among all who keep the same token', async () => {
    await start();
    const events: M2MClientEvent[] = [];
    m2m.events$.subscribe((event) => events.push(event));
    const [token, ...others] = await Promise.all(Array.from({ length: 20 }, () => m2m.keepToken({ scope: 'read' })));
    if (!token) throw new Error('no token is kept');
    await changed(token, () => clock.advance(0.9 * LIFETIME));
    expect(new Set(others.map(({ value }) => value))).toEqual(new Set([token.value]));
    server.expectTokenRequests(2);
    expect(events.map(({ type }) => type)).toEqual(['issued', 'renewed']);
    expect(m2m.stats()).toMatchObject({ tokenRequests: 2, failures: 0, waits: 20, servedFromMemory: 0 });
  });

  it('keeps the token of a target, and of a named client', async () => {
    const targets = { shop: { url: 'http://127.0.0.1:9', scope: 'write' } };
    server.register('billing', 'the-secret-of-billing');
    await start({ targets, clients: { billing: { clientId: 'billing', clientSecret: 'the-secret-of-billing' } } });
    const tokens = [await m2m.keepToken({ target: 'shop' }), await m2m.client('billing').keepToken()];
    const claims = tokens.map(({ value }) => JSON.parse(atob(value.split('.')[1] ?? '')) as Record<string, unknown>);
    expect(claims).toMatchObject([{ scope: 'write' }, { client_id: 'billing' }]);
  });

  it('rejects as `getToken` does if there is no first token', async () => {
    await start();
    server.fail(UNKNOWN_CLIENT);
    await expect(m2m.keepToken()).rejects.toMatchObject({ code: 'ERR_M2M_TOKEN_REQUEST', error: 'invalid_client' });
    await expect(m2m.keepToken({ target: 'shop' })).rejects.toMatchObject({ code: 'ERR_M2M_CONFIGURATION' });
  });

  it('has the value that replaces a rejected one', async () => {
    await using api = await TestHttpServer.start(({ headers }, response) => {
      if (headers.authorization !== `Bearer ${first}`) return json(response, 200, {});
      return void response.writeHead(401, { 'www-authenticate': 'Bearer error="invalid_token"' }).end();
    });
    await start({ targets: { shop: { url: api.url } } });
    const token = await m2m.keepToken({ target: 'shop' });
    const first = token.value;
    const second = await changed(token, () => m2m.for('shop').axiosRef.get('/products'));
    expect(token.value).toBe(second);
    expect(second).not.toBe(first);
  });

  it('has the value that follows `invalidate`, and none before', async () => {
    await start();
    const token = await m2m.keepToken();
    await clock.advance(1000);
    const first = token.value;
    const second = await changed(token, async () => {
      const invalidated = m2m.invalidate();
      expect(() => token.value).toThrow(expect.objectContaining({ code: 'ERR_M2M_TOKEN_ENDPOINT' }));
      await invalidated;
    });
    expect(second).not.toBe(first);
    server.expectTokenRequests(2);
  });

  it('throws why the renewal fails once the token has expired', async () => {
    await start();
    const token = await m2m.keepToken();
    server.fail(UNKNOWN_CLIENT);
    await clock.advance(0.9 * LIFETIME);
    await until(() => m2m.stats().failures === 1);
    expect(token.value).toEqual(expect.any(String));
    await passing(() => clock.monotonic() > LIFETIME);
    expect(() => token.value).toThrow(
      expect.objectContaining({
        code: 'ERR_M2M_TOKEN_REQUEST',
        error: 'invalid_client',
        message: expect.stringContaining('invalid_client'),
      }),
    );
  });

  it('goes through an outage of the authorization server, and has a value as soon as that is back', async () => {
    await start();
    const token = await m2m.keepToken();
    await server.goDown();
    await clock.advance(0.9 * LIFETIME);
    await passing(() => clock.monotonic() > LIFETIME);
    expect(() => token.value).toThrow(
      expect.objectContaining({ code: 'ERR_M2M_TOKEN_ENDPOINT', message: expect.stringContaining('ECONNREFUSED') }),
    );
    const failures = m2m.stats().failures;
    expect(failures).toBeLessThan(12);
    await server.comeBack();
    let value: string | undefined;
    token.changes$.subscribe((next) => (value = next));
    await passing(() => value !== undefined);
    expect(token.value).toBe(value);
    expect(m2m.stats()).toMatchObject({ failures, tokenRequests: failures + 2 });
  });
});

describe('a kept token is closed', () => {
  it('by `close()`: it has no value, and is renewed no more', async () => {
    await start();
    const token = await m2m.keepToken();
    token.close();
    token.close();
    expect(() => token.value).toThrow(
      expect.objectContaining({ code: 'ERR_M2M_TOKEN_ENDPOINT', message: expect.stringContaining('was closed') }),
    );
    await clock.advance(10 * LIFETIME);
    server.expectTokenRequests(1);
  });

  it('by `close()` alone, if others keep the same', async () => {
    await start();
    const [one, other] = [await m2m.keepToken(), await m2m.keepToken()];
    one.close();
    const values: string[] = [];
    one.changes$.subscribe((value) => values.push(value));
    await changed(other, () => clock.advance(0.9 * LIFETIME));
    expect(values).toEqual([]);
  });

  it('at the end of a `using` block', async () => {
    await start();
    let kept: KeptToken;
    {
      using token = await m2m.keepToken();
      kept = token;
      expect(kept.value).toEqual(expect.any(String));
    }
    expect(() => kept.value).toThrow(/was closed/);
  });

  it('by its signal', async () => {
    await start();
    const controller = new AbortController();
    const token = await m2m.keepToken({}, { signal: controller.signal });
    let isCompleted = false;
    token.changes$.subscribe({ complete: () => (isCompleted = true) });
    controller.abort();
    expect(isCompleted).toBe(true);
    expect(() => token.value).toThrow(/was closed/);
  });

  it('leaves nothing at its signal', async () => {
    await start();
    const { signal } = new AbortController();
    const token = await m2m.keepToken({}, { signal });
    token.close();
    expect(getEventListeners(signal, 'abort')).toEqual([]);
  });

  it('before it begins, if the signal is aborted meanwhile, with its reason', async () => {
    await start();
    const reason = new Error('not needed any more');
    const controller = new AbortController();
    const kept = m2m.keepToken({}, { signal: controller.signal });
    controller.abort(reason);
    await expect(kept).rejects.toBe(reason);
    await expect(m2m.keepToken({}, { signal: controller.signal })).rejects.toBe(reason);
    await until(() => m2m.stats().tokenRequests === 1);
    await clock.advance(10 * LIFETIME);
    server.expectTokenRequests(1);
  });

  it.each([0, 1, 2, 3, 4, 5, 6, 8, 10])('or ends it, if the signal is aborted %i steps later', async (steps) => {
    await start();
    await m2m.getToken();
    const controller = new AbortController();
    const kept = m2m.keepToken({}, { signal: controller.signal });
    const aborted = (async () => {
      for (let step = 0; step < steps; step++) await Promise.resolve();
      controller.abort();
    })();
    const value = kept.then((token) => aborted.then(() => token.value));
    await expect(value).rejects.toThrow(/was closed|aborted/);
    await clock.advance(10 * LIFETIME);
    server.expectTokenRequests(1);
  });

  it('with the application, and none is kept after that', async () => {
    await start();
    const token = await m2m.keepToken();
    const ends: string[] = [];
    token.changes$.subscribe({ complete: () => ends.push('complete'), error: () => ends.push('error') });
    await module.close();
    expect(ends).toEqual(['complete']);
    expect(() => token.value).toThrow(/was closed/);
    await expect(m2m.keepToken()).rejects.toMatchObject({ code: 'ERR_M2M_TOKEN_ENDPOINT' });
    await clock.advance(10 * LIFETIME);
    server.expectTokenRequests(1);
  });

  it('with an application that shuts down while the first token is under way', async () => {
    await start();
    const kept = m2m.keepToken().catch((error: unknown) => error);
    await module.close();
    expect(await kept).toMatchObject({
      code: 'ERR_M2M_TOKEN_ENDPOINT',
      message: expect.stringContaining('shutting down'),
    });
  });
});

describe('`changes$` of a kept token', () => {
  it('has the next values only, and completes at once for whoever comes after the end', async () => {
    await start();
    const token = await m2m.keepToken();
    const [before, after]: [string[], string[]] = [[], []];
    token.changes$.subscribe((value) => before.push(value));
    expect(before).toEqual([]);
    token.close();
    token.changes$.subscribe({ complete: () => after.push('complete') });
    expect(after).toEqual(['complete']);
  });

  it('goes on for all if a subscriber throws, and that is logged once, by its class alone (claim 2.1)', async () => {
    await start();
    const error = jest.spyOn(Logger.prototype, 'error').mockReturnValue();
    const token = await m2m.keepToken();
    token.changes$.subscribe((value) => {
      throw new RangeError(`cannot send ${value}`);
    });
    const second = await changed(token, () => clock.advance(0.9 * LIFETIME));
    expect(token.value).toBe(second);
    await changed(token, () => clock.advance(0.9 * LIFETIME));
    expect(error.mock.calls).toEqual([[expect.stringMatching(/^M2M-2015 .*changes\$ threw "RangeError";/)]]);
    error.mockRestore();
  });
});

describe('what prints a token', () => {
  it('prints no value of a kept token or an access token (claim 2.1)', async () => {
    await start();
    const token = await m2m.keepToken();
    const access = await m2m.getAccessToken();
    expect(seen(token)).not.toContain(token.value);
    expect(seen(access)).not.toContain(token.value);
    expect(inspect(access)).toMatch(/^AccessToken \{\n {2}expiresAt: .*,\n {2}scope: .*,\n {2}type: 'Bearer'\n\}$/);
    const { value } = token;
    token.close();
    const error = await Promise.resolve()
      .then(() => token.value)
      .catch((thrown: Error) => thrown);
    expect(seen(Object(error))).not.toContain(value);
  });
});
