import type { ServerResponse } from 'node:http';
import { describe, expect, it } from '@jest/globals';
import { M2MTokenVerifier } from '../../../lib/resource-server/m2m-token-verifier.js';
import { TestClock } from '../../../lib/testing/test-clock.js';
import { fateOf, verificationApp } from '../../e2e/verification/verification-app.js';
import { json, TestHttpServer, type SeenRequest } from '../../support/http-server.js';
import { until } from '../../support/until.js';

const CONCURRENCY = 8;

/** An introspection endpoint that answers when it is told to, and knows the tokens that begin with `known`. */
class SlowEndpoint {
  running = 0;
  most = 0;
  answered = 0;
  private readonly waiting: (() => void)[] = [];
  isHeld = false;

  async answer({ body }: SeenRequest, response: ServerResponse): Promise<void> {
    this.running += 1;
    this.most = Math.max(this.most, this.running);
    const isKnown = new URLSearchParams(body).get('token')?.startsWith('known') ?? false;
    if (this.isHeld && !isKnown) await new Promise<void>((resolve) => this.waiting.push(resolve));
    this.running -= 1;
    this.answered += 1;
    const fields = { client_id: 'orders', sub: 'orders', aud: 'api', exp: 4e9, token_type: 'Bearer' };
    json(response, 200, isKnown ? { active: true, ...fields } : { active: false });
  }

  release(): void {
    this.isHeld = false;
    for (const answer of this.waiting.splice(0)) answer();
  }
}

describe('Introspection under a flood of invented tokens', () => {
  it('sends no more requests at once than are configured, and known tokens keep passing (claim 7.16)', async () => {
    const endpoint = new SlowEndpoint();
    await using server = await TestHttpServer.start((request, response) => endpoint.answer(request, response));
    const clock = new TestClock();
    const authorizationServer = { issuer: 'http://127.0.0.1:1', introspectionEndpoint: server.url };
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
      await until(() => endpoint.running >= CONCURRENCY - CONCURRENCY / 4);
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
  });
});
