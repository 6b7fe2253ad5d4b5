import { describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import { readScopes } from '../../../lib/authorization-servers/scopes.js';

describe('readScopes', () => {
  it.each<[string, unknown, string[]]>([
    ['a string', 'read:products write:products', ['read:products', 'write:products']],
    ['single spaces only', 'a  b\tc\nd  ', ['a', 'b\tc\nd']],
    ['a non-breaking space as part of a name', 'a\u00a0b', ['a\u00a0b']],
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
