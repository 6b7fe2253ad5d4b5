import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { Logger } from '@nestjs/common';
import { TestClock } from '../../../lib/testing/test-clock.js';
import { callingService, TestTokenEndpoint } from '../../support/calling-service.js';
import { json, TestHttpServer } from '../../support/http-server.js';
import { until } from '../../support/until.js';
import { MemoryTokenStore } from '../../support/memory-token-store.js';

let lines: string[] = [];
let open: () => void;
const write =
  (level: string) =>
  (message: string, ...rest: unknown[]): void =>
    void lines.push(`${level} [${String(rest.at(-1))}] ${message.replaceAll(/127\.0\.0\.1:\d+/g, 'HOST')}`);

beforeEach(() => {
  lines = [];
  const [log, warn, error] = ['log', 'warn', 'error'].map(write);
  Logger.overrideLogger({ log, warn, error } as never);
});
afterEach(() => Logger.overrideLogger(true));

/** A service of which 81 calls fail while its token endpoint is down for 14 s. */
async function outage(endpoint: TestTokenEndpoint) {
  const clock = new TestClock();
  const m2m = callingService(endpoint, { retry: { attempts: 1 } }, clock);
  endpoint.down = true;
  let failed = 0;
  while (clock.monotonic() < 14_000) {
    await m2m.getToken({ scope: `s${failed % 3}` }).catch(() => (failed += 1));
    await clock.advance(175);
  }
  endpoint.down = false;
  return { clock, m2m, failed };
}

describe('the log', () => {
  it('has one line when an outage begins, whatever the number of failed calls and tokens, and one when it ends', async () => {
    await using endpoint = await TestTokenEndpoint.start();
    const { clock, m2m, failed } = await outage(endpoint);
    expect(failed).toBeGreaterThanOrEqual(80);
    expect(lines).toEqual([
      'error [M2MClientService] M2M-2003 Token requests to "http://HOST/token" fail; calls that need a token fail: ' +
        '"POST http://HOST/token failed: ECONNRESET"',
    ]);
    await clock.advance(30_000);
    await m2m.getToken();
    await m2m.getToken({ scope: 's1' });
    expect(lines.slice(1)).toEqual([
      'log [M2MClientService] M2M-2004 Token requests to "http://HOST/token" succeed again after 44 s',
    ]);
  });

  it('has a line when renewals fail, when tokens about to expire are used, and when calls fail', async () => {
    await using endpoint = await TestTokenEndpoint.start(60);
    const clock = new TestClock();
    const m2m = callingService(endpoint, { retry: { attempts: 1 }, renewal: { jitter: 0 } }, clock);
    await m2m.getToken();
    endpoint.down = true;
    for (let time = 0; time < 70_000; time += 500) {
      const call = m2m.getToken().catch(() => undefined);
      await new Promise((resolve) => void setTimeout(resolve, 2));
      await clock.advance(500);
      await call;
    }
    expect(lines.map((line) => line.replace(/: ".*/, ''))).toEqual([
      'warn [M2MClientService] M2M-2001 Token requests to "http://HOST/token" fail; tokens in memory are used',
      'warn [M2MClientService] M2M-2002 Token requests to "http://HOST/token" fail; tokens about to expire are used',
      'error [M2MClientService] M2M-2003 Token requests to "http://HOST/token" fail; calls that need a token fail',
    ]);
  });

  it('has one line for all tokens that are used because the endpoint does not answer', async () => {
    await using endpoint = await TestTokenEndpoint.start(60);
    const clock = new TestClock();
    const m2m = callingService(endpoint, {}, clock);
    const scopes = ['s0', 's1', 's2'];
    for (const scope of scopes) await m2m.getToken({ scope });
    endpoint.gate = new Promise((resolve) => (open = resolve));
    await clock.advance(57_500);
    const calls = scopes.map((scope) => m2m.getToken({ scope }));
    await until(() => endpoint.requests.length === 6);
    await clock.advance(1500);
    expect(await Promise.all(calls)).toEqual(['token-1', 'token-2', 'token-3']);
    const subject = 'Token requests to "http://HOST/token"';
    expect(lines).toEqual([`warn [M2MClientService] M2M-2002 ${subject} fail; tokens about to expire are used`]);
    open();
    for (const scope of scopes) await m2m.getToken({ scope, forceRenewal: true });
    expect(lines.slice(1)).toEqual([
      expect.stringContaining(`log [M2MClientService] M2M-2004 ${subject} succeed again`),
    ]);
  });

  it('has a line for each token that is refused, and when it is granted', async () => {
    let isRefused = true;
    await using server = await TestHttpServer.start((_request, response) =>
      isRefused
        ? json(response, 400, { error: 'invalid_scope', error_description: 'no\u2028way' })
        : json(response, 200, { access_token: 't', token_type: 'Bearer', expires_in: 60 }),
    );
    const clock = new TestClock();
    const m2m = callingService({ url: server.url }, { scope: 'read' }, clock);
    for (let call = 0; call < 5; call++) await m2m.getToken().catch(() => undefined);
    await clock.advance(5000);
    isRefused = false;
    await m2m.getToken();
    expect(lines).toEqual([
      expect.stringMatching(
        /^error \[M2MClientService\] M2M-2003 Token requests of client "orders" for "scope read" fail; calls that need a token fail: "/,
      ),
      'log [M2MClientService] M2M-2004 Token requests of client "orders" for "scope read" succeed again after 5 s',
    ]);
  });

  it('has one line for all tokens of a client whose credentials are refused', async () => {
    await using server = await TestHttpServer.start((_request, response) =>
      json(response, 401, { error: 'invalid_client' }),
    );
    const m2m = callingService({ url: server.url }, {}, new TestClock());
    for (let call = 0; call < 5; call++) await m2m.getToken({ scope: `s${call}` }).catch(() => undefined);
    expect(lines.map((line) => line.replace(/: ".*/, ''))).toEqual([
      'error [M2MClientService] M2M-2003 Token requests of client "orders" fail; calls that need a token fail',
    ]);
  });

  it('has a line when a scope is missing, and when it is granted', async () => {
    let scope = 'read';
    await using server = await TestHttpServer.start((_request, response) =>
      json(response, 200, { access_token: 't', token_type: 'Bearer', expires_in: 60, scope }),
    );
    const m2m = callingService({ url: server.url }, { scope: 'read write' }, new TestClock());
    for (let call = 0; call < 3; call++) await m2m.getToken({ forceRenewal: true });
    scope = 'read write';
    for (let call = 0; call < 2; call++) await m2m.getToken({ forceRenewal: true });
    const token = 'of client "orders" for "scope read write"';
    expect(lines).toEqual([
      `warn [M2MClientService] M2M-2006 Tokens ${token} lack the scope "write"`,
      `log [M2MClientService] M2M-2007 Tokens ${token} have the scope "write"`,
    ]);
  });

  it('has a line when the token store fails, and when it works again', async () => {
    await using endpoint = await TestTokenEndpoint.start();
    const clock = new TestClock();
    const store = new MemoryTokenStore(clock);
    let isDown = true;
    const get = store.get.bind(store);
    store.get = (key) => (isDown ? Promise.reject(new Error('ECONNREFUSED')) : get(key));
    const m2m = callingService(endpoint, { tokenStore: store }, clock);
    for (let call = 0; call < 4; call++) {
      await m2m.getToken({ scope: `s${call}` });
      await clock.advance(1500);
    }
    isDown = false;
    for (let call = 0; call < 3; call++) await m2m.getToken({ scope: `t${call}` });
    expect(lines).toEqual([
      'warn [M2MClientService] M2M-2011 Token store of client "orders" fails; it is passed over: ' +
        '"the token store failed to get: Error; it is left alone for 1000 ms"',
      'log [M2MClientService] M2M-2012 Token store of client "orders" works again after 6 s',
    ]);
  });

  it('has one line for a subscriber of events$ that throws, and the events go on', async () => {
    await using endpoint = await TestTokenEndpoint.start();
    const m2m = callingService(endpoint, {});
    const seen: string[] = [];
    m2m.events$.subscribe(() => {
      throw new TypeError('no\nmetrics');
    });
    m2m.events$.subscribe(({ type }) => seen.push(type));
    for (let call = 0; call < 3; call++) await m2m.getToken({ forceRenewal: true });
    await new Promise((resolve) => void setTimeout(resolve, 5));
    expect(seen).toEqual(['issued', 'renewed', 'renewed']);
    expect(lines).toEqual([
      'error [M2MClientService] M2M-2014 A subscriber of events$ threw "TypeError: no\\nmetrics"; the next time is not logged',
    ]);
  });

  it('has one line when a secret cannot be read anew, one when it can, and one when it is another one', async () => {
    await using endpoint = await TestTokenEndpoint.start(60);
    const clock = new TestClock();
    let secret: string | undefined = 'the first secret';
    const clientSecret = (): string => {
      if (secret === undefined) throw new RangeError('s3cret');
      return secret;
    };
    const m2m = callingService(endpoint, { clientSecret }, clock);
    const hour = async () => {
      await clock.advance(60 * 60_000);
      await m2m.getToken();
    };
    await m2m.getToken();
    secret = undefined;
    await hour();
    await hour();
    secret = 'another secret';
    await hour();
    expect(lines).toEqual([
      'warn [M2MClientService] M2M-2008 Credential of client "orders" cannot be read anew; it is used as it was: ' +
        '"the clientSecret function failed with RangeError"',
      'log [M2MClientService] M2M-2009 Credential of client "orders" is read again after 7200 s',
      'log [M2MClientService] M2M-2010 Token requests of client "orders" use another secret',
    ]);
  });
});
