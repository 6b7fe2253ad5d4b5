import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from '@jest/globals';
import { M2MTokenVerifier } from '../../../lib/resource-server/m2m-token-verifier.js';
import { TestClock } from '../../../lib/testing/test-clock.js';
import { fateOf, verificationApp } from '../../e2e/verification/verification-app.js';

const CONCURRENCY = 8;

/** An introspection endpoint that answers when it is told to, and knows the tokens that begin with `known`. */
class SlowEndpoint {
  running = 0;
  most = 0;
  answered = 0;
  private readonly waiting: (() => void)[] = [];
  isHeld = false;

  readonly server: Server = createServer((request, response) => {
    this.running += 1;
    this.most = Math.max(this.most, this.running);
    void (async () => {
      let body = '';
      for await (const chunk of request) body += String(chunk);
      const token = new URLSearchParams(body).get('token') ?? '';
      if (this.isHeld && !token.startsWith('known')) await new Promise<void>((resolve) => this.waiting.push(resolve));
      const fields = { client_id: 'orders', sub: 'orders', aud: 'api', exp: 4e9, token_type: 'Bearer' };
      this.running -= 1;
      this.answered += 1;
      response.setHeader('content-type', 'application/json');
      response.end(JSON.stringify(token.startsWith('known') ? { active: true, ...fields } : { active: false }));
    })();
  });

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}/introspect`;
  }

  release(): void {
    this.isHeld = false;
    for (const answer of this.waiting.splice(0)) answer();
  }
}

describe('Introspection under a flood of invented tokens', () => {
  it('sends no more requests at once than are configured, and known tokens keep passing (claim 7.16)', async () => {
    const endpoint = new SlowEndpoint();
    endpoint.server.listen(0, '127.0.0.1');
    await once(endpoint.server, 'listening');
    const clock = new TestClock();
    const authorizationServer = { issuer: 'http://127.0.0.1:1', introspectionEndpoint: endpoint.url };
    const introspection = { clientId: 'rs', clientSecret: 's', concurrency: CONCURRENCY, ttl: 1000 };
    await using app = await verificationApp(
      { authorizationServer, resourceServer: { audience: 'api', introspection } },
      clock,
    );
    const verifier = app.get(M2MTokenVerifier);
    const fate = (token: string): Promise<string> => fateOf(verifier, token);
    const known = ['known-1', 'known-2', 'known-3'];
    expect(await Promise.all(known.map(fate))).toEqual(['orders', 'orders', 'orders']);

    endpoint.isHeld = true;
    const flood: Promise<string>[] = [];
    for (let second = 0; second < 3; second += 1) {
      flood.push(...Array.from({ length: 1000 }, (_none, index) => fate(`invented-${second}-${index}`)));
      while (endpoint.running < CONCURRENCY - CONCURRENCY / 4) await sleep(5);
      // Their time to live is over by then: they are asked about again, and have places of their own.
      await clock.advance(1000);
      expect(await Promise.all(known.map(fate))).toEqual(['orders', 'orders', 'orders']);
    }
    expect(endpoint.running).toBe(CONCURRENCY - CONCURRENCY / 4);
    expect(endpoint.most).toBeLessThanOrEqual(CONCURRENCY);
    expect(endpoint.answered).toBe(3 * 4);

    endpoint.release();
    await clock.advance(2000);
    const fates = await Promise.all(flood);
    expect(fates.filter((each) => each === 'ERR_M2M_KEYS_UNAVAILABLE').length).toBeGreaterThan(1900);
    expect(endpoint.most).toBeLessThanOrEqual(CONCURRENCY);
    endpoint.server.close();
  });
});
