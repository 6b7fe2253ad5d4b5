import { inspect } from 'node:util';
import { describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import type { CallerClaims } from '../../../../lib/authorization-servers/authorization-server.js';
import { VerifiedCaller } from '../../../../lib/caller/verified-caller.js';
import type { AuthenticatedToken } from '../../../../lib/resource-server/authentication/access-token-authenticator.js';
import { digestOf, VerifiedTokenCache } from '../../../../lib/resource-server/authentication/verified-token-cache.js';
import { TestClock } from '../../../../lib/testing/test-clock.js';

interface Stated extends CallerClaims {
  readonly acceptedUntil: number;
  readonly isStillValid: () => boolean;
  /** Bytes of the payload. */
  readonly size: number;
}

function authenticated(
  clientId: string,
  { acceptedUntil = Infinity, isStillValid = () => true, size = 0, ...claims }: Partial<Stated> = {},
): AuthenticatedToken {
  const read = { clientId, scopes: [], audience: [], kind: 'machine', ...claims } as const;
  const caller = new VerifiedCaller('https://as.test', read, undefined, 0, 'x'.repeat(size));
  return { caller, acceptedUntil, confirmation: undefined, jti: undefined, issuedAt: undefined, isStillValid };
}

function cacheOf(maxTokens = 3, ttl = 60_000): { cache: VerifiedTokenCache; clock: TestClock } {
  const clock = new TestClock();
  return { cache: new VerifiedTokenCache({ maxTokens, ttl }, clock), clock };
}

describe('VerifiedTokenCache', () => {
  it('remembers a token, and no other', () => {
    const { cache } = cacheOf();
    const token = authenticated('a');
    cache.set('token-a', token);
    expect(cache.get('token-a')).toBe(token);
    expect(cache.get('token-A')).toBeUndefined();
    expect(cache.get('')).toBeUndefined();
  });

  it.each(['allowStale', 'ttl', 'start', 'size', 'sizeCalculation', 'noUpdateTTL'])(
    'is the same if other code has put %s on Object.prototype',
    (name) => {
      const polluted = Object.prototype as Record<string, unknown>;
      polluted[name] = 1;
      try {
        const { cache, clock } = cacheOf();
        cache.set('a', authenticated('a', { acceptedUntil: clock.wall() + 1000 }));
        expect(cache.get('a')).toBeDefined();
        clock.jump(1000);
        expect(cache.get('a')).toBeUndefined();
      } finally {
        delete polluted[name];
      }
    },
  );

  it('forgets a token that is no longer accepted, by the wall clock', () => {
    const { cache, clock } = cacheOf();
    cache.set('a', authenticated('a', { acceptedUntil: clock.wall() + 1000 }));
    clock.jump(999);
    expect(cache.get('a')).toBeDefined();
    clock.jump(1);
    expect(cache.get('a')).toBeUndefined();
  });

  it('forgets a token after the time to live, however often it is used', async () => {
    const { cache, clock } = cacheOf();
    cache.set('a', authenticated('a'));
    await clock.advance(59_999);
    expect(cache.get('a')).toBeDefined();
    await clock.advance(1);
    expect(cache.get('a')).toBeUndefined();
  });

  it('forgets a token after the time to live, though the wall clock was set back', async () => {
    const { cache, clock } = cacheOf();
    cache.set('a', authenticated('a'));
    clock.jump(-3_600_000);
    await clock.advance(59_999);
    expect(cache.get('a')).toBeDefined();
    await clock.advance(1);
    expect(cache.get('a')).toBeUndefined();
  });

  it('forgets a token after the time to live, most of which the machine was suspended', async () => {
    const { cache, clock } = cacheOf();
    cache.set('a', authenticated('a'));
    await clock.advance(1000);
    clock.jump(58_999);
    expect(cache.get('a')).toBeDefined();
    clock.jump(1);
    expect(cache.get('a')).toBeUndefined();
  });

  it('does not keep what is no longer accepted', () => {
    const { cache, clock } = cacheOf();
    cache.set('a', authenticated('a', { acceptedUntil: clock.wall() }));
    expect(cache.get('a')).toBeUndefined();
  });

  it('forgets a token whose proof no longer holds', () => {
    const { cache } = cacheOf();
    let isValid = true;
    cache.set('a', authenticated('a', { isStillValid: () => isValid }));
    cache.set('b', authenticated('b'));
    expect(cache.get('a')).toBeDefined();
    isValid = false;
    expect(cache.get('a')).toBeUndefined();
    expect(cache.get('b')).toBeDefined();
    isValid = true;
    expect(cache.get('a')).toBeUndefined();
  });

  it('replaces what it knows of a token', () => {
    const { cache } = cacheOf(1);
    cache.set('a', authenticated('old'));
    cache.set('a', authenticated('new'));
    expect(cache.get('a')?.caller.clientId).toBe('new');
  });

  it('is bounded in bytes too', () => {
    const { cache } = cacheOf(10);
    const names = Array.from({ length: 10 }, (_, index) => `token-${index}`);
    for (const name of names) cache.set(name, authenticated(name, { size: 5000 - 400 }));
    expect(names.filter((name) => cache.get(name))).toEqual(names.slice(-4));
    cache.set('huge', authenticated('huge', { size: 10 * 2048 }));
    expect([...names, 'huge'].filter((name) => cache.get(name))).toEqual(names.slice(-4));
    for (const name of names) cache.set(name, authenticated(name));
    expect(names.filter((name) => cache.get(name))).toEqual(names);
  });

  it.each(['scopes', 'audience'])('counts the %s, which may be those of one token alone', (list) => {
    const { cache } = cacheOf(10);
    const names = Array.from({ length: 10 }, (_, index) => `token-${index}`);
    const items = Array.from({ length: 92 }, (_, index) => `item--${1000 + index}`);
    for (const name of names) cache.set(name, authenticated(name, { size: 5000 - 400 - 92 * 50, [list]: items }));
    expect(names.filter((name) => cache.get(name))).toEqual(names.slice(-4));
  });

  it('counts the client and the organization', () => {
    const { cache } = cacheOf(10);
    const names = Array.from({ length: 10 }, (_, index) => `token-${index}`);
    const [client, organization] = ['c'.repeat(3000), 'o'.repeat(1600)];
    for (const name of names) cache.set(name, authenticated(client, { organization }));
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
          if (step.set) cache.set(step.token, authenticated(step.token));
          else hits.push([cache.get(step.token) !== undefined, isKnown]);
          if (step.set || isKnown)
            model = [...model.filter((each) => each !== step.token), step.token].slice(-maxTokens);
        }
        expect(hits.filter(([found, expected]) => found !== expected)).toEqual([]);
        for (const name of model) expect(cache.get(name)?.caller.clientId).toBe(name);
      }),
    );
  });

  it('holds no token, and shows none', () => {
    const token = 'eyJhbGciOiJSUzI1NiJ9.e30.c2ln';
    const { cache } = cacheOf();
    cache.set(digestOf(token), authenticated('a'));
    expect(cache.get(digestOf(token))).toBeDefined();
    expect(inspect(cache, { depth: 9, showHidden: true })).not.toContain('eyJ');
  });
});
