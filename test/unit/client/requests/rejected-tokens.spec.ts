import { beforeEach, describe, expect, it } from '@jest/globals';
import { identifiedLogger } from '../../../../lib/events/identified-logger.js';
import type { M2MClientEvent } from '../../../../lib/client/events/m2m-client-event.js';
import { TargetLog } from '../../../../lib/client/events/target-log.js';
import { RejectedTokens } from '../../../../lib/client/requests/rejected-tokens.js';
import type { TokenUse } from '../../../../lib/client/requests/token-use.js';
import { AccessToken } from '../../../../lib/client/tokens/token/access-token.js';
import { resolveOptions } from '../../../../lib/options/resolve-options.js';
import type { ResolvedTarget } from '../../../../lib/options/resolved-options.js';
import { asking } from '../../../support/client-token-manager.js';
import { TestClock } from '../../../../lib/testing/test-clock.js';

const SECOND = 1000;
const HOUR = 3600 * SECOND;

const token = (value: string) => new AccessToken(value, new Date(), []);

/** A token manager whose tokens are numbered, and which can be out of order. */
class NumberedTokens {
  current = token('token-1');
  bought = 1;
  down = false;
  /** While set, token requests wait for it. */
  gate: Promise<void> | undefined;

  async getAccessToken(_: unknown, options: { forceRenewal?: boolean | undefined } = {}): Promise<AccessToken> {
    if (!options.forceRenewal) return this.current;
    this.bought += 1;
    await this.gate;
    if (this.down) throw new Error('down');
    this.current = token(`token-${this.bought}`);
    return this.current;
  }

  ofNewCertificate(): Promise<undefined> {
    return Promise.reject(new Error('no token is bound to a certificate'));
  }

  invalidate(): Promise<void> {
    return Promise.reject(new Error('other targets with the same token would have to wait'));
  }
}

const { client } = resolveOptions({
  authorizationServer: { name: 'test', issuer: 'http://127.0.0.1:1' },
  client: {
    clientId: 'orders',
    clientSecret: 'secret',
    targets: { shop: { url: 'https://shop.example' }, stock: { url: 'https://stock.example' } },
  },
});
const [shop, stock] = (client?.targets ?? []) as [ResolvedTarget, ResolvedTarget];

let clock: TestClock;
let manager: NumberedTokens;
let events: M2MClientEvent[];
let rejected: RejectedTokens;
let use: TokenUse;

beforeEach(() => {
  clock = new TestClock();
  manager = new NumberedTokens();
  events = [];
  rejected = new RejectedTokens(
    clock,
    new TargetLog(identifiedLogger('M2MClientService'), (event) => events.push(event)),
  );
  use = { target: shop, client: undefined, parameters: asking(), manager };
});

const replace = async (which = manager.current, by = use) => (await rejected.replace(which, by))?.value;

describe('a rejected token', () => {
  it('is renewed', async () => {
    await expect(replace()).resolves.toBe('token-2');
    expect(events).toMatchObject([{ type: 'rejected', client: undefined, target: 'shop', renewed: true }]);
    expect(JSON.stringify(events)).not.toContain('token-');
  });

  it('is replaced by the current one if that is another already', async () => {
    await expect(replace(token('token-0'))).resolves.toBe('token-1');
    expect(manager.bought).toBe(1);
  });

  it('is renewed once for all who were rejected at the same time, and for those who come while it is', async () => {
    let open: (() => void) | undefined;
    manager.gate = new Promise((resolve) => (open = resolve));
    const early = [replace(), replace()];
    await clock.advance(SECOND);
    const late = replace();
    open?.();
    await expect(Promise.all([...early, late])).resolves.toEqual(['token-2', 'token-2', 'token-2']);
    expect(manager.bought).toBe(2);
  });

  it('is not renewed again within ten seconds', async () => {
    await replace();
    await clock.advance(10 * SECOND - 1);
    await expect(replace()).resolves.toBeUndefined();
    await clock.advance(1);
    await expect(replace()).resolves.toBe('token-3');
    expect(events.map((event) => event.type === 'rejected' && event.renewed)).toEqual([true, false, true]);
  });

  it('stands where no token can be had', async () => {
    manager.down = true;
    await expect(replace()).resolves.toBeUndefined();
    manager.down = false;
    await expect(replace()).resolves.toBeUndefined();
    await clock.advance(10 * SECOND);
    await expect(replace()).resolves.toBe('token-3');
  });

  it('counts for its target and its kind of token alone', async () => {
    await replace();
    await expect(replace(manager.current, { ...use, target: stock })).resolves.toBe('token-3');
    await expect(replace(manager.current, { ...use, parameters: { ...asking(), scope: ['a'] } })).resolves.toBe(
      'token-4',
    );
    await expect(replace()).resolves.toBeUndefined();
  });
});

describe('a target that rejects every token', () => {
  it('costs at most ten tokens an hour, called 20 times a second', async () => {
    rejected = new RejectedTokens(clock, new TargetLog(identifiedLogger('M2MClientService'), () => {}));
    for (let second = 0; second < 3600; second += 1) {
      await Promise.all(Array.from({ length: 20 }, () => replace()));
      await clock.advance(SECOND);
    }
    expect(manager.bought).toBe(10);
  });

  it('costs one token an hour in the end', async () => {
    for (let call = 0; call < 24 * 60; call += 1) {
      await replace();
      await clock.advance(60 * SECOND);
    }
    const before = manager.bought;
    for (let call = 0; call < 24 * 60; call += 1) {
      await replace();
      await clock.advance(60 * SECOND);
    }
    expect(manager.bought - before).toBe(24);
  });
});

describe('a target that rejects now and then', () => {
  it('is forgiven when it accepted a new token and none was rejected since', async () => {
    await replace();
    await clock.advance(10 * SECOND);
    await replace();
    await clock.advance(20 * SECOND);
    rejected.accepted(use);
    await replace();
    await clock.advance(10 * SECOND);
    await expect(replace()).resolves.toBe('token-5');
  });

  it('is not forgiven for silence', async () => {
    await replace();
    await clock.advance(HOUR);
    await replace();
    await clock.advance(10 * SECOND);
    await expect(replace()).resolves.toBeUndefined();
  });

  it('is not forgiven while it accepts and rejects in turns', async () => {
    const bought: number[] = [];
    for (let second = 1; second <= 4 * 3600; second += 1) {
      rejected.accepted(use);
      await replace();
      await clock.advance(SECOND);
      if (second % 3600 === 0) bought.push(manager.bought);
    }
    expect(bought).toEqual([10, 11, 12, 13]);
  });

  it('is forgiven although it accepted early, if it was quiet after', async () => {
    await replace();
    rejected.accepted(use);
    await clock.advance(10 * SECOND);
    await replace();
    await clock.advance(10 * SECOND);
    await expect(replace()).resolves.toBe('token-4');
  });

  it('is forgiven nine times an hour at most', async () => {
    const renewed: number[] = [];
    for (let second = 0; second < 2 * 3600; second += 10) {
      const value = await replace();
      if (value !== undefined) renewed.push(second);
      rejected.accepted(use);
      await clock.advance(10 * SECOND);
    }
    const nine = [0, 10, 20, 30, 40, 50, 60, 70, 80];
    expect(renewed.slice(0, 10)).toEqual([...nine, 3600]);
    expect(renewed).toHaveLength(18);
  });
});

const unexplained = (which = manager.current, by = use) => rejected.replace(which, by, false);

describe('a target that rejects without a challenge', () => {
  it('is ignored for an hour from the rejection of the replacement on, and warns once', async () => {
    await unexplained();
    rejected.ignore(use);
    rejected.ignore(use);
    await clock.advance(HOUR - 1);
    await expect(unexplained()).resolves.toBeUndefined();
    expect(manager.bought).toBe(2);
    await clock.advance(1);
    await expect(unexplained()).resolves.toMatchObject({ value: 'token-3' });
    expect(events.map(({ type }) => type)).toEqual(['rejected', 'rejections-ignored', 'rejected']);
    expect(events[1]).toMatchObject({ target: 'shop', duration: HOUR });
  });

  it('is ignored from the next request on, if that rejects a replacement that could not be tried', async () => {
    await unexplained();
    await clock.advance(10_000);
    await expect(unexplained()).resolves.toBeUndefined();
    expect(events.at(-1)).toMatchObject({ type: 'rejections-ignored' });
    expect(manager.bought).toBe(2);
  });

  it('is listened to again if it accepted the replacement', async () => {
    await unexplained();
    rejected.accepted(use);
    await clock.advance(10_000);
    await expect(unexplained()).resolves.toMatchObject({ value: 'token-3' });
  });

  it('is still listened to if it says why, and leaves other targets alone', async () => {
    await unexplained();
    rejected.ignore(use);
    await clock.advance(10_000);
    await expect(replace()).resolves.toBe('token-3');
    await expect(unexplained(manager.current, { ...use, target: stock })).resolves.toMatchObject({ value: 'token-4' });
  });
});
