import { describe, expect, it } from '@jest/globals';
import { SharedLists } from '../../../../../lib/resource-server/authentication/jwt/shared-lists.js';

describe('SharedLists', () => {
  it('keeps equal lists once, and lists that are not equal apart', () => {
    const lists = new SharedLists();
    const list = lists.share(['a', 'b']);
    expect(lists.share(['a', 'b'])).toBe(list);
    expect(lists.share(['a b'])).toEqual(['a b']);
    expect(lists.share(['a', 'b'])).toEqual(['a', 'b']);
    expect(lists.share([])).toEqual([]);
    expect(lists.share([''])).toEqual(['']);
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
