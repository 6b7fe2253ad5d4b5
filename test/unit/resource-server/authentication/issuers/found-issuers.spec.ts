import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { describe, expect, it } from '@jest/globals';
import { FoundIssuers } from '../../../../../lib/resource-server/authentication/issuers/found-issuers.js';
import { resolveFoundIssuer } from '../../../../../lib/options/resolve-trust.js';
import type { ResolvedIssuer } from '../../../../../lib/options/resolved-options.js';
import { TestClock } from '../../../../../lib/testing/test-clock.js';

setFlagsFromString('--expose_gc');
const collectGarbage = runInNewContext('gc') as () => void;

/** Bytes in use, once nothing is left that nobody needs. */
function heap(): number {
  collectGarbage();
  return process.memoryUsage().heapUsed;
}

/** A name of 507 characters, in one piece as from a token: V8 joins parts only when it must, and names would share theirs. */
const nameOf = (index: number): string =>
  Buffer.from(`https://idp.test/${String(index).padStart(490, '0')}`).toString('latin1');

function found(answers: (name: string) => boolean | Promise<never>) {
  const clock = new TestClock();
  const asked = { times: 0 };
  const issuers = new FoundIssuers<{ options: ResolvedIssuer }>(
    {
      ask: async (name) => {
        asked.times += 1;
        const authorizationServer = { issuer: name };
        const answer = (await answers(name)) ? { authorizationServer, audience: 'api', scopes: [] } : undefined;
        return answer && resolveFoundIssuer(answer);
      },
      accept: (options) => ({ options }),
      failed: () => undefined,
    },
    clock,
  );
  return { issuers, clock, asked };
}

describe('FoundIssuers', () => {
  it('takes a bounded amount of memory for misses, which push no hit out (claim 7.12)', async () => {
    const { issuers, clock, asked } = found((name) => name === nameOf(0));
    await issuers.find(nameOf(0));
    await clock.advance(1000);
    const kept = new Set<boolean>();
    const before = heap();
    for (let index = 1; index <= 20_000; index += 1) {
      await issuers.find(nameOf(index));
      if (index % 20 === 0) await clock.advance(1000);
      kept.add(issuers.known(nameOf(0)) !== undefined);
    }
    // 20,000 names alone would be 10 MB.
    expect(heap() - before).toBeLessThan(5_000_000);
    // Asked for afterwards, so that what is measured is still in use.
    expect([...kept, issuers.isMissing(nameOf(20_000))]).toEqual([true, true]);
    expect(asked.times).toBeGreaterThan(20_000);
  }, 60_000);

  it('lets one that was not found stay so for 5 min while others use up the look-ups (claim 7.12)', async () => {
    const { issuers, clock, asked } = found(() => false);
    const useUp = (from: number): Promise<unknown> =>
      Promise.all(Array.from({ length: 20 }, (_, index) => issuers.find(nameOf(from + index))));
    await issuers.find(nameOf(0));
    await clock.advance(31_000);
    await useUp(1);
    expect(await issuers.find(nameOf(0))).toBeUndefined();
    await expect(issuers.find(nameOf(21))).rejects.toMatchObject({ code: 'ERR_M2M_KEYS_UNAVAILABLE' });
    expect(asked.times).toBe(21);
    await clock.advance(1000);
    await issuers.find(nameOf(0));
    expect(asked.times).toBe(22);
    await clock.advance(300_000);
    await useUp(100);
    await expect(issuers.find(nameOf(0))).rejects.toMatchObject({ code: 'ERR_M2M_KEYS_UNAVAILABLE' });
  });

  it('lets it stay so while slow look-ups leave no turn to its own (claim 7.12)', async () => {
    const { issuers, clock } = found((name) => name !== nameOf(0) && new Promise<never>(() => undefined));
    await issuers.find(nameOf(0));
    await clock.advance(31_000);
    for (const index of [1, 2, 3]) void issuers.find(nameOf(index));
    const again = issuers.find(nameOf(0));
    const other = issuers.find(nameOf(4)).catch((error: unknown) => error);
    await clock.advance(2000);
    expect(await again).toBeUndefined();
    expect(await other).toMatchObject({ code: 'ERR_M2M_KEYS_UNAVAILABLE' });
  });

  it('has no more than 20 new ones looked up in a second, and known ones beside them', async () => {
    const { issuers, clock, asked } = found(() => true);
    await issuers.find(nameOf(0));
    await clock.advance(300_000);
    const results = await Promise.allSettled(Array.from({ length: 30 }, (_, index) => issuers.find(nameOf(index))));
    expect(results.map(({ status }) => status === 'fulfilled')).toEqual(results.map((_, index) => index <= 20));
    expect(asked.times).toBe(22);
  });
});
