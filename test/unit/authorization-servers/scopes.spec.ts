import { describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import { readScopes, scopesIn } from '../../../lib/authorization-servers/scopes.js';

describe('scopesIn', () => {
  it.each<[string, unknown[], string[]]>([
    ['the first claim', ['a b', 'c'], ['a', 'b']],
    ['the second where the first is absent', [undefined, ['c']], ['c']],
    ['the second where the first is empty', ['', ['c']], ['c']],
    ['the second where the first is an empty list', [[], 'c d'], ['c', 'd']],
    ['the only element of a list as several', [['a b']], ['a', 'b']],
    ['an element of a longer list as one', [['a b', 'c']], ['a b', 'c']],
    ['nothing in a first one of another type', [7, 'c'], []],
    ['nothing in null', [null, 'c'], []],
    ['nothing in a list within a list', [[['a']]], []],
    ['nothing', [undefined, undefined], []],
  ])('reads %s', (_name, claims, scopes) => {
    expect(scopesIn(...claims)).toEqual(scopes);
  });
});

describe('readScopes', () => {
  it.each<[string, unknown, string[]]>([
    ['a string', 'read:products write:products', ['read:products', 'write:products']],
    ['single spaces only', 'a  b\tc\nd  ', ['a', 'b\tc\nd']],
    ['a non-breaking space as part of a name', 'a\u00a0b', ['a\u00a0b']],
    ['the only element of an array, which may be a role with a space', ['a b'], ['a b']],
    ['an array, an element each', ['a', 'b c'], ['a', 'b c']],
    ['each scope once', 'a b a', ['a', 'b']],
    ['case as it stands', 'Read read', ['Read', 'read']],
    ['nothing in an empty string', '', []],
    ['nothing in an empty array', [], []],
    ['only the texts of an array', ['a', 1, null, ['b'], { c: 'd' }, '', true], ['a']],
    ['nothing in a number', 42, []],
    ['nothing in true', true, []],
    ['nothing in an object', { 0: 'admin', length: 1 }, []],
    ['nothing in null', null, []],
    ['nothing in undefined', undefined, []],
  ])('reads %s', (_name, value, scopes) => {
    expect(readScopes(value)).toEqual(scopes);
  });

  it('reads back what was joined, whatever the names are', () => {
    const name = fc.string({ minLength: 1 }).filter((text) => !text.includes(' '));
    fc.assert(
      fc.property(fc.uniqueArray(name), (names) => {
        expect(readScopes(names.join(' '))).toEqual(names);
        expect(readScopes(names)).toEqual(names);
      }),
    );
  });

  it('never throws, and answers with texts only', () => {
    fc.assert(
      fc.property(fc.anything(), (value) => {
        expect(readScopes(value).every((scope) => typeof scope === 'string' && scope !== '')).toBe(true);
      }),
    );
  });
});
