import { inspect } from 'node:util';
import { describe, expect, it } from '@jest/globals';
import type { M2MCaller } from '../../../lib/caller/m2m-caller.js';
import { VerifiedCaller } from '../../../lib/caller/verified-caller.js';

const claims = { sub: 'orders', name: 'Zoë 🚀', roles: [{ name: 'a' }], exp: 1_800_000_000 };

const fields = {
  clientId: 'orders',
  issuer: 'https://as.test',
  subject: 'orders',
  audience: ['api'],
  scopes: ['read'],
  organization: 'acme',
  tenant: 'tenant-7',
  kind: 'machine',
  expiresAt: 1_800_000_000_000,
  claims,
};

function callerOf(payload: { sub?: string } = claims): M2MCaller {
  const read = {
    clientId: 'orders',
    scopes: Object.freeze(['read']),
    audience: Object.freeze(['api']),
    organization: 'acme',
    kind: 'machine',
  } as const;
  const bytes = Buffer.from(JSON.stringify(payload)).toString('latin1');
  return new VerifiedCaller('https://as.test', read, payload.sub, claims.exp * 1000, bytes, [], 'tenant-7');
}

describe('VerifiedCaller', () => {
  it('has every claim', () => {
    expect(callerOf().claims).toEqual(claims);
    expect(callerOf({}).subject).toBeUndefined();
  });

  it('parses the claims once while somebody holds them', () => {
    const caller = callerOf();
    const { claims: first } = caller;
    expect(caller.claims).toBe(first);
  });

  it('has its scopes whole and case-sensitively', () => {
    expect(['read', 'Read', 'rea', 'read '].map((scope) => callerOf().hasScope(scope))).toEqual([
      true,
      false,
      false,
      false,
    ]);
  });

  it('is for an audience that its token has and that is accepted from its issuer, and never for its own client', () => {
    const read = { clientId: 'admin', scopes: [], audience: ['shop', 'other', 'admin'], kind: 'machine' } as const;
    const caller = new VerifiedCaller('https://as.test', read, undefined, 0, '{}', ['shop', 'orders', 'admin']);
    const audiences = ['shop', 'orders', 'other', 'admin', 'SHOP', 'sho', ''];
    expect(audiences.filter((each) => caller.isFor(each))).toEqual(['shop']);
  });

  it('has every field as its own, and nothing else', () => {
    expect(Object.keys(callerOf())).toEqual(Object.keys(fields));
    expect(Object.keys(callerOf({}))).toEqual(Object.keys(fields));
    expect(Object.getOwnPropertySymbols(callerOf())).toEqual([]);
  });

  it('keeps its fields if it is spread, cloned or written as JSON', () => {
    const caller = callerOf();
    expect({ ...caller }).toEqual(fields);
    expect(structuredClone(caller)).toEqual(fields);
    expect(JSON.parse(JSON.stringify(caller))).toEqual(fields);
    expect(Object.assign({}, caller)).toEqual(fields);
  });

  it('can be read through a proxy, by an heir and in a copy of its descriptors, which have no claims', () => {
    const caller = callerOf();
    const copy = Object.create(Object.prototype, Object.getOwnPropertyDescriptors(caller)) as M2MCaller;
    for (const other of [new Proxy(caller, {}), Object.create(caller) as M2MCaller, copy]) {
      expect(other.clientId).toBe('orders');
      expect(other.claims).toBeUndefined();
    }
  });

  it('has no field that is a function, which serializers would call', () => {
    expect(Object.values(callerOf()).filter((value) => typeof value === 'function')).toEqual([]);
  });

  it('shares one function for the claims of all callers', () => {
    const getters = [callerOf(), callerOf({})].map((caller) => Object.getOwnPropertyDescriptor(caller, 'claims')?.get);
    expect(getters[0]).toBeInstanceOf(Function);
    expect(getters[0]).toBe(getters[1]);
  });

  it('cannot be changed', () => {
    const caller = callerOf();
    for (const name of [...Object.keys(fields), 'extra', 'hasScope']) {
      expect(Reflect.set(caller, name, 'changed')).toBe(false);
      expect(Reflect.deleteProperty(caller, name)).toBe(!Object.hasOwn(caller, name));
    }
    const roles = caller.claims['roles'] as { name: string }[];
    expect(() => roles.push({ name: 'admin' })).toThrow(TypeError);
    expect(() => Object.assign(roles[0] ?? {}, { name: 'admin' })).toThrow(TypeError);
    expect({ ...caller }).toEqual(fields);
  });

  it('prints who is calling, and not what else the token says', () => {
    expect(inspect(callerOf())).toContain('orders');
    expect(inspect(callerOf(), { showHidden: true, depth: 9 })).not.toContain('roles');
  });
});
