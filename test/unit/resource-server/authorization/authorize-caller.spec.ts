import { describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import { CallerNotAllowedError } from '../../../../lib/errors/caller-not-allowed.error.js';
import { InsufficientScopeError } from '../../../../lib/errors/insufficient-scope.error.js';
import { authorizeCaller } from '../../../../lib/resource-server/authorization/authorize-caller.js';
import type { AllowedClient, Condition } from '../../../../lib/resource-server/authorization/condition.js';
import { uniteConditions } from '../../../../lib/resource-server/authorization/handler-conditions.js';
import { InvalidTokenError } from '../../../../lib/errors/invalid-token.error.js';
import { VerifiedCaller } from '../../../../lib/caller/verified-caller.js';
import type { M2MCaller } from '../../../../lib/caller/m2m-caller.js';

const PRIMARY = 'https://primary.test';
const PARTNER = 'https://partner.test';

const all = (...scopes: string[]): Condition => ({ decorator: 'RequireScopes', scopes });
const any = (...scopes: string[]): Condition => ({ decorator: 'RequireAnyScope', scopes });
const clients = (...names: AllowedClient[]): Condition => ({ decorator: 'AllowClients', clients: names });
const audience = (name: string): Condition => ({ decorator: 'RequireAudience', audience: name });

interface TestCaller {
  readonly scopes?: readonly string[];
  readonly clientId?: string;
  readonly issuer?: string;
  readonly audience?: readonly string[];
  /** What tokens of its issuer are accepted for. */
  readonly accepted?: readonly string[];
}

const SHOP = 'https://shop.test';
const ADMIN = 'https://admin.test';

function answer(
  ofClass: Condition[],
  ofMethod: Condition[],
  caller: TestCaller = {},
): 'in' | 'scope' | 'client' | 'audience' {
  const conditions = uniteConditions(ofClass, ofMethod);
  const { scopes = [], clientId = 'orders', issuer = PRIMARY, accepted = [SHOP, ADMIN] } = caller;
  const read = { clientId, scopes, audience: caller.audience ?? [], kind: 'machine' } as const;
  try {
    authorizeCaller(new VerifiedCaller(issuer, read, undefined, 0, '{}', accepted), conditions, PRIMARY);
    return 'in';
  } catch (error) {
    if (error instanceof InsufficientScopeError) return 'scope';
    if (error instanceof CallerNotAllowedError) return 'client';
    if (error instanceof InvalidTokenError && error.reason === 'audience') return 'audience';
    throw error;
  }
}

describe('authorizeCaller', () => {
  it.each<[string[], Condition[], Condition[], ReturnType<typeof answer>]>([
    [['a', 'b'], [all('a')], [all('b')], 'in'],
    [['b'], [all('a')], [all('b')], 'scope'],
    [['a'], [all('a')], [all('b')], 'scope'],
    [['a'], [], [all('a'), all('b')], 'scope'],
    [['a', 'c'], [any('a', 'b')], [any('c', 'd')], 'in'],
    [['a', 'b'], [any('a', 'b')], [any('c', 'd')], 'scope'],
    [['A'], [], [all('a')], 'scope'],
    [['aa', 'a ', 'a b'], [], [all('a')], 'scope'],
    [['a'], [], [any()], 'scope'],
  ])('a caller with %j under %j and %j', (scopes, ofClass, ofMethod, expected) => {
    expect(answer(ofClass, ofMethod, { scopes })).toBe(expected);
  });

  it.each<[TestCaller, Condition[], Condition[], ReturnType<typeof answer>]>([
    [{ clientId: 'billing' }, [clients('billing', 'orders')], [clients('billing')], 'in'],
    [{ clientId: 'orders' }, [clients('billing', 'orders')], [clients('billing')], 'client'],
    [{ clientId: 'billing' }, [clients('orders')], [clients('billing')], 'client'],
    [{ clientId: 'billing' }, [], [clients()], 'client'],
    [{ clientId: 'billing', issuer: PARTNER }, [], [clients('billing')], 'client'],
    [{ clientId: 'billing', issuer: PARTNER }, [], [clients({ issuer: PARTNER, clientId: 'billing' })], 'in'],
    [{ clientId: 'billing', issuer: PRIMARY }, [], [clients({ issuer: PARTNER, clientId: 'billing' })], 'client'],
    [{ clientId: 'billing', issuer: PRIMARY }, [], [clients({ issuer: PRIMARY, clientId: 'billing' })], 'in'],
    [{ clientId: 'orders' }, [all('x')], [clients('billing')], 'client'],
  ])('%j under %j and %j', (caller, ofClass, ofMethod, expected) => {
    expect(answer(ofClass, ofMethod, caller)).toBe(expected);
  });

  it.each<[TestCaller, Condition[], Condition[], ReturnType<typeof answer>]>([
    [{ audience: [ADMIN] }, [], [audience(ADMIN)], 'in'],
    [{ audience: [SHOP, ADMIN] }, [audience(SHOP)], [audience(ADMIN)], 'in'],
    [{ audience: [ADMIN] }, [audience(SHOP)], [audience(ADMIN)], 'audience'],
    [{ audience: [SHOP] }, [audience(SHOP)], [audience(ADMIN)], 'audience'],
    [{ audience: [] }, [], [audience(ADMIN)], 'audience'],
    [{ audience: [`${ADMIN}/`, ADMIN.toUpperCase(), 'https://admin'] }, [], [audience(ADMIN)], 'audience'],
    [{ audience: [SHOP, ADMIN], accepted: [SHOP] }, [], [audience(ADMIN)], 'audience'],
    [{ audience: [SHOP, ADMIN], accepted: [] }, [], [audience(ADMIN)], 'audience'],
    [{ audience: [SHOP, ADMIN], clientId: ADMIN }, [], [audience(ADMIN)], 'audience'],
    [{ audience: [SHOP, ADMIN], clientId: ADMIN }, [], [audience(SHOP)], 'in'],
    [{ audience: [SHOP] }, [], [audience(ADMIN), clients('billing'), all('x')], 'audience'],
    [{ audience: [ADMIN] }, [], [audience(ADMIN), clients('billing')], 'client'],
  ])('%j under %j and %j', (caller, ofClass, ofMethod, expected) => {
    expect(answer(ofClass, ofMethod, caller)).toBe(expected);
  });

  it('takes nobody for the caller of an audience whom no token has named', () => {
    const caller: Partial<M2MCaller> = { clientId: 'orders', issuer: PRIMARY, audience: [ADMIN], scopes: [] };
    const conditions = uniteConditions([], [audience(ADMIN)]);
    expect(() => authorizeCaller(caller as M2MCaller, conditions, PRIMARY)).toThrow(InvalidTokenError);
  });

  it('lets a caller in exactly if every condition holds', () => {
    const scope = fc.constantFrom('a', 'b', 'c', 'd');
    const condition = fc.oneof(
      fc.array(scope).map((scopes) => all(...scopes)),
      fc.array(scope).map((scopes) => any(...scopes)),
      fc
        .array(fc.constantFrom<AllowedClient>('billing', 'orders', { issuer: PARTNER, clientId: 'orders' }))
        .map((names) => clients(...names)),
      fc.constantFrom(SHOP, ADMIN).map(audience),
    );
    const conditions = fc.array(condition, { maxLength: 3 });
    const caller = fc.record({
      scopes: fc.array(scope),
      clientId: fc.constantFrom('billing', 'orders'),
      issuer: fc.constantFrom(PRIMARY, PARTNER),
      audience: fc.subarray([SHOP, ADMIN]),
      accepted: fc.subarray([SHOP, ADMIN]),
    });
    const holds = (each: Condition, { scopes, clientId, issuer, ...token }: Required<TestCaller>): boolean => {
      if (each.decorator === 'RequireScopes') return each.scopes.every((name) => scopes.includes(name));
      if (each.decorator === 'RequireAnyScope') return each.scopes.some((name) => scopes.includes(name));
      if (each.decorator === 'RequireAudience') {
        return [token.audience, token.accepted].every((names) => names.includes(each.audience));
      }
      if (each.decorator !== 'AllowClients') return true;
      const own = issuer === PRIMARY ? clientId : undefined;
      return each.clients.some(
        (name) => name === own || (typeof name === 'object' && name.issuer === issuer && name.clientId === clientId),
      );
    };
    fc.assert(
      fc.property(conditions, conditions, caller, (ofClass, ofMethod, who) => {
        const expected = [...ofClass, ...ofMethod].every((each) => holds(each, who));
        expect(answer(ofClass, ofMethod, who) === 'in').toBe(expected);
      }),
    );
  });
});
