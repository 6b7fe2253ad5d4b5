import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { decodeJwt } from 'jose';
import type { M2MClientService } from '../../../lib/client/m2m-client.service.js';
import { TestAuthorizationServer, type TestClient } from '../../../lib/testing/index.js';
import { TestClock } from '../../../lib/testing/test-clock.js';
import { callingService } from '../../support/calling-service.js';
import { TestHttpServer } from '../../support/http-server.js';
import { CredentialFiles, rotatedMethods, type Rotated } from '../../support/rotated-credentials.js';

const CALLS_PER_SECOND = 200;
/** Calls that are under way at once. */
const AT_ONCE = 10;

describe.each(rotatedMethods)('$name under 200 calls a second', ({ make, both, authentication, tls }) => {
  let clock: TestClock;
  let files: CredentialFiles;
  let server: TestAuthorizationServer;
  let target: TestHttpServer;
  let m2m: M2MClientService;
  let old: Rotated;
  let next: Rotated;

  beforeEach(async () => {
    clock = new TestClock();
    files = new CredentialFiles();
    [old, next] = [make(), make()];
    files.write(old);
    server = await TestAuthorizationServer.start({ clients: { orders: old.registered }, clock, tls });
    register(old.registered);
    target = await TestHttpServer.start(({ headers }, response) => {
      const { exp = 0 } = decodeJwt(headers.authorization?.replace('Bearer ', '') ?? '');
      // The clock moves while a request is on its way.
      response.writeHead((exp + 1) * 1000 > clock.wall() ? 200 : 401).end();
    });
    const { issuer, tokenEndpoint } = server;
    m2m = callingService(
      { url: tokenEndpoint },
      {
        authorizationServer: { name: 'test', issuer, tokenEndpoint },
        clientSecret: undefined,
        clientAuthentication: authentication(files),
        targets: { products: { url: target.url } },
      },
      clock,
    );
  });

  afterEach(async () => {
    await Promise.all([server.stop(), target.stop()]);
    files[Symbol.dispose]();
  });

  /** Tokens are so short that several are requested in each phase. */
  function register(client: TestClient): void {
    server.register('orders', { ...client, tokenLifetime: 2000 });
  }

  /** Calls the target for some seconds. The statuses of all answers, each once; the message of a call that fails. */
  async function callFor(seconds: number): Promise<ReadonlySet<unknown>> {
    const seen = new Set<unknown>();
    const call = (): Promise<unknown> =>
      m2m.fetch(`${target.url}/`).then(
        ({ status }) => seen.add(status),
        (error: Error) => seen.add(error.message),
      );
    for (let made = 0; made < seconds * CALLS_PER_SECOND; made += AT_ONCE) {
      const calls = Promise.all(Array.from({ length: AT_ONCE }, call));
      await clock.advance((AT_ONCE / CALLS_PER_SECOND) * 1000);
      await calls;
    }
    return seen;
  }

  const refused = () => server.requests('token').filter(({ status }) => status !== 200);
  const requests = () => server.requests('token').length;
  const onlyAnswered = new Set([200]);

  it('rotates without a failed call: the new one is registered, then used, then the old one is dropped', async () => {
    expect(await callFor(1)).toEqual(onlyAnswered);
    register(both(old, next));
    files.write(next);
    expect(await callFor(2)).toEqual(onlyAnswered);
    await clock.advance(10 * 60_000);
    expect(await callFor(2)).toEqual(onlyAnswered);
    register(next.registered);
    expect(await callFor(3)).toEqual(onlyAnswered);
    expect(refused()).toEqual([]);
    expect(requests()).toBeGreaterThan(3);
    expect(target.requests).toHaveLength(8 * CALLS_PER_SECOND);
  }, 60_000);

  it('rotates without a failed call if the server drops the old one at once', async () => {
    expect(await callFor(1)).toEqual(onlyAnswered);
    files.write(next);
    register(next.registered);
    expect(await callFor(4)).toEqual(onlyAnswered);
    expect(refused()).toHaveLength(1);
    expect(requests()).toBeGreaterThan(2);
    expect(target.requests).toHaveLength(5 * CALLS_PER_SECOND);
  }, 60_000);
});
