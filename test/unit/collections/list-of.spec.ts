import { describe, expect, it } from '@jest/globals';
import { listOf } from '../../../lib/collections/list-of.js';

describe('listOf', () => {
  it('leaves a list as it is', () => {
    const list = ['a', ['b']];
    expect(listOf(list)).toBe(list);
  });

  it.each(['a', 1, undefined, null, { length: 1 }])('makes a list of %p', (value) => {
    expect(listOf(value)).toEqual([value]);
  });
});
