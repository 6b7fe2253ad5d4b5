import { describe, expect, it } from '@jest/globals';
import { TestClock } from '../../../lib/testing/test-clock.js';
import { callingService } from '../../support/calling-service.js';
import { json, TestHttpServer } from '../../support/http-server.js';
import { MemoryTokenStore } from '../../support/memory-token-store.js';

/** Processes with one store at an endpoint that answers `failure.status` until that is 200. */
async function processesAt(status: number, count = 1) {
  const failure = { status, requests: 0 };
  const server = await TestHttpServer.start((_request, response) => {
    failure.requests += 1;
    if (failure.status !== 200)
      return json(response, failure.status, { error: 'slow_down' }, { 'retry-after': '86400' });
    return json(response, 200, { access_token: 't', token_type: 'Bearer', expires_in: 60 });
  });
  const clock = new TestClock();
  const tokenStore = new MemoryTokenStore(clock);
  const options = {
    retry: { attempts: 1 },
    tokenStore,
    clients: { billing: { clientId: 'billing', clientSecret: 's' } },
  };
  const start = () => callingService(server, options, clock);
  return {
    failure,
    clock,
    processes: Array.from({ length: count }, start),
    [Symbol.asyncDispose]: () => server.stop(),
  };
}

describe('retryNow', () => {
  it.each([429, 503, 400])('ends the pause after a %d', async (status) => {
    await using world = await processesAt(status);
    const [m2m] = world.processes;
    await expect(m2m!.getToken()).rejects.toThrow('slow_down');
    world.failure.status = 200;
    await expect(m2m!.getToken()).rejects.toThrow('(The next attempt is made in');
    await m2m!.retryNow();
    await expect(m2m!.getToken()).resolves.toBe('t');
    expect(world.failure.requests).toBe(2);
  });

  it('ends the pauses of named clients, and a named client ends its own only', async () => {
    await using world = await processesAt(400);
    const [m2m] = world.processes;
    const billing = m2m!.client('billing');
    await expect(billing.getToken()).rejects.toThrow('refused');
    await expect(m2m!.getToken()).rejects.toThrow('slow_down');
    world.failure.status = 200;
    await billing.retryNow();
    await expect(billing.getToken()).resolves.toBe('t');
    await expect(m2m!.getToken()).rejects.toThrow('next attempt');
    await m2m!.retryNow();
    await expect(m2m!.getToken()).resolves.toBe('t');
  });

  it('ends the pauses that other processes left in the store', async () => {
    await using world = await processesAt(429, 3);
    const [first, second, third] = world.processes;
    await expect(first!.getToken()).rejects.toMatchObject({ retryAfter: 3600 });
    await world.clock.advance(1000);
    await expect(second!.getToken()).rejects.toThrow('The next attempt is made in 3599 s');
    world.failure.status = 200;
    await second!.retryNow();
    await expect(second!.getToken()).resolves.toBe('t');
    await expect(third!.getToken()).resolves.toBe('t');
  });

  it('knows a pause in the store that it has not seen, and keeps one that begins later', async () => {
    await using world = await processesAt(429, 2);
    const [first, second] = world.processes;
    await expect(first!.getToken({ scope: 'a' })).rejects.toThrow('refused');
    await world.clock.advance(1000);
    await second!.retryNow();
    await expect(second!.getToken({ scope: 'a' })).rejects.not.toThrow('next attempt');
    await expect(second!.getToken({ scope: 'a' })).rejects.toThrow('next attempt');
    expect(world.failure.requests).toBe(2);
  });
});
