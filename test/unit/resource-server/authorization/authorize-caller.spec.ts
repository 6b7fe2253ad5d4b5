import { describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import { CallerNotAllowedError } from '../../../../lib/errors/caller-not-allowed.error.js';
import { InsufficientScopeError } from '../../../../lib/errors/insufficient-scope.error.js';
import { authorizeCaller } from '../../../../lib/resource-server/authorization/authorize-caller.js';
import type { AllowedClient, Condition } from '../../../../lib/resource-server/authorization/condition.js';
import { uniteConditions } from '../../../../lib/resource-server/authorization/handler-conditions.js';
import type { M2MCaller } from '../../../../lib/caller/m2m-caller.js';

const PRIMARY = 'https://primary.test';
const PARTNER = 'https://partner.test';

const all = (...scopes: string[]): Condition => ({ decorator: 'RequireScopes', scopes });
const any = (...scopes: string[]): Condition => ({ decorator: 'RequireAnyScope', scopes });
const clients = (...names: AllowedClient[]): Condition => ({ decorator: 'AllowClients', clients: names });

interface TestCaller {
  readonly scopes?: readonly string[];
  readonly clientId?: string;
  readonly issuer?: string;
}

function answer(ofClass: Condition[], ofMethod: Condition[], caller: TestCaller = {}): 'in' | 'scope' | 'client' {
  const conditions = uniteConditions(ofClass, ofMethod);
  const { scopes = [], clientId = 'orders', issuer = PRIMARY } = caller;
  const hasScope = (scope: string): boolean => scopes.includes(scope);
  try {
    authorizeCaller({ clientId, issuer, scopes, hasScope } as M2MCaller, conditions, PRIMARY);
    return 'in';
  } catch (error) {
    if (error instanceof InsufficientScopeError) return 'scope';
    if (error instanceof CallerNotAllowedError) return 'client';
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

  it('lets a caller in exactly if every condition holds', () => {
    const scope = fc.constantFrom('a', 'b', 'c', 'd');
    const condition = fc.oneof(
      fc.array(scope).map((scopes) => all(...scopes)),
      fc.array(scope).map((scopes) => any(...scopes)),
      fc
        .array(fc.constantFrom<AllowedClient>('billing', 'orders', { issuer: PARTNER, clientId: 'orders' }))
        .map((names) => clients(...names)),
    );
    const conditions = fc.array(condition, { maxLength: 3 });
    const caller = fc.record({
      scopes: fc.array(scope),
      clientId: fc.constantFrom('billing', 'orders'),
      issuer: fc.constantFrom(PRIMARY, PARTNER),
    });
    const holds = (each: Condition, { scopes, clientId, issuer }: Required<TestCaller>): boolean => {
      if (each.decorator === 'RequireScopes') return each.scopes.every((name) => scopes.includes(name));
      if (each.decorator === 'RequireAnyScope') return each.scopes.some((name) => scopes.includes(name));
      if (each.decorator === 'Public') return true;
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
