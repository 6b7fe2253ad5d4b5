import { inspect } from 'node:util';
import { describe, expect, it } from '@jest/globals';
import { SharedLists } from '../../../lib/resource-server/authentication/jwt/shared-lists.js';
import { VerifiedCaller } from '../../../lib/caller/verified-caller.js';

const claims = { sub: 'orders', name: 'Zoë 🚀', roles: [{ name: 'a' }], exp: 1_800_000_000 };

function callerOf(payload: object = claims): VerifiedCaller {
  const read = {
    clientId: 'orders',
    scopes: Object.freeze(['read']),
    audience: Object.freeze(['api']),
    organization: 'acme',
    kind: 'machine',
  } as const;
  const bytes = Buffer.from(JSON.stringify(payload)).toString('latin1');
  return new VerifiedCaller('https://as.test', read, claims.exp, bytes);
}

describe('VerifiedCaller', () => {
  it('reads every claim when it is asked', () => {
    expect(callerOf().claims).toEqual(claims);
    expect(callerOf().subject).toBe('orders');
    expect(callerOf({}).subject).toBeUndefined();
  });

  it('knows its scopes whole and case-sensitively', () => {
    expect(['read', 'Read', 'rea', 'read '].map((scope) => callerOf().hasScope(scope))).toEqual([
      true,
      false,
      false,
      false,
    ]);
  });

  it('cannot be changed', () => {
    const caller = callerOf();
    for (const name of ['clientId', 'scopes', 'kind', 'claims', 'expiresAt', 'subject', 'extra']) {
      expect(Reflect.set(caller, name, 'changed')).toBe(false);
    }
    const roles = caller.claims['roles'] as { name: string }[];
    expect(() => roles.push({ name: 'admin' })).toThrow(TypeError);
    expect(() => Object.assign(roles[0] ?? {}, { name: 'admin' })).toThrow(TypeError);
    caller.expiresAt.setFullYear(2999);
    expect(JSON.parse(JSON.stringify(caller))).toEqual({
      clientId: 'orders',
      issuer: 'https://as.test',
      subject: 'orders',
      audience: ['api'],
      scopes: ['read'],
      organization: 'acme',
      kind: 'machine',
      expiresAt: '2027-01-15T08:00:00.000Z',
      claims,
    });
  });

  it('prints who is calling, and not what else the token says', () => {
    expect(inspect(callerOf())).toContain('orders');
    expect(inspect(callerOf(), { showHidden: true, depth: 9 })).not.toContain('roles');
  });
});

describe('SharedLists', () => {
  it('keeps equal lists once, and lists that are not equal apart', () => {
    const lists = new SharedLists();
    const list = lists.share(['a', 'b']);
    expect(lists.share(['a', 'b'])).toBe(list);
    expect(lists.share(['a b'])).toEqual(['a b']);
    expect(lists.share(['b', 'a'])).toEqual(['b', 'a']);
    expect(Object.isFrozen(list)).toBe(true);
  });

  it('is bounded', () => {
    const lists = new SharedLists();
    const list = lists.share(['a']);
    for (let index = 0; index < 500; index++) lists.share([String(index)]);
    expect(lists.share(['a'])).not.toBe(list);
    expect(lists.share(['a'])).toEqual(['a']);
  });
});
