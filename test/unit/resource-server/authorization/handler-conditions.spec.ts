import { describe, expect, it } from '@jest/globals';
import type { Condition } from '../../../../lib/resource-server/authorization/condition.js';
import { uniteConditions } from '../../../../lib/resource-server/authorization/handler-conditions.js';

const all = (...scopes: string[]): Condition => ({ decorator: 'RequireScopes', scopes });
const any = (...scopes: string[]): Condition => ({ decorator: 'RequireAnyScope', scopes });
const clients = (...names: string[]): Condition => ({ decorator: 'AllowClients', clients: names });
const open: Condition = { decorator: 'Public' };
const optional: Condition = { decorator: 'OptionalToken' };

describe('uniteConditions', () => {
  it.each<[string, Condition[], Condition[], boolean]>([
    ['nothing said: a caller is needed', [], [], false],
    ['@Public on the method', [], [open], true],
    ['@Public on the class', [open], [], true],
    ['@Public on the method lifts what the class requires', [all('x')], [open], true],
    ['a requirement on the method lifts @Public on the class', [open], [all('x')], false],
    ['beside a requirement, @Public does not count', [], [open, all('x')], false],
    ['beside a requirement, @Public of the class does not count', [all('x'), open], [], false],
    ['@OptionalToken is not @Public', [optional], [], false],
    ['beside @OptionalToken, @Public does not count', [], [open, optional], false],
    ['@OptionalToken on the method lifts @Public on the class', [open], [optional], false],
  ])('%s', (_name, ofClass, ofMethod, isPublic) => {
    expect(uniteConditions(ofClass, ofMethod).isPublic).toBe(isPublic);
  });

  it.each<[string, Condition[], Condition[], boolean]>([
    ['nothing said', [], [], false],
    ['@OptionalToken on the method', [], [optional], true],
    ['@OptionalToken on the class', [optional], [], true],
    ['@OptionalToken on both', [optional], [optional], true],
    ['@OptionalToken beside a requirement', [], [optional, all('x')], false],
    ['@OptionalToken on the method, a requirement on the class', [clients('x')], [optional], false],
    ['a requirement on the method, @OptionalToken on the class', [optional], [any('x')], false],
    ['@OptionalToken beside @Public', [], [optional, open], false],
    ['@OptionalToken on the method, @Public on the class', [open], [optional], false],
    ['@Public on the method, @OptionalToken on the class', [optional], [open], false],
  ])('the token is optional only by @OptionalToken alone: %s', (_name, ofClass, ofMethod, isTokenOptional) => {
    expect(uniteConditions(ofClass, ofMethod).isTokenOptional).toBe(isTokenOptional);
  });

  it.each<[Condition[], Condition[], string]>([
    [[all('a', 'b')], [all('b', 'c')], 'a b c'],
    [[any('x', 'y')], [all('a')], 'a x y'],
    [[], [clients('billing')], ''],
  ])('names what %j and %j need', (ofClass, ofMethod, scope) => {
    expect(uniteConditions(ofClass, ofMethod).scope).toBe(scope);
  });
});
