import { describe, expect, it } from '@jest/globals';
import { EndpointOutage } from '../../../../../lib/client/tokens/acquisition/endpoint-outage.js';
import { TokenRequestFailure } from '../../../../../lib/client/tokens/endpoint/token-request-failure.js';
import { TokenEndpointError } from '../../../../../lib/errors/token-endpoint.error.js';
import { TokenRequestError } from '../../../../../lib/errors/token-request.error.js';
import { TestClock } from '../../../../../lib/testing/test-clock.js';
import { resolvedClient } from '../../../../support/resolved-client.js';

const client = resolvedClient();
const down = new TokenRequestFailure(new TokenEndpointError('ECONNREFUSED'), 'transient', true);
const busy = (retryAfter: number) => {
  const refusal = { error: 'http_503', upstreamStatus: 503, retryAfter };
  return new TokenRequestFailure(new TokenRequestError('busy', refusal), 'transient', true);
};

function outageOf(random = 1) {
  const clock = new TestClock();
  return { clock, outage: new EndpointOutage(clock, () => random) };
}

describe('EndpointOutage', () => {
  it('lets every request go if the endpoint works', async () => {
    const { outage } = outageOf();
    expect(await Promise.all([outage.enter(1000), outage.enter(1000)])).toEqual([false, false]);
  });

  it.each([
    [0, [150, 300, 600, 22_500]],
    [1, [200, 400, 800, 30_000]],
  ])('has pauses that grow to 30 s: %d', async (random, expected) => {
    const { outage } = outageOf(random);
    const pauses: unknown[] = [];
    for (let count = 0; count < 12; count++) {
      outage.failed(down, client, count);
      pauses.push(await outage.enter(1000).catch(({ pause }: { pause: number }) => pause));
    }
    expect([...pauses.slice(0, 3), pauses.at(-1)]).toEqual(expected);
  });

  it('throws the last failure during a pause, and how long the pause still takes', async () => {
    const { clock, outage } = outageOf();
    outage.failed(busy(30), client, 0);
    await clock.advance(10_000);
    expect(() => outage.check()).toThrow(
      expect.objectContaining({
        pause: 20_000,
        failure: expect.objectContaining({ message: 'busy (The next attempt is made in 20 s.)', retryAfter: 20 }),
      }),
    );
  });

  it.each([0, 1])('grows its pauses even if the server asks for %d s', async (retryAfter) => {
    const { clock, outage } = outageOf();
    for (let count = 0; count < 5; count++) outage.failed(busy(retryAfter), client, count);
    await clock.advance(3199);
    expect(() => outage.check()).toThrow('busy');
  });

  it('does not count the failure of a request that was sent before the last one', async () => {
    const { clock, outage } = outageOf();
    for (const failuresBefore of [0, 1, 2, 0, 1, 0]) outage.failed(down, client, failuresBefore);
    expect(outage.failures).toBe(3);
    await clock.advance(799);
    expect(() => outage.check()).toThrow(expect.objectContaining({ pause: 1 }));
  });

  it('makes the first request after a pause the probe, and lets the others wait for it', async () => {
    const { clock, outage } = outageOf();
    outage.failed(down, client, 0);
    await clock.advance(200);
    expect(await outage.enter(1000)).toBe(true);
    expect(() => outage.check()).not.toThrow();
    const waiting = [outage.enter(1000), outage.enter(1000)];
    expect(await Promise.race([...waiting, clock.advance(500)])).toBeUndefined();
    outage.end();
    outage.endProbe();
    expect(await Promise.all(waiting)).toEqual([false, false]);
  });

  it('fails those who wait if the probe fails', async () => {
    const { clock, outage } = outageOf();
    outage.failed(down, client, 0);
    await clock.advance(200);
    await outage.enter(1000);
    const waiting = outage.enter(1000);
    outage.failed(down, client, 1);
    outage.endProbe();
    await expect(waiting).rejects.toMatchObject({ pause: 400 });
  });

  it('lets the next one be the probe if the probe ends without a result', async () => {
    const { clock, outage } = outageOf();
    outage.failed(down, client, 0);
    await clock.advance(200);
    await outage.enter(1000);
    const [second, third] = [outage.enter(1000), outage.enter(1000)];
    outage.endProbe();
    expect(await second).toBe(true);
    expect(await Promise.race([third, clock.advance(500)])).toBeUndefined();
    outage.endProbe();
    expect(await third).toBe(true);
  });

  it('lets nobody wait for a probe for longer than its timeout', async () => {
    const { clock, outage } = outageOf();
    outage.beginProbe();
    const reason = outage.enter(700).catch((error: unknown) => error);
    await clock.advance(700);
    expect(await reason).toMatchObject({ failure: { code: 'ERR_M2M_TOKEN_ENDPOINT' } });
  });
});
