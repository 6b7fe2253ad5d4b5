import { generateKeyPairSync } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { Subject } from 'rxjs';
import { InvalidTokenError } from '../../../../../lib/errors/invalid-token.error.js';
import { KeysUnavailableError } from '../../../../../lib/errors/keys-unavailable.error.js';
import { KeySet } from '../../../../../lib/resource-server/authentication/jwt/key-set.js';
import type { M2MResourceServerEvent } from '../../../../../lib/resource-server/events/m2m-resource-server-event.js';
import { VerificationKey } from '../../../../../lib/resource-server/authentication/jwt/verification-key.js';
import { TestClock } from '../../../../../lib/testing/test-clock.js';

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const options = { maxAge: 10 * MINUTE, cooldown: 30 * SECOND, timeout: 5 * SECOND, staleIfError: 60 * MINUTE };

const pems = Array.from({ length: 3 }, () =>
  generateKeyPairSync('ec', { namedCurve: 'P-256' }).publicKey.export({ format: 'pem', type: 'spki' }).toString(),
);
const rsaPem = generateKeyPairSync('rsa', { modulusLength: 2048 })
  .publicKey.export({ format: 'pem', type: 'spki' })
  .toString();
const keyOf = (kid: string | undefined, pem = pems[0], alg?: string): VerificationKey =>
  new VerificationKey(kid, alg, pem ?? '');

/** A published key set that can be changed, held back, or taken away. */
class Publication {
  readonly clock = new TestClock();
  readonly keySet: KeySet;
  readonly withdrawn: (string | undefined)[] = [];
  readonly failures: string[] = [];
  fetches = 0;
  outage: Error | undefined;
  /** Milliseconds that an answer takes. */
  delay = 0;

  constructor(
    public publish: () => VerificationKey[] = () => [keyOf('a')],
    keySetOptions = options,
  ) {
    const events = new Subject<M2MResourceServerEvent>();
    events.subscribe((event) => {
      if (event.type === 'key-set-fetched') this.withdrawn.push(...event.withdrawn);
      if (event.type === 'key-set-failed') this.failures.push(event.error.message);
    });
    this.keySet = new KeySet('https://as.test', () => this.fetch(), keySetOptions, this.clock, events);
  }

  async fetch(): Promise<VerificationKey[]> {
    this.fetches += 1;
    const { outage, delay } = this;
    if (delay > 0) await new Promise<void>((resolve) => void this.clock.after(delay, resolve));
    if (outage) throw outage;
    return this.publish();
  }

  /** The first key that a token may be signed with. */
  async find(kid: string | undefined = 'a', alg = 'ES256'): Promise<VerificationKey> {
    const [key] = await this.keySet.find(alg, kid);
    return key as VerificationKey;
  }

  /** What is found after the keys that fit now have not verified a token. */
  findOthers(): Promise<readonly VerificationKey[]> {
    return this.keySet.findOthers('ES256', 'a', this.keySet.known('ES256', 'a'));
  }

  goDown(): void {
    this.outage = new Error('it is down');
  }

  comeBack(): void {
    this.outage = undefined;
  }
}

const unknownKey = expect.objectContaining({ constructor: InvalidTokenError, reason: 'key' });
const unavailable = (retryAfter: number): unknown =>
  expect.objectContaining({ constructor: KeysUnavailableError, retryAfter });

describe('KeySet', () => {
  it('fetches nothing until it is asked, and then once for all', async () => {
    const publication = new Publication();
    expect(publication.fetches).toBe(0);
    const keys = await Promise.all(Array.from({ length: 1000 }, () => publication.find()));
    expect(new Set(keys).size).toBe(1);
    expect(publication.fetches).toBe(1);
    await publication.clock.advance(8 * MINUTE - 1);
    await publication.find();
    expect(publication.fetches).toBe(1);
  });

  it('is renewed ahead while the keys at hand keep serving', async () => {
    const publication = new Publication();
    await publication.find();
    await publication.clock.advance(8 * MINUTE);
    publication.delay = 2 * SECOND;
    await Promise.all([publication.find(), publication.find()]);
    expect(publication.fetches).toBe(2);
    await publication.clock.advance(2 * SECOND + 8 * MINUTE - 1);
    await publication.find();
    expect(publication.fetches).toBe(3);
  });

  it('waits for new keys where the old ones have grown too old unnoticed', async () => {
    const publication = new Publication();
    await publication.find();
    publication.publish = () => [keyOf('b')];
    await publication.clock.advance(10 * MINUTE);
    expect(publication.keySet.isUsable()).toBe(false);
    await expect(publication.find('a')).rejects.toEqual(unknownKey);
    await expect(publication.find('b')).resolves.toMatchObject({ kid: 'b' });
  });

  it('keeps a key the same while it is published, and withdraws it when it is not', async () => {
    const publication = new Publication(() => [keyOf('a'), keyOf('b', pems[1])]);
    const [a, b] = [await publication.find('a'), await publication.find('b')];
    publication.publish = () => [keyOf('b', pems[1]), keyOf('a', pems[2])];
    await publication.clock.advance(10 * MINUTE);
    expect(await publication.find('b')).toBe(b);
    expect(await publication.find('a')).not.toBe(a);
    expect([a.withdrawn, b.withdrawn, publication.withdrawn]).toEqual([true, false, ['a']]);
  });

  it('looks at each key a few times only, however many there are', async () => {
    let looks = 0;
    const counted = (kid: string): VerificationKey =>
      Object.defineProperty({ kid } as VerificationKey, 'identity', { get: () => ((looks += 1), kid) });
    const kids = Array.from({ length: 1000 }, (_, index) => `key-${index}`);
    const publication = new Publication(() => kids.map(counted));
    await publication.keySet.ready();
    await publication.clock.advance(10 * MINUTE);
    await publication.keySet.ready();
    expect(publication.fetches).toBe(2);
    expect(looks).toBeLessThan(10 * kids.length);
  });

  describe('while its server is down', () => {
    it('has no keys at the start, says when to come again, and recovers by itself', async () => {
      const publication = new Publication();
      publication.goDown();
      await expect(publication.find()).rejects.toEqual(unavailable(1));
      await expect(publication.find()).rejects.toMatchObject({ message: expect.stringContaining('it is down') });
      expect(publication.fetches).toBe(1);
      publication.comeBack();
      await publication.clock.advance(SECOND);
      await expect(publication.find()).resolves.toMatchObject({ kid: 'a' });
    });

    it('says when to come again in whole seconds', async () => {
      const publication = new Publication();
      publication.goDown();
      await expect(publication.find()).rejects.toEqual(unavailable(1));
      await publication.clock.advance(SECOND);
      await expect(publication.find()).rejects.toEqual(unavailable(2));
      await publication.clock.advance(SECOND / 2);
      await expect(publication.find()).rejects.toEqual(unavailable(2));
      await publication.clock.advance(1.3 * SECOND);
      await expect(publication.find()).rejects.toEqual(unavailable(1));
    });

    it('asks at growing intervals', async () => {
      const publication = new Publication();
      publication.goDown();
      const pauses: number[] = [];
      for (let last = 0, elapsed = 0; pauses.length < 8; elapsed += SECOND) {
        const before = publication.fetches;
        await expect(publication.find()).rejects.toThrow(KeysUnavailableError);
        if (publication.fetches > before) pauses.push((elapsed - last) / SECOND);
        if (publication.fetches > before) last = elapsed;
        await publication.clock.advance(SECOND);
      }
      expect(pauses).toEqual([0, 1, 2, 4, 8, 16, 30, 30]);
      publication.comeBack();
      await publication.clock.advance(30 * SECOND);
      await publication.find();
      publication.goDown();
      await publication.clock.advance(8 * MINUTE);
      await publication.find();
      await publication.clock.advance(0);
      await expect(publication.find('new')).rejects.toEqual(unavailable(1));
    });

    it('serves the old keys for an hour beyond their age, and no request waits for it', async () => {
      const publication = new Publication();
      await publication.find();
      publication.goDown();
      publication.delay = 5 * SECOND;
      for (let minute = 0.5; minute < 70; minute += 0.5) {
        await publication.clock.advance(MINUTE / 2);
        expect(publication.keySet.isUsable()).toBe(true);
        await publication.find();
      }
      expect(publication.fetches).toBeLessThan(2 * 62 + 6);
      await publication.clock.advance(MINUTE / 2);
      expect(publication.keySet.isUsable()).toBe(false);
      publication.delay = 0;
      await publication.clock.advance(10 * SECOND);
      await expect(publication.find()).rejects.toThrow(KeysUnavailableError);
      publication.comeBack();
      await publication.clock.advance(30 * SECOND);
      await expect(publication.find()).resolves.toMatchObject({ kid: 'a' });
    });

    it.each([10, 20])('serves the old keys where they are renewed every %d s, too', async (seconds) => {
      const publication = new Publication(undefined, { ...options, maxAge: seconds * SECOND });
      await publication.find();
      publication.goDown();
      for (let second = 0; second < 30 * 60; second++) {
        await publication.clock.advance(SECOND);
        await expect(publication.find()).resolves.toBeDefined();
      }
    });

    it('answers a kid that it cannot look up with neither yes nor no', async () => {
      const publication = new Publication();
      await publication.find();
      await publication.clock.advance(MINUTE);
      publication.goDown();
      await expect(publication.find('new')).rejects.toEqual(unavailable(1));
      await expect(publication.find('other')).rejects.toEqual(unavailable(1));
      expect(publication.fetches).toBe(2);
      publication.comeBack();
      publication.publish = () => [keyOf('new')];
      await publication.clock.advance(SECOND);
      await expect(publication.find('new')).resolves.toBeDefined();
      await expect(publication.find('other')).rejects.toEqual(unknownKey);
    });

    it('asks first after a long silence, even if it was down before', async () => {
      const publication = new Publication();
      await publication.find();
      publication.goDown();
      await publication.clock.advance(9 * MINUTE);
      await publication.find();
      publication.comeBack();
      publication.publish = () => [keyOf('b')];
      await publication.clock.advance(20 * MINUTE);
      expect(publication.keySet.isUsable()).toBe(false);
      await expect(publication.find('a')).rejects.toEqual(unknownKey);
    });

    it('withdraws nothing', async () => {
      const publication = new Publication();
      const key = await publication.find();
      publication.goDown();
      await publication.clock.advance(11 * MINUTE);
      await publication.find();
      expect([key.withdrawn, publication.failures]).toEqual([false, ['it is down']]);
    });
  });

  describe('for a kid that it does not know', () => {
    it('fetches once, and then not for half a minute, whichever kids come', async () => {
      const publication = new Publication();
      await publication.find();
      await publication.clock.advance(30 * SECOND);
      const kids = Array.from({ length: 1000 }, (_, index) => `random-${index}`);
      const outcomes = await Promise.allSettled(kids.map((kid) => publication.find(kid)));
      expect(outcomes.every((outcome) => outcome.status === 'rejected')).toBe(true);
      await expect(publication.find('late')).rejects.toEqual(unknownKey);
      expect(publication.fetches).toBe(2);
      await publication.clock.advance(30 * SECOND - 1);
      await expect(publication.find('later')).rejects.toEqual(unknownKey);
      expect(publication.fetches).toBe(2);
    });

    it('counts the scheduled fetch too', async () => {
      const publication = new Publication();
      await publication.find();
      await expect(publication.find('early')).rejects.toEqual(unknownKey);
      expect(publication.fetches).toBe(1);
    });

    it('fetches at most twice a minute under a flood, while the known keys serve', async () => {
      const publication = new Publication();
      await publication.find();
      for (let index = 0; index < 10_000; index++) {
        if (index % 10 === 0) await publication.clock.advance(MINUTE / 100);
        await expect(publication.find(`random-${index}`)).rejects.toEqual(unknownKey);
      }
      expect(publication.fetches).toBeLessThanOrEqual(2 * 10 + 1);
      await expect(publication.find()).resolves.toBeDefined();
    });

    it('finds a key that was published since', async () => {
      const publication = new Publication();
      await publication.find();
      publication.publish = () => [keyOf('b')];
      await publication.clock.advance(30 * SECOND);
      await expect(publication.find('b')).resolves.toMatchObject({ kid: 'b' });
    });

    it('remembers for a minute what is not there, and finds a key that is published late', async () => {
      const publication = new Publication();
      await publication.find();
      await publication.clock.advance(30 * SECOND);
      await expect(publication.find('b')).rejects.toEqual(unknownKey);
      publication.publish = () => [keyOf('a'), keyOf('b')];
      await publication.clock.advance(MINUTE - 1);
      await expect(publication.find('b')).rejects.toEqual(unknownKey);
      expect(publication.fetches).toBe(2);
      await publication.clock.advance(1);
      await expect(publication.find('b')).resolves.toBeDefined();
    });

    it('remembers what is not there until the next fetch', async () => {
      const publication = new Publication();
      await publication.find();
      await publication.clock.advance(30 * SECOND);
      await expect(publication.find('b')).rejects.toEqual(unknownKey);
      await publication.clock.advance(30 * SECOND);
      publication.publish = () => [keyOf('a')];
      await expect(publication.find('c')).rejects.toEqual(unknownKey);
      publication.publish = () => [keyOf('a'), keyOf('b')];
      await publication.clock.advance(30 * SECOND);
      await expect(publication.find('b')).resolves.toBeDefined();
      expect(publication.fetches).toBe(4);
    });

    it('remembers a bounded number of kids, of bounded length', async () => {
      const long = 'x'.repeat(257);
      const kids = [long, ...Array.from({ length: 1000 }, (_, index) => `random-${index}`), 'one too many'];
      const isAskedForAgain = async (kid: string): Promise<boolean> => {
        const publication = new Publication();
        await publication.find();
        await publication.clock.advance(30 * SECOND);
        await Promise.allSettled(kids.map((each) => publication.find(each)));
        await publication.clock.advance(30 * SECOND);
        await expect(publication.find(kid)).rejects.toEqual(unknownKey);
        return publication.fetches > 2;
      };
      expect(await isAskedForAgain('random-999')).toBe(false);
      expect(await isAskedForAgain('one too many')).toBe(true);
      expect(await isAskedForAgain(long)).toBe(true);
    });

    it('joins a fetch that is under way', async () => {
      const publication = new Publication();
      await publication.find();
      await publication.clock.advance(8 * MINUTE);
      publication.delay = SECOND;
      publication.publish = () => [keyOf('b')];
      await publication.find();
      const found = publication.find('b');
      await publication.clock.advance(SECOND);
      await expect(found).resolves.toMatchObject({ kid: 'b' });
      expect(publication.fetches).toBe(2);
    });
  });

  describe('for a token', () => {
    it('is known without waiting once it is there', async () => {
      const publication = new Publication(() => [keyOf('a'), keyOf('b', pems[1]), keyOf('b', pems[2])]);
      const { keySet } = publication;
      expect(keySet.known('ES256', 'a')).toEqual([]);
      const key = await publication.find('a');
      expect(keySet.known('ES256', 'a')).toEqual([key]);
      expect(['b', 'c', undefined].map((kid) => keySet.known('ES256', kid).length)).toEqual([2, 0, 3]);
      expect(keySet.known('RS256', 'a')).toEqual([]);
      await publication.clock.advance(10 * MINUTE);
      expect(keySet.known('ES256', 'a')).toEqual([]);
    });

    it('takes the one key of its kid that is for its algorithm', async () => {
      const publication = new Publication(() => [keyOf('a', pems[0]), keyOf('a', pems[1], 'ES384'), keyOf('b')]);
      expect(await publication.keySet.find('ES256', 'a')).toMatchObject([{ kid: 'a', alg: undefined }]);
      await expect(publication.find('a', 'RS256')).rejects.toEqual(unknownKey);
      expect(publication.fetches).toBe(1);
    });
  });

  describe('for a signature that its keys do not verify', () => {
    it('is fetched once, however many ask, and not again for half a minute', async () => {
      const publication = new Publication();
      const old = await publication.find();
      await publication.clock.advance(30 * SECOND);
      publication.publish = () => [keyOf('a', pems[1])];
      const found = await Promise.all(Array.from({ length: 1000 }, () => publication.findOthers()));
      expect(new Set(found.flat())).toEqual(new Set([await publication.find()]));
      expect([publication.fetches, old.withdrawn, publication.withdrawn]).toEqual([2, true, ['a']]);
      publication.publish = () => [keyOf('a', pems[2])];
      await publication.clock.advance(30 * SECOND - 1);
      expect(await publication.findOthers()).toEqual([]);
      expect(publication.fetches).toBe(2);
      await publication.clock.advance(1);
      expect(await publication.findOthers()).toHaveLength(1);
    });

    it('is not fetched soon after any other fetch', async () => {
      const publication = new Publication();
      await publication.find();
      expect(await publication.findOthers()).toEqual([]);
      await publication.clock.advance(30 * SECOND);
      await expect(publication.find('new')).rejects.toEqual(unknownKey);
      expect(await publication.findOthers()).toEqual([]);
      expect(publication.fetches).toBe(2);
    });

    it('keeps to one fetch in half a minute under a flood, and then a new kid is found at once', async () => {
      const publication = new Publication();
      await publication.find();
      for (let index = 0; index < 10_000; index++) {
        if (index % 10 === 0) await publication.clock.advance(MINUTE / 100);
        expect(await publication.findOthers()).toEqual([]);
      }
      expect(publication.fetches).toBeLessThanOrEqual(2 * 10 + 2);
      publication.publish = () => [keyOf('a'), keyOf('new', pems[1])];
      expect(await publication.find('new')).toMatchObject({ kid: 'new' });
    });

    it('lets known keys serve and a new kid be fetched while that fetch hangs', async () => {
      const publication = new Publication();
      await publication.find();
      await publication.clock.advance(30 * SECOND);
      publication.delay = 5 * SECOND;
      const others = publication.findOthers();
      publication.delay = 0;
      publication.publish = () => [keyOf('a'), keyOf('new', pems[1])];
      expect(publication.keySet.known('ES256', 'a')).toHaveLength(1);
      expect(await publication.find('a')).toBeDefined();
      expect(await publication.find('new')).toBeDefined();
      expect(publication.fetches).toBe(3);
      // What that fetch brings is older, and withdraws nothing.
      publication.publish = () => [keyOf('a')];
      await publication.clock.advance(5 * SECOND);
      expect(await others).toEqual([]);
      expect(publication.keySet.known('ES256', 'new')).toHaveLength(1);
    });

    it('makes nothing unavailable if that fetch fails', async () => {
      const publication = new Publication();
      const key = await publication.find();
      await publication.clock.advance(30 * SECOND);
      publication.goDown();
      expect(await publication.findOthers()).toEqual([]);
      expect(publication.failures).toEqual(['it is down']);
      expect(await publication.find()).toBe(key);
      publication.comeBack();
      publication.publish = () => [keyOf('new')];
      expect(await publication.find('new')).toBeDefined();
      expect(publication.fetches).toBe(3);
    });

    it('joins a fetch that is under way', async () => {
      const publication = new Publication();
      await publication.find();
      await publication.clock.advance(8 * MINUTE);
      publication.delay = SECOND;
      publication.publish = () => [keyOf('a', pems[1])];
      await publication.find();
      const others = publication.findOthers();
      await publication.clock.advance(SECOND);
      expect(await others).toHaveLength(1);
      expect(publication.fetches).toBe(2);
    });

    it('is not fetched if other keys have come meanwhile', async () => {
      const publication = new Publication();
      const old = await publication.find();
      publication.publish = () => [keyOf('a', pems[1])];
      await publication.clock.advance(10 * MINUTE);
      await publication.find();
      await publication.clock.advance(MINUTE);
      expect(await publication.keySet.findOthers('ES256', 'a', [old])).toHaveLength(1);
      expect(publication.fetches).toBe(2);
    });

    it('takes the same key for no other, whatever is published beside it', async () => {
      const publication = new Publication();
      await publication.find();
      await publication.clock.advance(30 * SECOND);
      publication.publish = () => [keyOf('a', pems[0], 'ES256')];
      expect(await publication.findOthers()).toEqual([]);
    });

    it('is fetched for a kid whose key is for another algorithm, and for a token without kid', async () => {
      const publication = new Publication();
      await publication.find();
      await publication.clock.advance(30 * SECOND);
      publication.publish = () => [keyOf('a', pems[1], 'ES256'), keyOf('a', rsaPem)];
      expect(await publication.find('a', 'RS256')).toMatchObject({ kid: 'a' });
      await publication.clock.advance(30 * SECOND);
      publication.publish = () => [keyOf(undefined, pems[2])];
      const tried = publication.keySet.known('ES256', undefined);
      expect(await publication.keySet.findOthers('ES256', undefined, tried)).toHaveLength(1);
      expect(publication.fetches).toBe(3);
    });
  });

  it('sees that the machine was suspended, or that its clock was set back', async () => {
    const publication = new Publication();
    await publication.find();
    publication.clock.jump(10 * MINUTE);
    await publication.find();
    expect(publication.fetches).toBe(2);
    publication.clock.jump(-60 * MINUTE);
    await publication.clock.advance(10 * MINUTE);
    await publication.find();
    expect(publication.fetches).toBe(3);
  });

  it('can be had ready before the first token', async () => {
    const publication = new Publication();
    await publication.keySet.ready();
    await publication.keySet.ready();
    expect(publication.fetches).toBe(1);
    const down = new Publication();
    down.goDown();
    await expect(down.keySet.ready()).rejects.toEqual(unavailable(1));
  });
});
