import { describe, expect, it } from '@jest/globals';
import type { Condition } from '../../../../lib/resource-server/authorization/condition.js';
import { uniteConditions } from '../../../../lib/resource-server/authorization/handler-conditions.js';

const all = (...scopes: string[]): Condition => ({ decorator: 'RequireScopes', scopes });
const any = (...scopes: string[]): Condition => ({ decorator: 'RequireAnyScope', scopes });
const clients = (...names: string[]): Condition => ({ decorator: 'AllowClients', clients: names });
const open: Condition = { decorator: 'Public' };

describe('uniteConditions', () => {
  it.each<[string, Condition[], Condition[], boolean]>([
    ['nothing said: a caller is needed', [], [], false],
    ['@Public on the method', [], [open], true],
    ['@Public on the class', [open], [], true],
    ['@Public on the method lifts what the class requires', [all('x')], [open], true],
    ['a requirement on the method lifts @Public on the class', [open], [all('x')], false],
    ['beside a requirement, @Public does not count', [], [open, all('x')], false],
    ['beside a requirement, @Public of the class does not count', [all('x'), open], [], false],
  ])('%s', (_name, ofClass, ofMethod, isPublic) => {
    expect(uniteConditions(ofClass, ofMethod).isPublic).toBe(isPublic);
  });

  it.each<[Condition[], Condition[], string]>([
    [[all('a', 'b')], [all('b', 'c')], 'a b c'],
    [[any('x', 'y')], [all('a')], 'a x y'],
    [[], [clients('billing')], ''],
  ])('names what %j and %j need', (ofClass, ofMethod, scope) => {
    expect(uniteConditions(ofClass, ofMethod).scope).toBe(scope);
  });
});
