import { describe, expect, it } from '@jest/globals';
import { runFleet, type Outcome, type Scenario } from '../../support/simulation/fleet.js';
import { randomOutages, type Outage } from '../../support/simulation/outages.js';
import { seeded } from '../../support/simulation/random.js';

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** Set them to run a failed simulation again, or a large fleet. */
const { M2M_SIMULATION_SEED, M2M_SIMULATION_INSTANCES } = process.env;
const SEED = Number(M2M_SIMULATION_SEED ?? 20_261_121);
const INSTANCES = Number(M2M_SIMULATION_INSTANCES ?? 300);

const run = (scenario: Partial<Scenario>): Promise<Outcome> =>
  runFleet({ seed: SEED, instances: INSTANCES, duration: DAY, lifetime: HOUR, callEvery: 5 * MINUTE, ...scenario });

const serverKinds: Outage['kind'][] = ['refuses', 'hangs', 'errors', 'throttles'];
const storeKinds: Outage['kind'][] = ['refuses', 'hangs', 'garbage'];

describe(`a simulated fleet for a day, seed ${SEED}`, () => {
  it.each([
    ['1 instance', 1, SECOND * 20],
    ['10 instances', 10, MINUTE],
    [`${INSTANCES} instances`, INSTANCES, 5 * MINUTE],
  ])(
    'of %s makes at most 1.15 times the 24 requests that tokens of an hour take',
    async (_name, instances, callEvery) => {
      const { failed, requests, longestWait } = await run({ instances, callEvery });
      expect(failed).toBe(0);
      expect(requests.length).toBeLessThanOrEqual(1.15 * 24);
      expect(longestWait).toBeLessThan(SECOND);
    },
    600_000,
  );

  it('makes at most 2 requests if tokens live for a day', async () => {
    const { failed, requests } = await run({ lifetime: DAY });
    expect(failed).toBe(0);
    expect(requests.length).toBeLessThanOrEqual(2);
  }, 600_000);

  it('makes as many for each audience, and mixes none up', async () => {
    const { failed, requests } = await run({ audiences: ['a', 'b', 'c'], instances: 50, callEvery: MINUTE });
    expect(failed).toBe(0);
    expect(requests.length).toBeLessThanOrEqual(3 * 1.15 * 24);
  }, 600_000);

  it('makes as many for every instance if they share no store', async () => {
    const { failed, requests } = await run({ shared: false, instances: 20, callEvery: MINUTE });
    expect(failed).toBe(0);
    expect(requests.length).toBeLessThanOrEqual(20 * 1.15 * 24);
  }, 600_000);

  it('requests no more tokens when the authorization server fails, and has one 32 s after it is back', async () => {
    const renewal = 54 * MINUTE;
    const serverOutages = serverKinds.map((kind, index) => ({
      from: index * 2 * HOUR + renewal,
      to: index * 2 * HOUR + HOUR - MINUTE,
      kind,
    }));
    const { failed, tokensIssued, requests, issuedAt } = await run({
      instances: 50,
      callEvery: 10 * SECOND,
      duration: 8 * HOUR,
      serverOutages,
    });
    expect(failed).toBe(0);
    expect(tokensIssued).toBeLessThanOrEqual(1.15 * 8 + serverOutages.length);
    for (const { from, to, kind } of serverOutages) {
      const attempts = requests.filter((time) => from <= time && time < to).length;
      expect(attempts).toBeLessThanOrEqual(50 * (10 + (to - from) / (20 * SECOND)));
      // Pauses grow to 30 s, and one that waits for an answer waits for its end.
      const soon = { hangs: 42 * SECOND }[kind as string] ?? 32 * SECOND;
      const isOver = attempts === 0 || issuedAt.some((time) => from <= time && time <= to + soon);
      expect({ kind, isOver }).toEqual({ kind, isOver: true });
    }
  }, 600_000);

  it('fails no call when the store fails, and requests one token more for each instance and outage', async () => {
    const storeOutages = randomOutages(seeded(SEED), { kinds: storeKinds, count: 12, duration: DAY, longest: HOUR });
    const instances = 50;
    const { failed, requests, longestWait } = await run({ storeOutages, instances, callEvery: MINUTE });
    expect(failed).toBe(0);
    expect(requests.length).toBeLessThanOrEqual(1.15 * 24 + instances * storeOutages.length);
    // Where the store fails between a lease and its release, others wait for its end.
    expect(longestWait).toBeLessThan(12 * SECOND);
  }, 600_000);

  it('bears with skewed clocks, and with processes that crash while they fetch', async () => {
    const { failed, tokensIssued } = await run({ instances: 100, callEvery: MINUTE, skew: HOUR, crashEvery: MINUTE });
    expect(failed).toBe(0);
    expect(tokensIssued).toBeLessThanOrEqual(1.15 * 24 + 3);
  }, 600_000);

  it('bears with machines that are suspended', async () => {
    const { failed, tokensIssued } = await run({ instances: 100, callEvery: MINUTE, suspendEvery: MINUTE });
    expect(failed).toBe(0);
    expect(tokensIssued).toBeLessThanOrEqual(1.15 * 24 + 3);
  }, 600_000);

  it.each([1, 2, 3, 4])(
    'never serves an expired or a wrong token, and withholds no valid one: %d',
    async (offset) => {
      const random = seeded(SEED + offset);
      const lifetime = [MINUTE, 5 * MINUTE, HOUR, DAY][offset % 4] ?? HOUR;
      const duration = Math.min(DAY, 40 * lifetime);
      const [longest, count] = [duration / 10, 6];
      const { calls, failed } = await run({
        seed: SEED + offset,
        duration,
        instances: 40,
        callEvery: duration / 400,
        lifetime,
        audiences: ['a', 'b'],
        skew: HOUR,
        crashEvery: 5 * MINUTE,
        suspendEvery: 5 * MINUTE,
        serverOutages: randomOutages(random, { kinds: serverKinds, count, duration, longest }),
        storeOutages: randomOutages(random, { kinds: storeKinds, count, duration, longest }),
      });
      expect(failed).toBeLessThan(calls);
    },
    600_000,
  );
});
