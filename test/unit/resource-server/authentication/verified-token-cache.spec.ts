import { inspect } from 'node:util';
import { describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import type { CallerClaims } from '../../../../lib/authorization-servers/authorization-server.js';
import type { KeySet } from '../../../../lib/resource-server/authentication/jwt/key-set.js';
import type { VerificationKey } from '../../../../lib/resource-server/authentication/jwt/verification-key.js';
import type { VerifiedToken } from '../../../../lib/resource-server/authentication/jwt/jwt-authenticator.js';
import { VerifiedCaller } from '../../../../lib/caller/verified-caller.js';
import { VerifiedTokenCache } from '../../../../lib/resource-server/authentication/verified-token-cache.js';
import { TestClock } from '../../../../lib/testing/test-clock.js';

const usable = { isUsable: () => true } as KeySet;

interface Told extends CallerClaims {
  readonly key: object;
  readonly keys: KeySet;
  readonly acceptedUntil: number;
  /** Bytes of the payload. */
  readonly size: number;
}

function verified(
  clientId: string,
  { key = {}, keys = usable, acceptedUntil = Infinity, size = 0, ...claims }: Partial<Told> = {},
): VerifiedToken {
  const read = { clientId, scopes: [], audience: [], kind: 'machine', ...claims } as const;
  const caller = new VerifiedCaller('https://as.test', read, 0, 'x'.repeat(size));
  return { caller, key: key as VerificationKey, keys, acceptedUntil };
}

function cacheOf(maxTokens = 3, ttl = 60_000): { cache: VerifiedTokenCache; clock: TestClock } {
  const clock = new TestClock();
  return { cache: new VerifiedTokenCache({ maxTokens, ttl }, clock), clock };
}

describe('VerifiedTokenCache', () => {
  it('remembers a token, and no other', () => {
    const { cache } = cacheOf();
    const token = verified('a');
    cache.set('token-a', token);
    expect(cache.get('token-a')).toBe(token.caller);
    expect(cache.get('token-A')).toBeUndefined();
    expect(cache.get('')).toBeUndefined();
  });

  it('forgets a token that is no longer accepted, by the wall clock', () => {
    const { cache, clock } = cacheOf();
    cache.set('a', verified('a', { acceptedUntil: clock.wall() + 1000 }));
    clock.jump(999);
    expect(cache.get('a')).toBeDefined();
    clock.jump(1);
    expect(cache.get('a')).toBeUndefined();
  });

  it('forgets a token after the time to live, however often it is used', async () => {
    const { cache, clock } = cacheOf();
    cache.set('a', verified('a'));
    await clock.advance(59_999);
    expect(cache.get('a')).toBeDefined();
    await clock.advance(1);
    expect(cache.get('a')).toBeUndefined();
  });

  it('forgets a token after the time to live, though the wall clock was set back', async () => {
    const { cache, clock } = cacheOf();
    cache.set('a', verified('a'));
    clock.jump(-3_600_000);
    await clock.advance(59_999);
    expect(cache.get('a')).toBeDefined();
    await clock.advance(1);
    expect(cache.get('a')).toBeUndefined();
  });

  it('forgets a token with the key that signed it', () => {
    const { cache } = cacheOf();
    const key = { withdrawn: false };
    cache.set('a', verified('a', { key }));
    cache.set('b', verified('b'));
    key.withdrawn = true;
    expect(cache.get('a')).toBeUndefined();
    expect(cache.get('b')).toBeDefined();
    key.withdrawn = false;
    expect(cache.get('a')).toBeUndefined();
  });

  it('keeps a token back while the keys of its issuer are not usable', () => {
    const { cache } = cacheOf();
    const keys = { isUsable: () => isUsable } as KeySet;
    let isUsable = false;
    cache.set('a', verified('a', { keys }));
    expect(cache.get('a')).toBeUndefined();
    isUsable = true;
    expect(cache.get('a')).toBeDefined();
  });

  it('replaces what it knows of a token', () => {
    const { cache } = cacheOf(1);
    cache.set('a', verified('old'));
    cache.set('a', verified('new'));
    expect(cache.get('a')?.clientId).toBe('new');
  });

  it('is bounded in bytes too', () => {
    const { cache } = cacheOf(10);
    const names = Array.from({ length: 10 }, (_, index) => `token-${index}`);
    for (const name of names) cache.set(name, verified(name, { size: 5000 - 400 }));
    expect(names.filter((name) => cache.get(name))).toEqual(names.slice(-4));
    cache.set('huge', verified('huge', { size: 10 * 2048 }));
    expect([...names, 'huge'].filter((name) => cache.get(name))).toEqual([]);
    for (const name of names) cache.set(name, verified(name));
    expect(names.filter((name) => cache.get(name))).toEqual(names);
  });

  it.each(['scopes', 'audience'])('counts the %s, which may be those of one token alone', (list) => {
    const { cache } = cacheOf(10);
    const names = Array.from({ length: 10 }, (_, index) => `token-${index}`);
    const items = Array.from({ length: 92 }, (_, index) => `item--${1000 + index}`);
    for (const name of names) cache.set(name, verified(name, { size: 5000 - 400 - 92 * 50, [list]: items }));
    expect(names.filter((name) => cache.get(name))).toEqual(names.slice(-4));
  });

  it('counts the client and the organization', () => {
    const { cache } = cacheOf(10);
    const names = Array.from({ length: 10 }, (_, index) => `token-${index}`);
    const [client, organization] = ['c'.repeat(3000), 'o'.repeat(1600)];
    for (const name of names) cache.set(name, verified(client, { organization }));
    expect(names.filter((name) => cache.get(name))).toEqual(names.slice(-4));
  });

  it('holds the tokens used last, whatever was done', () => {
    const token = fc.integer({ min: 0, max: 9 }).map(String);
    const steps = fc.array(fc.record({ set: fc.boolean(), token }), { maxLength: 100 });
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 5 }), steps, (maxTokens, all) => {
        const { cache } = cacheOf(maxTokens);
        const hits: [found: boolean, expected: boolean][] = [];
        let model: string[] = [];
        for (const step of all) {
          const isKnown = model.includes(step.token);
          if (step.set) cache.set(step.token, verified(step.token));
          else hits.push([cache.get(step.token) !== undefined, isKnown]);
          if (step.set || isKnown)
            model = [...model.filter((each) => each !== step.token), step.token].slice(-maxTokens);
        }
        expect(hits.filter(([found, expected]) => found !== expected)).toEqual([]);
        for (const name of model) expect(cache.get(name)?.clientId).toBe(name);
      }),
    );
  });

  it('holds no token, and shows none', () => {
    const { cache } = cacheOf();
    cache.set('eyJhbGciOiJSUzI1NiJ9.e30.c2ln', verified('a'));
    expect(inspect(cache, { depth: 9, showHidden: true })).not.toContain('eyJ');
  });
});
